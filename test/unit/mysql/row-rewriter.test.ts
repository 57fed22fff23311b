import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addCopies } from '../../../src/mysql/add-copies.ts';
import type { Column } from '../../../src/mysql/read-columns.ts';
import { Row } from '../../../src/mysql/row.ts';
import { fitsColumn, RowRewriter } from '../../../src/mysql/row-rewriter.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';

const rewriter = createRewriter([{ from: 'a.example.edu', to: 'staging.example.edu' }]);

function column(name: string, fields: Partial<Column> = {}): Column {
  const text = { dataType: 'varchar', charset: 'utf8mb4', isText: true, isRewritable: true, maxLength: 191 };
  return { name, isKey: false, isBinary: false, ...text, ...fields } as Column;
}

/** Rewrites one row of short values; returns it with what was reported. */
function rewriteRow(
  columns: readonly Column[],
  values: readonly Buffer[],
  skipColumns: readonly string[] = [],
) {
  const packet = Buffer.concat(values.flatMap(value => [Buffer.from([value.length]), value]));
  const row = new Row(columns.length);
  row.read(packet, 0);
  const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set(skipColumns) });
  rows.rewrite(row, packet, 0, packet.length, 1);
  return { row: values.map((_, i) => Buffer.from(row.value(i))), rows };
}

function rewrite(...args: Parameters<typeof rewriteRow>) {
  const { row, rows } = rewriteRow(...args);
  return { texts: row.map(String), rows };
}

const nothing = { rows: 0, bytes: 0, checksum: '0', sourceChecksum: '0', left: [] };
const url = Buffer.from('http://a.example.edu/');
const id = column('id', { isKey: true, dataType: 'int', charset: null, isText: false, isRewritable: false });
const bytes: Partial<Column> = { dataType: 'blob', charset: null, isText: false, isRewritable: false };

describe('RowRewriter', () => {
  it('rewrites text and nothing else', () => {
    const columns = [column('text'), column('raw', { ...bytes, isBinary: true }), column('skipped')];
    const { texts, rows } = rewrite(columns, [url, url, url], ['skipped']);
    expect(texts).toEqual(['http://staging.example.edu/', 'http://a.example.edu/', 'http://a.example.edu/']);
    expect(rows.changedByColumn).toEqual({ text: 1 });
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'F10 counts values of a column by any name: %s',
    name => {
      const { changedByColumn } = rewrite([column(name)], [url]).rows;
      expect(Object.entries(changedByColumn)).toEqual([[name, 1]]);
      const once = { ...nothing, changedByColumn };
      expect(Object.entries(addCopies([once, once]).changedByColumn)).toEqual([[name, 2]]);
    },
  );

  it('never cuts a text that outgrows its column (H20)', () => {
    const columns = [id, column('slug', { maxLength: 15 })];
    const { texts, rows } = rewrite(columns, [Buffer.from('12'), Buffer.from('a.example.edu/x')]);
    expect(texts).toEqual(['12', 'a.example.edu/x']);
    expect(rows.left).toEqual([{ column: 'slug', reason: 'too_long', values: 1, keys: ['id=12'] }]);
    expect(rows.changedByColumn).toEqual({});
  });

  it.each<[string, Partial<Column>, string[]]>([
    ['binary', { ...bytes, isBinary: true }, []],
    ['enum', { dataType: 'enum', isText: false, isRewritable: false }, []],
    ['enum', { dataType: 'set', isText: false, isRewritable: false }, []],
    ['skipped_column', {}, ['c']],
    ['skipped_column', { ...bytes, isBinary: true }, ['c']],
  ])('counts what it does not touch: %s', (reason, fields, skipColumns) => {
    const columns = [id, column('c', fields)];
    const leftOf = (value: string) =>
      rewrite(columns, [Buffer.from('12'), Buffer.from(value)], skipColumns).rows.left;
    expect(leftOf('see http://a.example.edu/')).toEqual([
      { column: 'c', reason, values: 1, keys: ['id=12'] },
    ]);
    expect(leftOf('s:99:"a.example.edu";')[0]).toMatchObject({ reason, values: 1 });
    // Another host, an address that stays in any case, nothing: the column is named, but for an enum.
    const none = reason === 'enum' ? [] : [{ column: 'c', reason, values: 0, keys: [] }];
    for (const value of ['a.example.edu.evil.com', 'joe@a.example.edu', 'x'])
      expect(leftOf(value)).toEqual(none);
  });

  it('rewrites values before and behind the first that names the source, if they were replaced by one that does', () => {
    const columns = ['a', 'b', 'c', 'd', 'e'].map(name => column(name));
    const packet = Buffer.concat([
      Buffer.from('\x01x\x15'),
      url,
      Buffer.from('\x01x\x15'),
      url,
      Buffer.from([0xfb]),
    ]);
    for (const replaced of [[], [0], [2], [0, 2], [1], [4], [0, 1, 2, 3, 4]]) {
      const row = new Row(columns.length);
      row.read(packet, 0);
      for (const index of replaced) row.replace(index, url);
      const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set() });
      rows.rewrite(row, packet, 0, packet.length, 1);
      const changed = [...new Set([1, 3, ...replaced])].sort().map(index => [columns[index]!.name, 1]);
      expect(rows.changedByColumn).toEqual(Object.fromEntries(changed));
    }
  });

  it('does not count numbers, nor NULL', () => {
    const packet = Buffer.from('\x0da.example.edu\xfb', 'latin1');
    const row = new Row(2);
    row.read(packet, 0);
    const columns = [id, column('raw', { ...bytes, isBinary: true })];
    const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set(['id']) });
    expect(rows.rewrite(row, packet, 0, packet.length, 1)).toBe(false);
    expect(rows.left).toEqual([{ column: 'raw', reason: 'binary', values: 0, keys: [] }]);
  });

  const wide: [string, (text: string) => Buffer][] = [
    ['utf16', text => Buffer.from(text, 'utf16le').swap16()],
    ['ucs2', text => Buffer.from(text, 'utf16le').swap16()],
    ['utf16le', text => Buffer.from(text, 'utf16le')],
    [
      'utf32',
      text =>
        Buffer.concat(
          Array.from(text, sign => Buffer.from([0, 0, sign.charCodeAt(0) >> 8, sign.charCodeAt(0) & 255])),
        ),
    ],
  ];
  it.each(wide)('reports a host in %s text, which it does not rewrite', (charset, encode) => {
    const leftOf = (text: string, skipColumns: string[] = []) =>
      rewrite([column('wide', { charset, isRewritable: false })], [encode(text)], skipColumns).rows.left;
    const found = { column: 'wide', reason: 'charset', values: 1, keys: ['row 1 (no primary key)'] };
    expect(leftOf('see a.example.edu')).toEqual([found]);
    expect(leftOf('ſee A.Example.EDU!')).toEqual([found]);
    expect(leftOf('a.example.edu', ['wide'])).toEqual([{ ...found, reason: 'skipped_column' }]);
    for (const other of ['xa.example.edu', 'nothing', '\u6161.example.edu']) {
      expect(leftOf(other)).toEqual([{ ...found, values: 0, keys: [] }]);
    }
  });

  it('names a row by the key that it has afterwards', () => {
    const columns = [column('broken'), column('url', { isKey: true })];
    const { rows } = rewrite(columns, [Buffer.from('s:99:"a.example.edu";'), url]);
    expect(rows.left).toMatchObject([{ column: 'broken', keys: ['url=http://staging.example.edu/'] }]);
  });

  it('counts a value with two reasons for both', () => {
    const { texts, rows } = rewrite([column('text')], [Buffer.from('s:99:"a.example.edu";')]);
    expect(texts).toEqual(['s:99:"a.example.edu";']);
    expect(rows.left).toMatchObject([{ reason: 'broken_serialized', values: 1 }]);
    const both = rewrite(
      [column('text', { maxLength: 40 })],
      [Buffer.from('a.example.edu joe@a.example.edu b c d e')],
    );
    expect(both.rows.left).toMatchObject([
      { reason: 'email', values: 1 },
      { reason: 'too_long', values: 1 },
    ]);
  });

  it('counts exactly and keeps the keys of the first ten', () => {
    const rows = new RowRewriter({
      columns: [column('slug', { maxLength: 13 })],
      rewriter,
      skipColumns: new Set(),
    });
    rewriteOften(rows, 1, 100_000);
    expect(rows.left).toEqual([
      {
        column: 'slug',
        reason: 'too_long',
        values: 100_000,
        keys: Array.from({ length: 10 }, (_, i) => `row ${i + 1} (no primary key)`),
      },
    ]);
  });

  it('stays small in a table with very many columns, and has a key of each', () => {
    const columns = Array.from({ length: 1_000 }, (_, i) => column(`c${i}`, { maxLength: 13 }));
    const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set() });
    rewriteOften(rows, columns.length, 20);
    expect(rows.left).toHaveLength(1_000);
    expect(rows.left.every(({ values, keys }) => values === 20 && keys.length > 0)).toBe(true);
    expect(JSON.stringify(rows.left).length).toBeLessThan(120_000);
  });

  it('refuses to send a value that the rules would change again', () => {
    const text = 'http://a.example.edu/';
    const unstable = {
      ...rewriter,
      findHit: (_buffer: Buffer, start: number) => start,
      rewrite: (value: Buffer) => ({
        ...rewriter.rewrite(value),
        changed: true,
        value: Buffer.concat([value, Buffer.from('!')]),
      }),
    };
    const rows = new RowRewriter({
      columns: [id, column('text')],
      rewriter: unstable,
      skipColumns: new Set(),
    });
    const packet = Buffer.concat([Buffer.from('\x0212'), Buffer.from([text.length]), Buffer.from(text)]);
    const row = new Row(2);
    row.read(packet, 0);
    expect(() => rows.rewrite(row, packet, 0, packet.length, 1)).toThrow(
      expect.objectContaining({ code: 'verification', details: { column: 'text', key: 'id=12' } }),
    );
  });

  it('rewrites inside base64 only where it is told to', () => {
    const encoded = Buffer.from(url.toString('base64'));
    const columns = [id, column('layout', { maxLength: 38 }), column('text')];
    const packet = Buffer.concat(
      [Buffer.from('12'), encoded, encoded].flatMap(value => [Buffer.from([value.length]), value]),
    );
    const row = new Row(3);
    row.read(packet, 0);
    const base64Columns = new Set(['layout']);
    const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set(), base64Columns });
    expect(rows.rewrite(row, packet, 0, packet.length, 1)).toBe(true);
    expect(Buffer.from(row.value(1).toString(), 'base64').toString()).toBe('http://staging.example.edu/');
    expect(row.value(2)).toEqual(encoded);
    expect(rows.changedByColumn).toEqual({ layout: 1 });
  });

  it('sends a value in which something stays for a reason', () => {
    const { texts } = rewrite([column('text')], [Buffer.from('http://a.example.edu/ joe@a.example.edu')]);
    expect(texts).toEqual(['http://staging.example.edu/ joe@a.example.edu']);
  });
});

/** Rows of one host in every column. */
function rewriteOften(rows: RowRewriter, columnCount: number, times: number): void {
  const packet = Buffer.from('\x0da.example.edu'.repeat(columnCount), 'latin1');
  const row = new Row(columnCount);
  for (let i = 1; i <= times; i++) {
    row.read(packet, 0);
    rows.rewrite(row, packet, 0, packet.length, i);
  }
}

describe('fitsColumn', () => {
  it.each([
    ['varchar counts characters', { maxLength: 3 }, 'äöü', true],
    ['varchar at its limit', { maxLength: 3 }, 'äöüß', false],
    ['a character of four bytes is one', { maxLength: 1 }, '😀', true],
    ['text counts bytes', { dataType: 'tinytext', maxLength: 3 }, 'äö', false],
    ['latin1 has a byte for each', { charset: 'latin1', maxLength: 3 }, 'abcd', false],
    ['json has no limit', { dataType: 'json', maxLength: null }, 'x'.repeat(300), true],
  ])('%s', (_, fields, value, fits) => {
    expect(fitsColumn(column('c', fields), Buffer.from(value))).toBe(fits);
  });
});

describe('F24 a hash beside the value that it is of', () => {
  const [old, fresh] = ['https://a.example.edu/Hello/', 'https://staging.example.edu/Hello/'];
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const hex = (name: string, text: string): string => createHash(name).update(text).digest('hex');
  const number = column('url_crc', { dataType: 'int', charset: null, isText: false, isRewritable: false });
  const binary = column('lookup', { ...bytes, dataType: 'binary', isBinary: true });

  it.each<[string, Column, (text: string) => string | Buffer]>([
    ['Yoast SEO', column('permalink_hash', { maxLength: 40 }), text => `${text.length}:${md5(text)}`],
    ['MD5', column('key', { dataType: 'char', maxLength: 32 }), md5],
    ['MD5 in capitals', column('key', { dataType: 'char', maxLength: 32 }), text => md5(text).toUpperCase()],
    ['SHA-1', column('sum'), text => hex('sha1', text)],
    ['SHA-256', column('sum'), text => hex('sha256', text)],
    ['bytes of MD5', binary, text => createHash('md5').update(text).digest()],
    ['bytes of SHA-1', binary, text => createHash('sha1').update(text).digest()],
    ['bytes of SHA-256', binary, text => createHash('sha256').update(text).digest()],
    ['CRC-32', number, text => String(crc32(text))],
    ['CRC-32 in hex', column('sum'), text => crc32(text).toString(16).padStart(8, '0')],
    ['MD5 in lower case', column('sum'), text => md5(text.toLowerCase())],
    ['MD5 without a slash at the end', column('sum'), text => md5(text.replace(/\/$/, ''))],
    ['MD5 without the scheme', column('sum'), text => md5(text.slice('https://'.length))],
    ['MD5 of host and path', column('sum'), text => md5(text.slice('https://'.length, -1))],
  ])('%s: is that of the new one', (_, hashes, make) => {
    for (const columns of [
      [column('url'), hashes],
      [hashes, column('url')],
    ]) {
      const row = (text: string) =>
        columns.map(({ name }) => Buffer.from(name === 'url' ? text : make(text)));
      const { row: found, rows } = rewriteRow(columns, row(old));
      expect(found).toEqual(row(fresh));
      expect(rows.changedByColumn).toEqual({ url: 1, [hashes.name]: 1 });
      expect(rows.left.filter(({ reason }) => reason === 'hash')).toEqual([]);
    }
  });

  it.each<[string, Column[], string[], string[]]>([
    [
      'of something else, by its name of this',
      [id, column('url'), column('url_hash')],
      ['7', old, md5('?')],
      ['id=7'],
    ],
    ['of something else', [id, column('url'), column('session')], ['7', old, md5('?')], []],
    ['no hash', [id, column('url'), column('url_hash')], ['7', old, 'none'], []],
    ['of nothing that was rewritten', [id, column('url'), column('url_hash')], ['7', 'b', md5('?')], []],
    [
      'a number that is none',
      [id, column('url'), { ...number, name: 'count' }],
      ['7', old, String(crc32(old))],
      [],
    ],
  ])('%s: stays', (_, columns, values, keys) => {
    const { row, rows } = rewriteRow(
      columns,
      values.map(text => Buffer.from(text)),
    );
    expect(row[2]).toEqual(Buffer.from(values[2]!));
    expect(rows.left.flatMap(left => (left.reason === 'hash' ? left.keys : []))).toEqual(keys);
  });

  it('in a column that is to be left stays', () => {
    const { texts } = rewrite(
      [column('url'), column('hash')],
      [Buffer.from(old), Buffer.from(md5(old))],
      ['hash'],
    );
    expect(texts[1]).toBe(md5(old));
  });
});
