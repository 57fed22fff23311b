// Servers that mind tables without a primary key, as managed ones do: the program's own have one, a plugin's without is
// named beforehand and fails its site alone, and none gets a column that the source's hasn't.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { stagedTables } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

const atSource = ({ source }: Environments, sql: string): Promise<unknown> =>
  source.server.query(`USE ${source.database}; ${sql}`);

async function migrate(
  pair: Environments,
  ...flags: string[]
): Promise<{ exitCode?: number; summary: Summary }> {
  const { exitCode, stdout, stderr } = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--yes',
    '--json',
    ...flags,
  );
  const summary = JSON.parse(stdout) as Summary;
  expect(summary.sites, stderr + stdout).toBeDefined();
  return { exitCode: exitCode!, summary };
}

/** Tables of the target's databases without a primary key, or a unique one in its place. */
const listKeyless = ({ target: { server, database } }: Environments): Promise<unknown[]> =>
  server.query(
    `SELECT TABLE_NAME FROM information_schema.TABLES AS t WHERE TABLE_SCHEMA LIKE ? AND NOT EXISTS
       (SELECT 1 FROM information_schema.STATISTICS AS s WHERE s.TABLE_SCHEMA = t.TABLE_SCHEMA AND
          s.TABLE_NAME = t.TABLE_NAME AND NON_UNIQUE = 0)`,
    [`${database}%`],
  );

describe.each([
  { flavour: 'MariaDB', variable: 'innodb_force_primary_key', why: '' },
  { flavour: 'MySQL', variable: 'sql_require_primary_key', why: whyNoMysql },
])('a $flavour that requires primary keys$why', ({ flavour, variable, why }) => {
  let server: PrivateServer;
  beforeAll(async () => {
    if (why) return;
    const args = [`--${variable.replaceAll('_', '-')}=ON`];
    server = await (flavour === 'MySQL' ? startMysqlServer({ args }) : startMariadbServer({ args }));
  });
  afterAll(() => server?.stop());

  it.skipIf(why)(
    'F09 takes a whole run, its rollback and cleanup: every table of the program has one',
    async () => {
      await using pair = await createEnvironments({
        ...NETWORK,
        servers: { source: useServers().source, target: server },
      });
      const { exitCode, summary } = await migrate(pair);
      expect(exitCode).toBe(0);
      expect(summary.warnings.map(({ code }) => code)).not.toContain('primary_key_required');
      const again = await migrate(pair, '--only-changed');
      expect(again.summary.sites).toMatchObject({ completed: 0 });
      const { exitCode: back } = await pair.run(
        'env-migrate',
        'rollback',
        summary.migrationId,
        '--yes',
        '--sites',
        '2',
      );
      expect(back).toBe(0);
      const { exitCode: clean } = await pair.run(
        'env-migrate',
        'cleanup',
        again.summary.migrationId,
        '--yes',
      );
      expect(clean).toBe(0);
      expect(await listKeyless(pair)).toEqual([]);
    },
  );

  it.skipIf(why)('F09 names tables without one, which fail their sites alone', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      live: LIVE,
      servers: { source: useServers().source, target: server },
    });
    await atSource(
      pair,
      `CREATE TABLE wp_3_hits (id INT, t TEXT); INSERT INTO wp_3_hits VALUES (1, 'https://prod.example.edu/');
       CREATE TABLE wp_2_unique (id INT NOT NULL UNIQUE, t TEXT); INSERT INTO wp_2_unique VALUES (1, 'x');
       CREATE TABLE wp_4_maybe (id INT UNIQUE)`,
    );
    const live = await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' });
    const { exitCode, summary } = await migrate(pair, '--max-failures', '100%');
    expect(exitCode).toBe(3);
    const told = summary.warnings.find(({ code }) => code === 'primary_key_required');
    expect(told).toMatchObject({ blocking: false, siteIds: expect.arrayContaining([3, 4]) });
    expect(told?.message).toMatch(new RegExp(`${variable}.*wp_(3_hits|4_maybe)`));
    expect(told?.message).not.toContain('wp_2_unique');
    expect(told?.hint).toContain(`SET GLOBAL ${variable} = OFF`);
    expect(summary.sites).toMatchObject({ completed: 2, failed: 2 });
    expect(summary.failures.flatMap(({ siteIds }) => siteIds).sort()).toEqual([3, 4]);
    for (const { hint } of summary.failures) expect(hint).toContain('primary key at the source');
    expect(await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_3\\_%' })).toEqual(
      live,
    );
    expect(await stagedTables(pair)).toEqual([]);
  });

  it.skipIf(why)('F09 names one of the network tables, without which there is no run', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      live: LIVE,
      servers: { source: useServers().source, target: server },
    });
    await atSource(pair, 'CREATE TABLE wp_bp_groups (id INT)');
    await pair.configure(config => {
      config.network = { tables: ['bp_groups'] };
    });
    const { exitCode, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/primary_key_required: .*network tables would fail: wp_bp_groups/);
    expect((await migrate(pair, '--sites-only')).exitCode).toBe(0);
  });
});

describe.skipIf(whyNoMysql)(`a MySQL that generates primary keys${whyNoMysql}`, () => {
  let source: PrivateServer;
  let target: PrivateServer;
  beforeAll(async () => {
    source = await startMysqlServer();
    target = await startMysqlServer({ args: ['--sql-generate-invisible-primary-key=ON'] });
  });
  afterAll(() => Promise.all([source, target].map(server => server?.stop())));

  it('F09 adds none to a table of the source that has none: named, and its site fails alone', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE, servers: { source, target } });
    await atSource(
      pair,
      `CREATE TABLE wp_3_hits (id INT); CREATE TABLE wp_4_counted (id INT NOT NULL AUTO_INCREMENT, KEY (id));
       CREATE TABLE wp_2_rows (id INT) ENGINE = MyISAM`,
    );
    const { exitCode, summary } = await migrate(pair, '--max-failures', '100%');
    expect(exitCode).toBe(3);
    expect(summary.warnings.find(({ code }) => code === 'primary_key_required')).toMatchObject({
      siteIds: expect.arrayContaining([3, 4]),
      message: expect.stringContaining('sql_generate_invisible_primary_key'),
    });
    expect(summary.sites).toMatchObject({ completed: 2, failed: 2 });
    for (const { hint } of summary.failures) expect(hint).toContain('primary key at the source');
    const generated = "SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE COLUMN_NAME = 'my_row_id'";
    expect(await target.query(generated)).toEqual([]);
  });

  it('F09 carries one that the source has generated, with its values', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE, servers: { source, target } });
    await atSource(
      pair,
      `SET SESSION sql_generate_invisible_primary_key = ON; CREATE TABLE wp_3_hits (t TEXT);
       INSERT INTO wp_3_hits (t) VALUES ('https://prod.example.edu/1'), ('gone'), ('https://prod.example.edu/3');
       DELETE FROM wp_3_hits WHERE t = 'gone'`,
    );
    expect((await migrate(pair)).exitCode).toBe(0);
    expect(
      await target.query(
        `SELECT my_row_id AS id, t FROM ${pair.target.database}.wp_3_hits ORDER BY my_row_id`,
      ),
    ).toEqual([
      { id: 1, t: 'https://stg.example.edu/1' },
      { id: 3, t: 'https://stg.example.edu/3' },
    ]);
  });
});
