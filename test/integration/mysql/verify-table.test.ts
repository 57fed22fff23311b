import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSourceChecksum } from '../../../src/mysql/verify-table.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const rewriter = createRewriter([
  { from: 'prod.example.edu', to: 'staging.example.edu' },
  { from: '/files_1/', to: '/files_2/' },
]);

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

/** A copied table of three rows, then changed by a statement on the target. */
async function copyAndSpoil(table: string, spoil: string) {
  await copying.fill(
    `CREATE TABLE ${table} (id INT PRIMARY KEY, a TEXT, b TEXT, n INT)`,
    `INSERT INTO ${table} VALUES (1, 'one', 'eins', 1), (2, '', NULL, 0), (3, 'three', 'drei', 3)`,
  );
  const result = await copying.copy(table);
  await copying.target.execute(spoil);
  return result;
}

describe('the checksum', () => {
  it.each([
    ['a changed byte', "UPDATE t SET a = 'onE' WHERE id = 1"],
    ['a value cut short', "UPDATE t SET b = 'drei' WHERE id = 1"],
    ['NULL for an empty text', 'UPDATE t SET a = NULL WHERE id = 2'],
    ['an empty text for NULL', "UPDATE t SET b = '' WHERE id = 2"],
    ['values that changed places between rows', 'UPDATE t SET n = 4 - n WHERE id IN (1, 3)'],
    ['values that changed places in a row', "UPDATE t SET a = 'eins', b = 'one' WHERE id = 1"],
    ['a row for another', 'UPDATE t SET id = 4 WHERE id = 3'],
  ])('notices %s', async (what, spoil) => {
    const table = what.replaceAll(/\W/g, '_');
    const result = await copyAndSpoil(table, spoil.replace('UPDATE t', `UPDATE ${table}`));
    await expect(copying.verify(table, result)).rejects.toMatchObject({
      code: 'verification',
      details: { sentChecksum: result.checksum, storedChecksum: expect.any(String) },
    });
    await copying.verify(table, result, { mode: 'counts' });
    await copying.verify(table, result, { mode: 'off' });
  });

  it('does not depend on the order of rows', async () => {
    const result = await copyAndSpoil('sorted', 'ALTER TABLE sorted DROP PRIMARY KEY, ADD PRIMARY KEY (n)');
    await copying.verify('sorted', result);
  });
});

describe('the count', () => {
  it.each(['counts', 'checksum'] as const)('is exact by %s', async mode => {
    const table = `count_${mode}`;
    const result = await copyAndSpoil(table, `DELETE FROM ${table} WHERE id = 2`);
    await expect(copying.verify(table, result, { mode })).rejects.toMatchObject({
      code: 'verification',
      message: expect.stringContaining('has 2 rows, but 3 were sent'),
      details: { sentRows: 3, storedRows: 2 },
    });
  });
});

describe('the search for source hosts', () => {
  /** Rows that no rewriter saw. */
  async function stage(table: string, definition: string, ...values: readonly string[]) {
    await copying.fill(
      `CREATE TABLE ${table} (${definition})`,
      `INSERT INTO ${table} VALUES ${values.join(', ')}`,
    );
    return copying.copy(table);
  }

  it.each([
    ['plain', 'a TEXT', `'see http://prod.example.edu/'`],
    ['upper_case', 'a TEXT', `'see http://PROD.Example.EDU/'`],
    ['serialized', 'a LONGTEXT', `'s:16:"prod.example.edu";'`],
    ['latin1', 'a VARCHAR(90) CHARACTER SET latin1', `'prod.example.edu'`],
    ['pattern', 'a VARCHAR(90)', `'/files_1/x.png'`],
  ])('finds one that was not rewritten: %s', async (table, column, value) => {
    const result = await stage(
      `left_${table}`,
      `id INT PRIMARY KEY, ${column}`,
      `(1, 'fine')`,
      `(12, ${value})`,
    );
    await expect(copying.verify(`left_${table}`, result, { rewriter })).rejects.toMatchObject({
      code: 'verification',
      details: { column: 'a', key: 'id=12' },
    });
    await copying.verify(`left_${table}`, result, { rewriter, skipColumns: new Set(['a']) });
    await copying.verify(`left_${table}`, result, { rewriter, mode: 'counts' });
  });

  it.each([
    ['mail', 'a TEXT', `'joe@prod.example.edu'`],
    ['other_host', 'a TEXT', `'xprod.example.edu'`],
    ['broken', 'a TEXT', `'s:99:"prod.example.edu";'`],
    ['bytes', 'a BLOB', `'prod.example.edu'`],
    ['too_long', 'a VARCHAR(16)', `'prod.example.edu'`],
    ['member', "a ENUM('prod.example.edu')", `'prod.example.edu'`],
    ['like_a_pattern', 'a TEXT', `'/filesX1/x.png'`],
  ])('passes what is left for a reason: %s', async (table, column, value) => {
    const result = await stage(`fine_${table}`, `id INT PRIMARY KEY, ${column}`, `(12, ${value})`);
    await copying.verify(`fine_${table}`, result, { rewriter });
  });
});

it('rejects with the reason when it is told to stop', async () => {
  const result = await copyAndSpoil('stopped', 'DO 0');
  const stop = new AbortController();
  const verifying = copying.verify('stopped', result, { signal: stop.signal });
  stop.abort('deadline');
  await expect(verifying).rejects.toBe('deadline');
});

describe('readSourceChecksum', () => {
  it('tells whether a source table is still what was copied, rewritten or not', async () => {
    await copying.fill(
      'CREATE TABLE blogs (blog_id INT PRIMARY KEY, domain TEXT)',
      `INSERT INTO blogs VALUES (1, 'prod.example.edu'), (2, 'x'), (3, 'prod.example.edu')`,
    );
    const rowFilter = { sql: 'blog_id IN (?)', values: [[1, 2]] };
    const result = await copying.copy('blogs', { rewriter, rowFilter });
    const table = { database: copying.database, name: 'blogs' };
    const read = async () =>
      readSourceChecksum({
        source: copying.source,
        table,
        columns: await copying.readColumns('blogs'),
        rowFilter,
      });
    expect(await read()).toEqual({ rows: 2, checksum: result.sourceChecksum });
    await copying.fill(`UPDATE blogs SET domain = 'y' WHERE blog_id = 3`);
    expect(await read()).toEqual({ rows: 2, checksum: result.sourceChecksum });
    await copying.fill(`UPDATE blogs SET domain = 'y' WHERE blog_id = 2`);
    expect((await read()).checksum).not.toBe(result.sourceChecksum);
  });
});
