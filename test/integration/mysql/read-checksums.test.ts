import { afterAll, beforeAll, expect, it } from 'vitest';
import { readChecksums } from '../../../src/mysql/read-checksums.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'staging.example.edu' }]);

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

async function describeRequest(name: string) {
  return { table: { database: copying.database, name }, columns: await copying.readColumns(name) };
}

it('tells whether a source table is still what was copied, rewritten or not', async () => {
  await copying.fill(
    'CREATE TABLE blogs (blog_id INT PRIMARY KEY, domain TEXT)',
    `INSERT INTO blogs VALUES (1, 'prod.example.edu'), (2, 'x'), (3, 'prod.example.edu')`,
  );
  const rowFilter = { sql: 'blog_id IN (?)', values: [[1, 2]] };
  const result = await copying.copy('blogs', { rewriter, rowFilter });
  const request = { ...(await describeRequest('blogs')), rowFilter };
  const read = async () => (await readChecksums(copying.source, [request]))[0];
  expect(await read()).toEqual({ rows: 2, checksum: result.sourceChecksum });
  await copying.fill(`UPDATE blogs SET domain = 'y' WHERE blog_id = 3`);
  expect(await read()).toEqual({ rows: 2, checksum: result.sourceChecksum });
  await copying.fill(`UPDATE blogs SET domain = 'y' WHERE blog_id = 2`);
  expect((await read())!.checksum).not.toBe(result.sourceChecksum);
});

it('answers several tables in the order in which they were named, also without rows', async () => {
  await copying.fill(
    'CREATE TABLE big (id INT PRIMARY KEY, a TEXT, b DOUBLE(10,3), c BIGINT UNSIGNED)',
    `INSERT INTO big VALUES (1, 'prod.example.edu', 0.1, 18446744073709551615), (2, NULL, -0.0, 0)`,
    'CREATE TABLE nothing (id INT PRIMARY KEY, a BLOB)',
    'CREATE TABLE small (id INT PRIMARY KEY)',
    'INSERT INTO small VALUES (7)',
  );
  const names = ['nothing', 'big', 'small'];
  const copies = [];
  for (const name of names) copies.push(await copying.copy(name, { rewriter }));
  const requests = [];
  for (const name of names) requests.push(await describeRequest(name));
  expect(await readChecksums(copying.source, requests)).toEqual(
    copies.map(({ rows, sourceChecksum }) => ({ rows, checksum: sourceChecksum })),
  );
  expect(await readChecksums(copying.target, requests)).toEqual(
    copies.map(({ rows, checksum }) => ({ rows, checksum })),
  );
});
