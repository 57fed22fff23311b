import { describe, expect, it } from 'vitest';
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
function rewrite(columns: readonly Column[], values: readonly Buffer[], skipColumns: readonly string[] = []) {
  const packet = Buffer.concat(values.flatMap(value => [Buffer.from([value.length]), value]));
  const row = new Row(columns.length);
  row.read(packet, 0);
  const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set(skipColumns) });
  rows.rewrite(row, packet, 0, packet.length, 1);
  return { texts: values.map((_, i) => row.value(i).toString()), rows };
}

describe('RowRewriter', () => {
  it('rewrites text and nothing else', () => {
    const url = Buffer.from('http://a.example.edu/');
    const columns = [
      column('text'),
      column('raw', { isText: false, isRewritable: false }),
      column('skipped'),
    ];
    const { texts, rows } = rewrite(columns, [url, url, url], ['skipped']);
    expect(texts).toEqual(['http://staging.example.edu/', 'http://a.example.edu/', 'http://a.example.edu/']);
    expect(rows.changedByColumn).toEqual({ text: 1 });
    expect(rows.left).toEqual([]);
  });

  it('never cuts a text that outgrows its column (H20)', () => {
    const columns = [column('id', { isKey: true, isText: false }), column('slug', { maxLength: 15 })];
    const { texts, rows } = rewrite(columns, [Buffer.from('12'), Buffer.from('a.example.edu/x')]);
    expect(texts).toEqual(['12', 'a.example.edu/x']);
    expect(rows.left).toEqual([{ column: 'slug', key: 'id=12', reason: 'too_long' }]);
    expect(rows.changedByColumn).toEqual({});
  });

  it.each([
    ['utf16', Buffer.from('see a.example.edu', 'utf16le').swap16()],
    ['ucs2', Buffer.from('see a.example.edu', 'utf16le').swap16()],
    ['utf16le', Buffer.from('see a.example.edu', 'utf16le')],
    [
      'utf32',
      Buffer.from(
        Buffer.from('see a.example.edu')
          .toJSON()
          .data.flatMap(byte => [0, 0, 0, byte]),
      ),
    ],
  ])('reports a host in %s text, which it does not rewrite', (charset, value) => {
    const { rows } = rewrite([column('wide', { charset, isRewritable: false })], [value]);
    expect(rows.left).toEqual([{ column: 'wide', key: 'row 1', reason: 'charset' }]);
  });

  it('lists a hundred values and counts the rest', () => {
    const columns = [column('slug', { maxLength: 13 })];
    const packet = Buffer.from('\x0da.example.edu', 'latin1');
    const row = new Row(1);
    const rows = new RowRewriter({ columns, rewriter, skipColumns: new Set() });
    for (let i = 1; i <= 130; i++) {
      row.read(packet, 0);
      rows.rewrite(row, packet, 0, packet.length, i);
    }
    expect([rows.left.length, rows.leftTotal]).toEqual([100, 130]);
  });
});

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
