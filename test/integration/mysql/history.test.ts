import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CopyResult, copyTable, type LoadMethod } from '../../../src/mysql/copy-table.ts';
import { addPeriod, type EndsOfTime, takeHistory, USUAL_END_OF_TIME } from '../../../src/mysql/history.ts';
import { readChecksums } from '../../../src/mysql/read-checksums.ts';
import type { Column } from '../../../src/mysql/read-columns.ts';
import { type VerifyMode, verifyTables } from '../../../src/mysql/verify-tables.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const METHODS: readonly LoadMethod[] = ['load_data', 'insert', 'insert_and_load', 'bulk', 'bulk_and_load'];

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

interface Copied {
  readonly columns: readonly Column[];
  readonly result: CopyResult;
}

async function copy(table: string, method: LoadMethod, ends?: EndsOfTime): Promise<Copied> {
  const made = await copying.make(table);
  await takeHistory(copying.target);
  const options = { ...made, columns: addPeriod(made.columns, ends), method };
  return { columns: made.columns, result: await copyTable(options) };
}

async function verify(table: string, { columns, result }: Copied, mode: VerifyMode): Promise<void> {
  await verifyTables({
    target: copying.target,
    tables: [
      {
        table: { database: copying.stagingDatabase, name: table },
        columns: addPeriod(columns),
        sent: result,
      },
    ],
    mode,
    signal: new AbortController().signal,
  });
}

describe.each([
  {
    kind: 'unnamed',
    columns: 'id BIGINT PRIMARY KEY, note LONGTEXT, doc JSON, at INET6',
    period: ['row_start', 'row_end'],
  },
  {
    kind: 'named',
    columns: `id BIGINT PRIMARY KEY, began TIMESTAMP(6) GENERATED ALWAYS AS ROW START, note LONGTEXT, doc JSON, at INET6,
      ended TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (began, ended)`,
    period: ['began', 'ended'],
  },
])('a period with $kind columns', ({ kind, columns, period: [start, end] }) => {
  const readAll = (connection: 'source' | 'target', table: string) =>
    copying[connection].query<{ s: string; e: string }>(
      `SELECT id, MD5(note) AS note, doc, at, ${start} AS s, ${end} AS e FROM ${table} FOR SYSTEM_TIME ALL ORDER BY id, e`,
    );

  it.each(METHODS)('F11 comes with its rows by %s, and is proven by count and by checksum', async method => {
    const table = `${kind}_${method}`;
    await copying.fill(
      `CREATE TABLE ${table} (${columns}) WITH SYSTEM VERSIONING`,
      `INSERT INTO ${table} (id, note, doc, at) VALUES (0, 'one', '{"a":1}', '::1'), (2, REPEAT('long', 300000), NULL, NULL)`,
      `UPDATE ${table} SET note = 'two' WHERE id = 0`,
      `DELETE FROM ${table} WHERE id = 2`,
      // A row that was there at no time.
      'SET timestamp = 1600000000',
      `INSERT INTO ${table} (id, note) VALUES (3, 'a')`,
      `UPDATE ${table} SET note = 'b' WHERE id = 3`,
      `DELETE FROM ${table} WHERE id = 3`,
      `INSERT INTO ${table} (id, note) VALUES (3, 'c')`,
    );
    const copied = await copy(table, method);
    const all = await readAll('source', table);
    expect(all).toHaveLength(5);
    expect(await readAll('target', table)).toEqual(all.filter(({ s, e }) => s < e));
    expect(copied.result.rows).toBe(4);
    await verify(table, copied, 'checksum');
    await verify(table, copied, 'counts');

    await copying.target.execute(`DELETE HISTORY FROM ${table}`);
    for (const mode of ['checksum', 'counts'] as const)
      await expect(verify(table, copied, mode)).rejects.toMatchObject({
        code: 'verification',
        details: { sentRows: 4, storedRows: 2 },
      });
  });

  it('F11 notices a time that differs', async () => {
    const table = `${kind}_times`;
    await copying.fill(
      `CREATE TABLE ${table} (${columns}) WITH SYSTEM VERSIONING`,
      `INSERT INTO ${table} (id, note) VALUES (1, 'one')`,
    );
    const copied = await copy(table, 'bulk');
    await copying.target.execute(`DELETE FROM ${table}`);
    await copying.target.execute(`DELETE HISTORY FROM ${table}`);
    await copying.target.execute(`INSERT INTO ${table} (id, note) VALUES (1, 'one')`);
    await verify(table, copied, 'counts');
    await expect(verify(table, copied, 'checksum')).rejects.toMatchObject({ code: 'verification' });
  });

  it("F11 has present rows stay present where the target's time ends later", async () => {
    const table = `${kind}_ends`;
    const ends = { source: '2030-01-01 00:00:00.000000', target: USUAL_END_OF_TIME };
    await copying.fill(
      "SET time_zone = '+00:00', system_versioning_insert_history = ON",
      `CREATE TABLE ${table} (${columns}) WITH SYSTEM VERSIONING`,
      `INSERT INTO ${table} (id, note, ${start}, ${end}) VALUES
        (1, 'past', '2020-01-01 00:00:00', '2021-01-01 00:00:00'), (1, 'present', '2021-01-01 00:00:00', '${ends.source}')`,
    );
    const copied = await copy(table, 'bulk', ends);
    expect(await copying.target.query(`SELECT id, note FROM ${table}`)).toEqual([
      { id: '1', note: 'present' },
    ]);
    expect(await readAll('target', table)).toMatchObject([
      { e: '2021-01-01 00:00:00.000000' },
      { s: '2021-01-01 00:00:00.000000', e: USUAL_END_OF_TIME },
    ]);
    await verify(table, copied, 'checksum');
    const [now] = await readChecksums(copying.source, [
      { table: { database: copying.database, name: table }, columns: addPeriod(copied.columns, ends) },
    ]);
    expect(now).toEqual({ rows: 2, checksum: copied.result.sourceChecksum });
  });
});
