// What tests of interrupted runs need: the files of a run, sites that are held or fail, and the oracle.

import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { KillPoint } from '../../src/lib/kill-points.ts';
import type { MigrationEvent, Recorded } from '../../src/migration/events.ts';
import type { MigrationState } from '../../src/migration/state.ts';
import type { Environments } from './environments.ts';
import { checksumTables, loadNetwork, type NetworkOptions } from './generate-network.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { createDatabaseName } from './servers.ts';
import type { Outcome } from './wfuwp.ts';

/** Oldest first; none when there is no such folder. Their names tell the second: a run that is killed early and its
 *  successor may have the same. */
export async function listRunIds(logDir: string): Promise<string[]> {
  const names = await readdir(logDir).catch(() => []);
  const born = names
    .filter(name => name.startsWith('env-migrate-'))
    .map(async name => ({ name, at: (await stat(join(logDir, name))).birthtimeMs }));
  return (await Promise.all(born)).sort((a, b) => a.at - b.at).map(({ name }) => name);
}

/** The only run of a folder. */
export async function onlyRunId({ cwd }: { cwd: string }, logDir = 'logs'): Promise<string> {
  const ids = await listRunIds(join(cwd, logDir));
  if (ids.length !== 1) throw new Error(`There are ${ids.length} runs in ${logDir}, not one.`);
  return ids[0]!;
}

export async function readState({ cwd }: { cwd: string }, id: string): Promise<MigrationState> {
  return JSON.parse(await readFile(join(cwd, 'logs', id, 'migration-state.json'), 'utf8')) as MigrationState;
}

/** The whole lines of a journal; a torn last one is left out. */
export async function readLines(runDirectory: string): Promise<Recorded[]> {
  const text = await readFile(join(runDirectory, 'migration-journal.jsonl'), 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter(Boolean).map(line => JSON.parse(line) as Recorded);
}

export function ofType<T extends MigrationEvent['type']>(
  lines: readonly Recorded[],
  type: T,
): Extract<Recorded, { type: T }>[] {
  return lines.filter((line): line is Extract<Recorded, { type: T }> => line.type === type);
}

/** What was written since the last resume; all, if there was none. */
export function sinceResume(lines: readonly Recorded[]): Recorded[] {
  return lines.slice(
    Math.max(
      0,
      lines.findLastIndex(line => line.type === 'migration.resumed'),
    ),
  );
}

/** The sites that were begun, in the order of their numbers. */
export function startedSites(lines: readonly Recorded[]): number[] {
  return ofType(lines, 'site.started')
    .map(line => line.siteId)
    .sort((a, b) => a - b);
}

export async function waitUntil(condition: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited a minute in vain for: ${what}`);
    await sleep(50);
  }
}

/** Until it is disposed of, nobody can read the table: the site that wants to is held there. */
export async function lockTable(server: MariadbEndpoint, table: string): Promise<AsyncDisposable> {
  const connection = await mysql.createConnection({ socketPath: server.socketPath, user: 'root' });
  await connection.query(`LOCK TABLES ${table} WRITE`);
  let held = true;
  return {
    async [Symbol.asyncDispose]() {
      if (held) await connection.end();
      held = false;
    },
  };
}

/** Resolves once a query of the program waits for the locked table. */
export function waitForHeldQuery(server: MariadbEndpoint, database: string, text: string): Promise<void> {
  return waitUntil(async () => {
    const waiting = await server.query(
      "SELECT 1 FROM information_schema.PROCESSLIST WHERE Info LIKE ? AND User <> 'root' AND State LIKE 'Waiting%'",
      [`%${database}%${text}%`],
    );
    return waiting.length > 0;
  }, `a query that waits for ${text}`);
}

/** Resolves once the server has done what a killed process has last asked of it, and has let go of its connections. */
export function waitForQuiet(server: MariadbEndpoint, database: string): Promise<void> {
  return waitUntil(async () => {
    const connections = await server.query(
      `SELECT 1 FROM information_schema.PROCESSLIST AS process JOIN mysql.db AS grants ON process.User = grants.User
       WHERE grants.Db = ? LIMIT 1`,
      [database],
    );
    return connections.length === 0;
  }, `the end of all connections to ${database}`);
}

/** Starts a run that dies there, and names it. */
export async function killAt(
  pair: Environments,
  point: KillPoint,
  count: number,
  ...args: string[]
): Promise<string> {
  pair.env.WFUWP_KILL_AT = `${point}#${count}`;
  const { signal, stderr } = await pair.start(...args);
  delete pair.env.WFUWP_KILL_AT;
  if (signal !== 'SIGKILL') throw new Error(`The run never came to "${point}" #${count}: ${stderr}`);
  await waitForQuiet(pair.target.server, pair.target.database);
  return onlyRunId(pair);
}

/** What the users of the tests run on a server at this moment, of one database. */
export function queriesOn(server: MariadbEndpoint, database: string): Promise<unknown[]> {
  return server.query(
    "SELECT Id, Info FROM information_schema.PROCESSLIST WHERE Info LIKE ? AND User <> 'root'",
    [`%${database}%`],
  );
}

/** A big sound MyISAM table: the site that has it comes early in the plan. */
export async function addTable({ source }: Environments, table: string): Promise<void> {
  await source.server.query(
    `USE ${source.database}; CREATE OR REPLACE TABLE ${table} (id INT PRIMARY KEY, t VARCHAR(2000)) ENGINE = MyISAM
     AS SELECT seq AS id, REPEAT('x', 2000) AS t FROM seq_1_to_1000`,
  );
}

/** The same with its file cut off in the middle: it is there, and reading it fails. `addTable` mends it. */
export async function addCorruptTable(pair: Environments, table: string): Promise<void> {
  const { server, database } = pair.source;
  await addTable(pair, table);
  await server.query(`FLUSH TABLES ${database}.${table}`);
  const [row] = await server.query<{ dir: string }>('SELECT @@datadir AS dir');
  await truncate(join(row!.dir, database, `${table}.MYD`), 1_000);
}

/** Migrates all sites, and in the end finds the target not sound: a table of site 2 stands in staging again. Needs a
 *  site 3. */
export async function migrateUnsoundly(pair: Environments, ...flags: string[]): Promise<Outcome> {
  const { source, target } = pair;
  await using held = await lockTable(source.server, `${source.database}.wp_3_posts`);
  const running = pair.start('env-migrate', 'prod', 'stg', '--yes', ...flags);
  await waitUntil(async () => {
    const [id] = await listRunIds(join(pair.cwd, 'logs'));
    const lines = id ? await readLines(join(pair.cwd, 'logs', id)) : [];
    return ofType(lines, 'site.completed').some(line => line.siteId === 2);
  }, 'the end of site 2');
  await target.server.query(`CREATE TABLE ${target.staging}.wp_2_posts (id INT)`);
  await held[Symbol.asyncDispose]();
  const { exitCode, stdout, stderr } = await running;
  return { exitCode, stdout, stderr };
}

/** What the target must hold in the end: the same network, generated for its domain. Without users, which stay. */
export async function loadOracle(
  server: MariadbEndpoint,
  network: NetworkOptions,
): Promise<Map<string, string>> {
  const database = createDatabaseName('oracle');
  await loadNetwork(server, database, {
    ...network,
    domain: 'stg.example.edu',
    emailDomain: 'prod.example.edu',
  });
  const tables = await checksumTables(server, database);
  await server.query(`DROP DATABASE ${database}`);
  for (const table of ['wp_users', 'wp_usermeta']) tables.delete(table);
  return tables;
}

/** Tables of the target that differ from the oracle; empty: they are equal. */
export async function differences(
  { target }: Environments,
  oracle: ReadonlyMap<string, string>,
): Promise<string[]> {
  const found = await checksumTables(target.server, target.database);
  return [...oracle].filter(([table, checksum]) => found.get(table) !== checksum).map(([table]) => table);
}

/** Tables in staging but the program's own. */
export async function stagedTables({ target }: Environments): Promise<string[]> {
  return [...(await checksumTables(target.server, target.staging)).keys()];
}
