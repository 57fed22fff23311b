// What is left of the source in a table, and what a copy would send, both without changing anything.

import { expect, it } from 'vitest';
import { readRewritten } from '../../../src/mysql/copy-table.ts';
import { findLeftovers, type Leftovers } from '../../../src/mysql/find-leftovers.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const rewriter = createRewriter([
  { from: 'prod.example.edu', to: 'stg.example.edu' },
  { from: '*.prod.example.edu', to: '*.stg.example.edu' },
]);
const { signal } = new AbortController();
const BASE64 = Buffer.from('https://prod.example.edu/x').toString('base64');

it('finds what the rules would change, and what is left for a reason, by key', async () => {
  await using copying = await Copying.start(useServers());
  await copying.fill(
    'CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b VARCHAR(40), w TEXT CHARACTER SET utf16, x BLOB, twice TEXT AS (CONCAT(a, a)) STORED)',
    `INSERT INTO t (id, a, b, w, x) VALUES
      (1, 'stg.example.edu', 'xprod.example.edu', 'no', 'no'),
      (2, 'PROD.Example.EDU', 'img.prod.example.edu', NULL, NULL),
      (3, 'joe@prod.example.edu', NULL, 'prod.example.edu', 'prod.example.edu'),
      (4, 'a:1:{i:0;s:99:"prod.example.edu";}', '${BASE64}', NULL, NULL),
      (5, 'prod.example.edu', 'a long text, https://prod.example.edu', NULL, NULL)`,
    'CREATE TABLE bare (a TEXT)',
    "INSERT INTO bare VALUES ('no'), ('prod.example.edu')",
    'CREATE TABLE numbers (id INT)',
  );
  const search = async (table: string, over: object = {}): Promise<Leftovers> =>
    findLeftovers({
      connection: copying.source,
      table: { database: copying.database, name: table },
      columns: (await copying.readColumns(table)).filter(column => !column.isGenerated),
      rewriter,
      skipColumns: new Set(),
      base64Columns: new Set(),
      signal,
      ...over,
    });
  const { found, left } = await search('t');
  expect(found).toEqual([
    { column: 'a', values: 2, keys: ['id=2', 'id=5'] },
    { column: 'b', values: 2, keys: ['id=2', 'id=5'] },
  ]);
  expect(left).toEqual(
    expect.arrayContaining([
      { column: 'a', reason: 'email', values: 1, keys: ['id=3'] },
      { column: 'a', reason: 'broken_serialized', values: 1, keys: ['id=4'] },
      { column: 'w', reason: 'charset', values: 1, keys: ['id=3'] },
      { column: 'x', reason: 'binary', values: 1, keys: ['id=3'] },
    ]),
  );
  // H10: the server's search doesn't see into it.
  const inBase64 = await search('t', { base64Columns: new Set(['b']) });
  expect(inBase64.found[1]).toEqual({ column: 'b', values: 3, keys: ['id=2', 'id=4', 'id=5'] });
  const skipped = await search('t', { skipColumns: new Set(['a', 'b']) });
  expect(skipped.found).toEqual([]);
  expect((await search('bare')).found).toEqual([
    { column: 'a', values: 1, keys: ['a row without a primary key'] },
  ]);
  expect(await search('numbers')).toEqual({ found: [], left: [] });
});

it('reads the figures that a copy would have', async () => {
  await using copying = await Copying.start(useServers());
  await copying.fill(
    'CREATE TABLE t (id INT PRIMARY KEY, a TEXT, f FLOAT)',
    "INSERT INTO t VALUES (1, 'prod.example.edu', 0.1), (2, NULL, 1e-7), (3, 'Ünicode', NULL)",
  );
  const read = await readRewritten({
    source: copying.source,
    sourceTable: { database: copying.database, name: 't' },
    columns: await copying.readColumns('t'),
    rewriter,
    signal,
  });
  expect(read).toEqual(await copying.copy('t', { rewriter }));
  await copying.verify('t', read);
});
