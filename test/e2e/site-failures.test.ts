// One site that fails leaves the others unharmed, and its own target exactly as it was.

import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../src/migration/state.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';

const NETWORK = { sites: 4, scale: 0.05 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

describe('a site that fails', () => {
  it('a corrupt table at the source: the others are migrated, its own tables on the target stay', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await corruptTable(pair, 'wp_3_old');
    const before = await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' });

    const outcome = await migrate(pair);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.summary).toMatchObject({
      status: 'completed_with_failures',
      sites: { completed: 4, failed: 1 },
    });
    expect(outcome.state.sites[3]).toMatchObject({
      status: 'failed',
      error: { code: 'data' },
      resources: [],
    });
    expect(outcome.summary.nextCommands.join('\n')).toContain('--retry-failed');
    expect(await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' })).toEqual(
      before,
    );
    expect(await checksumTables(pair.target.server, pair.target.staging)).toEqual(new Map());
  });

  it('a missing right at the moment of the cutover: the live tables stay', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await allowSwapOnlyOf(pair, ['', '2_', '4_', '5_']);
    const before = await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' });

    const outcome = await migrate(pair, '--sites-only');
    expect(outcome.exitCode).toBe(3);
    expect(outcome.state.sites[3]).toMatchObject({
      status: 'failed',
      error: { code: 'access' },
      steps: { cut_over: { status: 'failed' } },
    });
    expect(outcome.summary).toMatchObject({ sites: { completed: 4, failed: 1 } });
    expect(await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' })).toEqual(
      before,
    );
    expect(await checksumTables(pair.target.server, pair.target.staging)).toEqual(new Map());
  });

  it('a site over its time: its queries end on both servers, its status is `timeout`', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await using locked = await lockTable(pair.source.server, `${pair.source.database}.wp_3_posts`);
    const before = await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' });

    const outcome = await migrate(pair, '--timeout', '0.05', '--sites-only');
    expect(locked.held).toBe(true);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.state.sites[3]).toMatchObject({ status: 'timeout', error: { code: 'timeout' } });
    expect(outcome.summary).toMatchObject({ sites: { completed: 4, timeout: 1, failed: 0 } });
    expect(await queriesOf(pair.source.server, pair.source.database)).toEqual([]);
    expect(await queriesOf(pair.target.server, pair.target.database)).toEqual([]);
    expect(await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' })).toEqual(
      before,
    );
  });

  it('H46 a query that somebody kills is tried again, and the site is migrated', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const lock = await lockTable(pair.source.server, `${pair.source.database}.wp_3_posts`);
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--json', '--sites-only');
    const waiting = await waitForQuery(pair.source.server, pair.source.database, 'wp_3_posts');
    await pair.source.server.query(`KILL CONNECTION ${waiting}`);
    await lock[Symbol.asyncDispose]();
    const { exitCode, stdout } = await running;

    expect(exitCode).toBe(0);
    const { migrationId } = JSON.parse(stdout) as { migrationId: string };
    const state = await readState(pair, migrationId);
    expect(state.sites[3]).toMatchObject({ status: 'completed', steps: { copy_tables: { attempts: 2 } } });
  });
});

interface MigrationOutcome {
  readonly exitCode: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: looked into with matchers
  readonly summary: any;
  readonly state: MigrationState;
}

async function migrate(pair: Environments, ...flags: string[]): Promise<MigrationOutcome> {
  const { exitCode, stdout, stderr } = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--yes',
    '--json',
    ...flags,
  );
  const summary = JSON.parse(stdout || '{}');
  expect(summary.migrationId, stderr + stdout).toBeTypeOf('string');
  return { exitCode, summary, state: await readState(pair, summary.migrationId) };
}

async function readState(pair: Environments, migrationId: string): Promise<MigrationState> {
  return JSON.parse(
    await readFile(join(pair.cwd, 'logs', migrationId, 'migration-state.json'), 'utf8'),
  ) as MigrationState;
}

/** A MyISAM table whose file is cut off in the middle: it is there, and reading it fails. */
async function corruptTable({ source }: Environments, table: string): Promise<void> {
  const { server, database } = source;
  await server.query(`USE ${database}; CREATE TABLE ${table} (id INT PRIMARY KEY, t VARCHAR(200)) ENGINE=MyISAM
    AS SELECT seq AS id, REPEAT('x', 100) AS t FROM seq_1_to_1000`);
  await server.query(`FLUSH TABLES ${database}.${table}`);
  const [row] = await server.query<{ dir: string }>('SELECT @@datadir AS dir');
  await truncate(join(row!.dir, database, `${table}.MYD`), 1_000);
}

/** Through a role, so that preflight can't look into the rights; on live tables one by one. */
async function allowSwapOnlyOf({ target }: Environments, numbers: readonly string[]): Promise<void> {
  const { server, database } = target;
  const [row] = await server.query<{ user: string }>('SELECT User AS user FROM mysql.db WHERE Db = ?', [
    database,
  ]);
  const role = `role_${row!.user}`;
  await server.query(`REVOKE ALL PRIVILEGES ON ${database}.* FROM '${row!.user}'@'%'`);
  await server.query(`CREATE ROLE ${role}`);
  await server.query(`GRANT SELECT ON ${database}.* TO ${role}`);
  const tables = [...(await checksumTables(server, database)).keys()].filter(table =>
    numbers.some(number => table.startsWith(`wp_${number}`) && (number !== '' || !/^wp_\d/.test(table))),
  );
  for (const own of ['wfuwp_lease', 'wfuwp_runs', 'wfuwp_identity'])
    await server.query(`GRANT INSERT, UPDATE, CREATE ON ${database}.${own} TO ${role}`);
  for (const table of tables)
    await server.query(`GRANT INSERT, CREATE, DROP, ALTER ON ${database}.${table} TO ${role}`);
  await server.query(`GRANT ${role} TO '${row!.user}'@'%'`);
  await server.query(`SET DEFAULT ROLE ${role} FOR '${row!.user}'@'%'`);
}

async function lockTable(
  server: MariadbEndpoint,
  table: string,
): Promise<AsyncDisposable & { held: boolean }> {
  const connection = await mysql.createConnection({ socketPath: server.socketPath, user: 'root' });
  await connection.query(`LOCK TABLES ${table} WRITE`);
  const lock = {
    held: true,
    async [Symbol.asyncDispose]() {
      if (!lock.held) return;
      lock.held = false;
      await connection.end();
    },
  };
  return lock;
}

async function queriesOf(server: MariadbEndpoint, database: string): Promise<unknown[]> {
  return await server.query(
    "SELECT Id, Info FROM information_schema.PROCESSLIST WHERE Info LIKE ? AND User <> 'root'",
    [`%${database}%`],
  );
}

async function waitForQuery(server: MariadbEndpoint, database: string, text: string): Promise<number> {
  for (;;) {
    const [row] = await server.query<{ Id: number }>(
      "SELECT Id FROM information_schema.PROCESSLIST WHERE Info LIKE ? AND User <> 'root' AND State LIKE 'Waiting%'",
      [`%${database}%${text}%`],
    );
    if (row) return row.Id;
    await sleep(50);
  }
}
