import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/mysql/read-columns.ts';
import { describeKey, Row } from '../../../src/mysql/row.ts';

/** A row's packet; a value's length has one to nine bytes. */
function packet(values: readonly (string | null)[]): Buffer {
  const parts = values.flatMap(value => {
    if (value === null) return [Buffer.from([0xfb])];
    const length = Buffer.byteLength(value);
    if (length < 0xfb) return [Buffer.from([length]), Buffer.from(value)];
    const bytes = length < 2 ** 16 ? 2 : length < 2 ** 24 ? 3 : 8;
    const header = Buffer.alloc(1 + bytes);
    header[0] = { 2: 0xfc, 3: 0xfd, 8: 0xfe }[bytes]!;
    header.writeUIntLE(length, 1, Math.min(bytes, 6));
    return [header, Buffer.from(value)];
  });
  return Buffer.concat(parts);
}

function read(values: readonly (string | null)[]): Row {
  const row = new Row(values.length);
  row.read(Buffer.concat([Buffer.from('junk'), packet(values)]), 4);
  return row;
}

const column = (name: string, fields: Partial<Column> = {}): Column =>
  ({ name, isKey: false, isBinary: false, ...fields }) as Column;

describe('Row', () => {
  it.each([0, 1, 250, 251, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24])('reads a value of %i bytes', length => {
    const row = read(['a', 'v'.repeat(length), null, '']);
    expect([0, 1, 3].map(i => row.value(i).length)).toEqual([1, length, 0]);
    expect([0, 1, 2, 3].map(i => row.isNull(i))).toEqual([false, false, true, false]);
    expect(row.sizeBytes).toBe(1 + length);
  });

  it('gives a replaced value', () => {
    const row = read(['one', 'two', 'three']);
    row.replace(1, Buffer.from('longer'));
    expect([0, 1, 2].map(i => row.value(i).toString())).toEqual(['one', 'longer', 'three']);
    expect(row.sizeBytes).toBe(14);
  });
});

describe('describeKey', () => {
  const key = (name: string, fields: Partial<Column> = {}): Column =>
    column(name, { isKey: true, ...fields });

  it('names a row by its primary key, bytes and wide text as hexadecimal digits', () => {
    const columns = [
      key('object_id'),
      column('text'),
      key('raw', { isBinary: true }),
      key('wide', { isText: true, isRewritable: false }),
      key('slug', { isText: true, isRewritable: true }),
    ];
    const row = read(['7', 'x', '\x01\x02', '\0a', 'über']);
    expect(describeKey(row, columns)).toBe('object_id=7, raw=0x0102, wide=0x0061, slug=über');
  });

  it('shows a text that is no UTF-8 as hexadecimal digits', () => {
    const row = new Row(1);
    row.read(Buffer.from('\x04\xfcber', 'latin1'), 0);
    expect(describeKey(row, [key('slug', { charset: 'latin1' })])).toBe('slug=0xfc626572');
  });

  it('has no name for a row without a key', () => {
    expect(describeKey(read(['7']), [column('a')])).toBeNull();
  });

  it('cuts a long key, and shows that', () => {
    expect(describeKey(read(['k'.repeat(500)]), [key('k')])).toBe(`k=${'k'.repeat(100)}…`);
    expect(describeKey(read(['k'.repeat(100)]), [key('k')])).toBe(`k=${'k'.repeat(100)}`);
  });
});
