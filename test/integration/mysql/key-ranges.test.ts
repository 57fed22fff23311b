import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseBoundaries, cutRest, filterRange, findRangeKey, type RangeKey } from '../../../src/mysql/key-ranges.ts';
import { buildWhere } from '../../../src/mysql/row-filter.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

const place = (name: string) => ({ database: copying.database, name });

async function findKey(name: string): Promise<RangeKey | null> {
  return findRangeKey(copying.source, place(name), await copying.readColumns(name));
}

/** The rows of each range, as the server finds them. */
async function countRows(name: string, count: number): Promise<number[]> {
  const key = (await findKey(name))!;
  const ranges = cutRest([], await chooseBoundaries(copying.source, place(name), key, count));
  const rows: number[] = [];
  for (const range of ranges) {
    const where = buildWhere(copying.source, filterRange(key, range));
    const [found] = await copying.source.query<{ n: string }>(`SELECT COUNT(*) AS n FROM ${name} ${where}`);
    rows.push(Number(found!.n));
  }
  return rows;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('the key by which a table is divided', () => {
  it.each([
    ['id BIGINT UNSIGNED PRIMARY KEY, v INT', { column: 'id', index: 'PRIMARY', isOnlyUniqueKey: true }],
    [
      'object_id INT, term_id INT, KEY (term_id), PRIMARY KEY (object_id, term_id)',
      { column: 'object_id', index: 'PRIMARY', isOnlyUniqueKey: true },
    ],
    [
      'id INT PRIMARY KEY, name VARCHAR(20), UNIQUE (name)',
      { column: 'id', index: 'PRIMARY', isOnlyUniqueKey: false },
    ],
    [
      'id INT PRIMARY KEY, name VARCHAR(20), UNIQUE both_of (id, name)',
      { column: 'id', index: 'PRIMARY', isOnlyUniqueKey: true },
    ],
    ['id INT NOT NULL, UNIQUE only_one (id)', { column: 'id', index: 'only_one', isOnlyUniqueKey: true }],
    ['id INT, UNIQUE (id)', null],
    ['id INT NOT NULL, KEY (id)', null],
    ['name VARCHAR(20) PRIMARY KEY, id INT NOT NULL, UNIQUE (id)', null],
    ['d DECIMAL(10) PRIMARY KEY', null],
    ['v INT, w INT', null],
  ])('of a table with %s', async (columns, expected) => {
    await copying.fill(`CREATE OR REPLACE TABLE keyed (${columns})`);
    expect(await findKey('keyed')).toEqual(expected);
  });
});

describe('ranges of a table', () => {
  it.each([
    ['without gaps', 'BIGINT UNSIGNED', ['SELECT seq, seq FROM seq_1_to_20000']],
    [
      'with leaps and the largest number there is',
      'BIGINT UNSIGNED',
      [
        'SELECT seq, seq FROM seq_1_to_10000',
        'SELECT 1000000000000 + seq * 7, seq FROM seq_1_to_10000',
        'SELECT 18446744073709551615, 1',
      ],
    ],
    [
      'with numbers below zero',
      'BIGINT',
      [
        'SELECT -9223372036854775808, 1',
        'SELECT CAST(seq * 1000 AS SIGNED) - 10000000, seq FROM seq_1_to_20000',
      ],
    ],
  ])('%s have about as many rows each, and every row once', async (_what, type, fills) => {
    await copying.fill(
      `CREATE OR REPLACE TABLE spread (id ${type} PRIMARY KEY, v INT, t CHAR(200) DEFAULT 'x')`,
      ...fills.map(fill => `INSERT INTO spread (id, v) ${fill}`),
      'ANALYZE TABLE spread',
    );
    const total = sum(await countRows('spread', 1));
    const rows = await countRows('spread', 8);
    expect(sum(rows)).toBe(total);
    expect(rows.length).toBeGreaterThan(5);
    expect(Math.max(...rows)).toBeLessThan((total / 8) * 2.5);
  });

  it('divide a key of several columns by its first', async () => {
    await copying.fill(
      'CREATE TABLE pairs (object_id INT, term_id INT, PRIMARY KEY (object_id, term_id))',
      'INSERT INTO pairs SELECT seq DIV 100, seq FROM seq_1_to_20000',
      'INSERT INTO pairs SELECT 77, 100000 + seq FROM seq_1_to_20000',
      'ANALYZE TABLE pairs',
    );
    const rows = await countRows('pairs', 6);
    expect(sum(rows)).toBe(40_000);
    expect(rows.length).toBeGreaterThan(2);
  });

  it('of an empty table, or of one row, are one', async () => {
    await copying.fill('CREATE TABLE few (id INT PRIMARY KEY)');
    expect(await countRows('few', 8)).toEqual([0]);
    await copying.fill('INSERT INTO few VALUES (5)');
    expect(await countRows('few', 8)).toEqual([1]);
  });
});
