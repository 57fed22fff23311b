// Servers that don't tell table names apart by letter case, and write them in lower case, at either end: names are compared
// as the server does, from the plan to the cleanup.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type EnvironmentOptions, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startLowerCaseMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { killAt, lockTable, stagedTables, waitForHeldQuery } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes'];

/** Wordfence's names, and two tables with a key between them. */
const makePlugins = ({ server, database }: Environments['source']): Promise<unknown> =>
  server.query(`USE ${database};
    CREATE TABLE wp_2_wfBlocks (id INT PRIMARY KEY, t TEXT); INSERT INTO wp_2_wfBlocks VALUES (1, 'https://prod.example.edu/');
    CREATE TABLE wp_3_Parent (id INT PRIMARY KEY); INSERT INTO wp_3_Parent VALUES (1);
    CREATE TABLE wp_3_Child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES wp_3_Parent (id));
    INSERT INTO wp_3_Child VALUES (1, 1); CREATE TABLE wp_wfBlocks (id INT PRIMARY KEY)`);

const listNames = async ({ server, database }: Environments['target']): Promise<string[]> =>
  [...(await checksumTables(server, database)).keys()].sort();

async function migrate(pair: Environments, ...flags: string[]): Promise<Summary> {
  const { exitCode, stdout, stderr } = await pair.run(...MIGRATE, '--json', ...flags);
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout) as Summary;
}

/** Names in the configuration with capitals, of databases and of tables. */
function shout(pair: Environments): Promise<void> {
  return pair.configure(({ environments: { stg } }) => {
    stg.database.name = pair.target.database.toUpperCase();
    stg.database.staging = `${pair.target.database}_Incoming`;
    stg.database.previous = `${pair.target.database}_PREVIOUS`;
  });
}

describe.each([
  { flavour: 'MariaDB', why: '' },
  { flavour: 'MySQL', why: whyNoMysql },
])('a $flavour as target that writes names in lower case$why', ({ flavour, why }) => {
  let server: PrivateServer;
  const open = (options: EnvironmentOptions = {}): Promise<Environments> =>
    createEnvironments({
      ...NETWORK,
      live: LIVE,
      servers: { source: useServers().source, target: server },
      ...options,
    });
  beforeAll(async () => {
    if (why) return;
    server = await (flavour === 'MySQL'
      ? startLowerCaseMysqlServer()
      : startMariadbServer({ args: ['--lower-case-table-names=1'] }));
  });
  afterAll(() => server?.stop());

  it.skipIf(why)(
    'F17 takes tables with capitals, proves them, knows them again and gives back what was there',
    async () => {
      await using pair = await open();
      const { target } = pair;
      await makePlugins(pair.source);
      await target.server.query(
        `CREATE TABLE ${target.database}.wp_2_WFBLOCKS (id INT PRIMARY KEY, old INT)`,
      );
      await shout(pair);
      const before = await checksumTables(target.server, target.database);
      const { migrationId, sites } = await migrate(pair);
      expect(sites).toMatchObject({ completed: 4, failed: 0 });
      expect(await listNames(target)).toEqual(
        expect.arrayContaining(['wp_2_wfblocks', 'wp_3_child', 'wp_3_parent', 'wp_wfblocks']),
      );
      expect(await target.server.query(`SELECT t FROM ${target.database}.wp_2_wfBlocks`)).toEqual([
        { t: 'https://stg.example.edu/' },
      ]);
      await expect(
        target.server.query(`INSERT INTO ${target.database}.wp_3_Child VALUES (2, 9)`),
      ).rejects.toThrow(/foreign key/);
      expect(await stagedTables(pair)).toEqual([]);
      expect(await pair.run('env-migrate', 'verify', migrationId)).toMatchObject({ exitCode: 0 });
      expect(await pair.run('env-migrate', 'verify', 'prod', 'stg')).toMatchObject({ exitCode: 0 });

      const again = await migrate(pair, '--only-changed');
      expect(again.sites).toMatchObject({ completed: 0 });
      const back = await pair.run('env-migrate', 'rollback', migrationId, '--yes', '--sites', '1,2,3,4');
      expect(back.exitCode, back.stderr).toBe(0);
      const sitesOf = (sums: ReadonlyMap<string, string>): [string, string][] =>
        [...sums].filter(([name]) => !/^wp_(blogs|blogmeta|site|sitemeta)$/.test(name));
      expect(sitesOf(await checksumTables(target.server, target.database))).toEqual(sitesOf(before));
      const { migrationId: last } = await migrate(pair);
      expect(await pair.run('env-migrate', 'cleanup', last, '--yes')).toMatchObject({ exitCode: 0 });
      expect([...(await checksumTables(target.server, target.previous)).keys()]).toEqual([]);
      expect(await pair.run('env-migrate', 'unlock', 'stg')).toMatchObject({ exitCode: 0 });
      expect(await pair.run('config', 'check')).toMatchObject({ exitCode: 0 });
    },
  );

  it.skipIf(why)('F17 goes on after a crash: what is copied counts, and what is live is', async () => {
    await using pair = await open();
    await makePlugins(pair.source);
    await shout(pair);
    const id = await killAt(pair, 'after rename, before its record', 3, ...MIGRATE, '--concurrency', '1');
    const resumed = await pair.run('env-migrate', '--resume', id, '--yes', '--json');
    expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ sites: { completed: 4, failed: 0 } });
    expect(await pair.run('env-migrate', 'verify', id)).toMatchObject({ exitCode: 0 });
  });

  it.skipIf(why)(
    'F17 a prefix with capitals: tables have it in lower case, rows as WordPress writes it',
    async () => {
      await using pair = await open({ live: { ...LIVE, prefix: 'WP_' } });
      await pair.configure(config => {
        config.environments.stg.tablePrefix = 'WP_';
        config.network = { users: 'copy' };
      });
      await makePlugins(pair.source);
      await migrate(pair);
      const { server: at, database } = pair.target;
      const rows = await at.query<{ name: string }>(
        `SELECT option_name AS name FROM ${database}.wp_2_options WHERE option_name LIKE '%user\\_roles'
       UNION SELECT meta_key FROM ${database}.wp_usermeta WHERE meta_key LIKE '%capabilities'`,
      );
      expect(rows.length).toBeGreaterThan(1);
      expect(rows.filter(({ name }) => !name.startsWith('WP_'))).toEqual([]);
      expect(await listNames(pair.target)).toContain('wp_2_wfblocks');
      const again = await migrate(pair, '--only-changed');
      expect(again.sites).toMatchObject({ completed: 0 });
    },
  );

  it.skipIf(why)('F17 names that differ by case alone are refused, or their site is left out', async () => {
    await using pair = await open();
    await makePlugins(pair.source);
    await pair.source.server.query(`CREATE TABLE ${pair.source.database}.wp_3_parenT (id INT PRIMARY KEY)`);
    const refused = await pair.run(...MIGRATE);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toMatch(/table_name_case: .*wp_3_Parent and wp_3_parenT/);
    const { leftOut, sites } = await migrate(pair, '--accept', 'table_name_case');
    expect(leftOut).toEqual([{ siteId: 3, reason: '--accept table_name_case' }]);
    expect(sites).toMatchObject({ completed: 3 });
  });

  it.skipIf(why)(
    'F17 tables that come while it runs: one with capitals is copied, its double is not',
    async () => {
      await using pair = await open();
      const { server: from, database } = pair.source;
      const held = await lockTable(from, `${database}.wp_blogs`);
      const running = pair.start(...MIGRATE, '--json');
      await waitForHeldQuery(from, database, 'wp_blogs');
      await held[Symbol.asyncDispose]();
      const { exitCode, stdout, stderr } = await running;
      expect(exitCode, stderr + stdout).toBe(0);
      const held2 = await lockTable(from, `${database}.wp_sitemeta`);
      const second = pair.start(...MIGRATE, '--json');
      await waitForHeldQuery(from, database, 'wp_sitemeta');
      await from.query(
        `USE ${database}; CREATE TABLE wp_3_wfNew (id INT PRIMARY KEY); CREATE TABLE wp_3_POSTS (id INT)`,
      );
      await held2[Symbol.asyncDispose]();
      const outcome = await second;
      expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
      const { drift } = JSON.parse(outcome.stdout) as Summary;
      expect(drift.map(({ message }) => message).join()).toMatch(
        /wp_3_wfNew new at the source, and copied with it; wp_3_POSTS new at the source, and not copied: to the target's server it is wp_3_posts/,
      );
      expect(await listNames(pair.target)).toContain('wp_3_wfnew');
    },
  );
});

describe('a source that writes names in lower case', () => {
  let server: PrivateServer;
  beforeAll(async () => {
    server = await startMariadbServer({ args: ['--lower-case-table-names=1'] });
  });
  afterAll(() => server?.stop());

  it('F17 to a target that tells them apart: spelled as there, and named where that is not known', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      prefix: 'WP_',
      live: LIVE,
      servers: { source: server, target: useServers().target },
    });
    const { target } = pair;
    await pair.configure(({ environments: { prod } }) => {
      prod.tablePrefix = 'WP_';
      prod.database.name = prod.database.name.toUpperCase();
    });
    await makePlugins(pair.source);
    await server.query(`CREATE TABLE ${pair.source.database}.wp_3_wfBlocks (id INT PRIMARY KEY)`);
    await target.server.query(`CREATE TABLE ${target.database}.wp_2_wfBlocks (id INT PRIMARY KEY, old INT)`);
    const { warnings, migrationId } = await migrate(pair);
    const lost = warnings.filter(({ code }) => code === 'table_name_case_lost');
    expect(lost).toMatchObject([{ siteIds: [3] }]);
    expect(lost[0]?.message).toContain('wp_3_parent');
    expect(lost[0]?.message).not.toContain('wfblocks');
    expect((await listNames(target)).filter(name => /wf|parent|child/i.test(name))).toEqual([
      ...['wp_2_wfBlocks', 'wp_3_child', 'wp_3_parent', 'wp_3_wfBlocks', 'wp_wfBlocks'],
    ]);
    expect(await pair.run('env-migrate', 'verify', migrationId)).toMatchObject({ exitCode: 0 });
    const again = await migrate(pair, '--only-changed');
    expect(again.sites).toMatchObject({ completed: 0 });
  });

  it('F17 to another such server, and within one', async () => {
    for (const target of [server, useServers().target]) {
      await using pair = await createEnvironments({
        ...NETWORK,
        servers: { source: server, target },
        targetReadsSource: target === server,
      });
      await makePlugins(pair.source);
      const { migrationId } = await migrate(pair);
      expect(await pair.run('env-migrate', 'verify', migrationId)).toMatchObject({ exitCode: 0 });
      expect(await pair.run('env-migrate', 'rollback', migrationId, '--yes')).toMatchObject({ exitCode: 0 });
      expect(await listNames(pair.target)).toEqual([]);
    }
  });
});
