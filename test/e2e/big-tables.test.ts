// Tables that are copied in chunks: by several connections at once when there are slots to spare, and resumed at a chunk.

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CopiedChunk, Recorded } from '../../src/migration/events.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { differences, killAt, loadOracle, lockTable, ofType, onlyRunId, readLines, readState, sinceResume, stagedTables, waitUntil } from '../support/runs.ts';

const NETWORK = { sites: 2, scale: 0.03 };
const START = ['env-migrate', 'prod', 'stg', '--yes', '--chunk-bytes', '400000'];
const ROWS = 12_000;
const BIG = 'wp_3_stories';

let pair: Environments;
beforeEach(async () => {
  pair = await createEnvironments(NETWORK);
  const { server, database } = pair.source;
  await server.query(
    `USE ${database};
     CREATE TABLE ${BIG} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, story TEXT);
     INSERT INTO ${BIG} SELECT seq * 2, CONCAT('https://prod.example.edu/', seq, ' ', REPEAT('x', 300)) FROM seq_1_to_${ROWS};
     ANALYZE TABLE ${BIG}`,
  );
});
afterEach(() => pair[Symbol.asyncDispose]());

const readJournal = async (): Promise<Recorded[]> => readLines(join(pair.cwd, 'logs', await onlyRunId(pair)));

const chunksIn = (lines: readonly Recorded[]): CopiedChunk[] =>
  ofType(lines, 'chunk.copied')
    .map(line => line.chunk)
    .filter(chunk => chunk.table === BIG);

const sumRows = (chunks: readonly CopiedChunk[]): number => chunks.reduce((sum, { rows }) => sum + rows, 0);

/** The big table of the target is the source's, rewritten; all else (of the tables like that) is the oracle. */
async function expectWhole(tables = /./): Promise<void> {
  const { source, target } = pair;
  const [expected] = await source.server.query<{ sum: string; n: number }>(
    `SELECT COUNT(*) AS n, SUM(CRC32(CONCAT(id, REPLACE(story, 'prod.example.edu', 'stg.example.edu')))) AS sum FROM ${source.database}.${BIG}`,
  );
  const [found] = await target.server.query<{ sum: string; n: number }>(
    `SELECT COUNT(*) AS n, SUM(CRC32(CONCAT(id, story))) AS sum FROM ${target.database}.${BIG}`,
  );
  expect(found).toEqual(expected);
  const different = await differences(pair, await loadOracle(target.server, NETWORK));
  expect(different.filter(table => tables.test(table))).toEqual([]);
  expect(await stagedTables(pair)).toEqual([]);
}

it('slots to spare copy one big table together, and never more connections than slots', async () => {
  const { source, target } = pair;
  const running = pair.start(...START, '--concurrency', '3', '--sites-only', '--include-sites', '3');
  const isStaged = async (): Promise<boolean> => (await stagedTables(pair)).includes(BIG);
  await waitUntil(isStaged, 'the big table');
  const loading = (): Promise<unknown[]> =>
    target.server.query(
      "SELECT 1 FROM information_schema.PROCESSLIST WHERE Info LIKE ? AND User <> 'root' AND State LIKE 'Waiting%'",
      [`%${target.staging}%${BIG}%`],
    );
  const snapshots = (): Promise<unknown[]> =>
    source.server.query(
      `SELECT 1 FROM information_schema.INNODB_TRX JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id
       JOIN mysql.db AS grants ON grants.User = PROCESSLIST.User WHERE grants.Db = ?`,
      [source.database],
    );
  {
    // Whoever loads it waits, and can be seen.
    await using _held = await lockTable(target.server, `${target.staging}.${BIG}`);
    await waitUntil(async () => (await loading()).length === 3, 'three that load the big table');
    expect(await snapshots()).toHaveLength(3);
  }
  const { exitCode, stderr } = await running;
  expect(exitCode, stderr).toBe(0);
  const chunks = chunksIn(await readJournal());
  expect(chunks.length).toBeGreaterThan(5);
  expect(sumRows(chunks)).toBe(ROWS);
  await expectWhole(/^wp_3_/);
});

describe('killed after the fourth of its chunks', () => {
  const kill = (...args: string[]): Promise<string> =>
    killAt(pair, 'after chunk.copied', 4, ...START, ...args);

  it.each(['1', '4'])('goes on at the fifth, concurrency %s', async concurrency => {
    const id = await kill('--concurrency', concurrency, '--include-sites', '3', '--sites-only');
    const before = chunksIn(await readJournal());
    // Not all of their lines may have come to the disk.
    expect(before.length).toBeGreaterThan(0);
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    const lines = await readJournal();
    const after = chunksIn(sinceResume(lines));
    expect(ofType(lines, 'chunk.discarded')).toEqual([]);
    expect(sumRows([...before, ...after])).toBe(ROWS);
    const [copied] = ofType(lines, 'table.copied').filter(line => line.copied.table === BIG);
    expect(copied!.copied).toMatchObject({ rows: ROWS, changedByColumn: { story: ROWS } });
    // Kept only until the table is complete.
    const state = await readState(pair, id);
    expect(state.sites[3]!.steps.copy_tables!.data).not.toHaveProperty('chunks');
  });

  it('copies again only what has changed since', async () => {
    const id = await kill('--concurrency', '1');
    const [first, second] = chunksIn(await readJournal());
    await pair.source.server.query(
      `USE ${pair.source.database}; UPDATE ${BIG} SET story = 'changed' WHERE id >= ${second!.from} ORDER BY id LIMIT 1;
       INSERT INTO ${BIG} (story) VALUES ('at the end');
       DELETE FROM ${BIG} WHERE id > ${ROWS} * 2 - 20 AND id < ${ROWS} * 2`,
    );
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    const lines = await readJournal();
    expect(ofType(lines, 'chunk.discarded')).toMatchObject([{ from: second!.from, to: second!.to }]);
    const again = chunksIn(sinceResume(lines)).map(chunk => chunk.from);
    expect(again).toContain(second!.from);
    expect(again).not.toContain(first!.from);
    await expectWhole();
    const next = async ({ server, database }: Environments['source']): Promise<unknown> =>
      (
        await server.query(
          'SELECT AUTO_INCREMENT AS next FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
          [database, BIG],
        )
      )[0];
    expect(await next(pair.target)).toEqual(await next(pair.source));
  });

  it('begins anew when the table itself has changed', async () => {
    const id = await kill('--concurrency', '1', '--include-sites', '3', '--sites-only');
    await pair.source.server.query(
      `ALTER TABLE ${pair.source.database}.${BIG} ADD note VARCHAR(9) DEFAULT 'new'`,
    );
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    const lines = await readJournal();
    expect(ofType(lines, 'table.discarded').map(line => line.table)).toContain(BIG);
    expect(sumRows(chunksIn(sinceResume(lines)))).toBe(ROWS);
    const live = await checksumTables(pair.target.server, pair.target.database, { like: BIG });
    expect(live.size).toBe(1);
  });

  it('is copied as a whole when the resume says so', async () => {
    const id = await kill('--concurrency', '1');
    const { exitCode, stderr } = await pair.run(
      'env-migrate',
      '--resume',
      id,
      '--yes',
      '--chunk-bytes',
      '400000000',
    );
    expect(exitCode, stderr).toBe(0);
    await expectWhole();
  });
});
