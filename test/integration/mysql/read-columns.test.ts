import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Column, readColumns } from '../../../src/mysql/read-columns.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
  await copying.fill(
    `CREATE TABLE a (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, slug VARCHAR(191) NOT NULL, note TEXT,
      latin CHAR(9) CHARACTER SET latin1, wide VARCHAR(9) CHARACTER SET utf16, raw VARBINARY(9), bits BIT(3),
      kind ENUM('x','y'), kinds ENUM('','y'), doc JSON, place POINT, hidden INT INVISIBLE DEFAULT 1,
      v INT AS (LENGTH(slug)) VIRTUAL, s INT AS (LENGTH(slug)) STORED, made DATETIME DEFAULT NOW())`,
    'CREATE TABLE A (other INT)',
    'CREATE TABLE b (x INT, y INT, PRIMARY KEY (y, x))',
  );
});
afterAll(() => copying[Symbol.asyncDispose]());

const names = (columns: readonly Column[], wanted: (column: Column) => boolean): string[] =>
  columns.filter(wanted).map(column => column.name);

it('tells what the copy has to know', async () => {
  const columns = await copying.readColumns('a');
  expect(names(columns, column => column.isGenerated)).toEqual(['v', 's']);
  expect(names(columns, column => column.isBinary)).toEqual(['raw', 'bits', 'place']);
  expect(names(columns, column => column.isText)).toEqual(['slug', 'note', 'latin', 'wide', 'doc']);
  expect(names(columns, column => column.isRewritable)).toEqual(['slug', 'note', 'latin', 'doc']);
  expect(names(columns, column => column.isKey)).toEqual(['id']);
  expect(names(columns, column => column.isAutoIncrement)).toEqual(['id']);
  expect(names(columns, column => column.warnsWhenEmpty)).toEqual(['kind']);
  expect(names(columns, column => !column.isNullable)).toEqual(['id', 'slug']);
  const lengths = columns.filter(column => column.isText).map(column => [column.name, column.maxLength]);
  expect(lengths).toEqual([
    ['slug', 191],
    ['note', 65_535],
    ['latin', 9],
    ['wide', 9],
    ['doc', 4_294_967_295],
  ]);
});

it('reads many tables in one query, each in its order; what is not there is missing', async () => {
  const few = await readColumns(copying.source, copying.database, ['b', 'A', 'none']);
  expect(new Map([...few].map(([table, columns]) => [table, columns.map(column => column.name)]))).toEqual(
    new Map([
      ['A', ['other']],
      ['b', ['x', 'y']],
    ]),
  );
  // More than are looked up one by one.
  const many = await readColumns(copying.source, copying.database, [
    'b',
    ...Array.from({ length: 200 }, (_, i) => `no${i}`),
  ]);
  expect([...many.keys()]).toEqual(['b']);
  expect(many.get('b')).toEqual(few.get('b'));
  expect(await readColumns(copying.source, copying.database, [])).toEqual(new Map());
});
