// What leads out of a table: engines whose rows lie elsewhere, sequences, tables that are made of others. What is copied
// must never be a second way into the source.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHazard, migrateWell, planMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { startServerWith, whyNoPlugins } from '../support/mariadb-plugins.ts';
import type { MariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import { createDatabaseName, useServers } from '../support/servers.ts';

const NETWORK = { sites: 4, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

const at =
  ({ server, database }: Environments['source'] | Environments['target']) =>
  (sql: string): Promise<Record<string, unknown>[]> =>
    server.query(`USE ${database}; ${sql}`);

describe.skipIf(whyNoPlugins)(`engines whose rows lie elsewhere${whyNoPlugins}`, () => {
  let source: MariadbServer;
  let target: MariadbServer;
  let pair: Environments;
  let crm: string;
  beforeAll(async () => {
    [source, target] = await Promise.all([
      startServerWith('ha_federatedx', 'ha_spider'),
      startServerWith('ha_federatedx', 'ha_spider'),
    ]);
    pair = await createEnvironments({ ...NETWORK, live: LIVE, servers: { source, target } });
    crm = createDatabaseName('crm');
    await source.query(
      `CREATE DATABASE ${crm}; USE ${crm};
       CREATE USER crm@127.0.0.1 IDENTIFIED BY 'c'; GRANT ALL ON ${crm}.* TO crm@127.0.0.1;
       GRANT ALL ON ${pair.source.database}.* TO crm@127.0.0.1;
       CREATE TABLE leads (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(99)); INSERT INTO leads (t) VALUES ('https://prod.example.edu/2/lead'), ('two');
       CREATE TABLE keyless (t VARCHAR(99)); INSERT INTO keyless VALUES ('https://prod.example.edu/3/lead'), ('two');
       CREATE TABLE empty_one (t VARCHAR(99))`,
    );
    const link = (place: string): string => `mysql://crm:c@127.0.0.1:${source.port}/${place}`;
    await at(pair.source)(
      `CREATE TABLE wp_2_leads (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(99)) ENGINE = FEDERATED CONNECTION = '${link(`${crm}/leads`)}';
       CREATE TABLE wp_3_keyless (t VARCHAR(99)) ENGINE = FEDERATED CONNECTION = '${link(`${crm}/keyless`)}';
       CREATE TABLE wp_3_empty (t VARCHAR(99)) ENGINE = FEDERATED CONNECTION = '${link(`${crm}/empty_one`)}';
       CREATE TABLE wp_4_plain (id INT PRIMARY KEY); INSERT INTO wp_4_plain VALUES (1);
       CREATE TABLE wp_4_itself (id INT PRIMARY KEY) ENGINE = FEDERATED CONNECTION = '${link(`${pair.source.database}/wp_4_plain`)}';
       CREATE TABLE wp_4_spider (id INT PRIMARY KEY, t VARCHAR(99)) ENGINE = SPIDER COMMENT = 'wrapper "mysql", host "127.0.0.1", port "${source.port}", user "crm", password "c", database "${crm}", table "leads"';
       CREATE TABLE wp_4_local (id INT PRIMARY KEY) CONNECTION = '${link(`${crm}/leads`)}'; INSERT INTO wp_4_local VALUES (1)`,
    );
    await target.query(`CREATE DATABASE ${crm}; CREATE TABLE ${crm}.leads (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(99));
      CREATE USER crm@127.0.0.1 IDENTIFIED BY 'c'; GRANT ALL ON ${crm}.* TO crm@127.0.0.1`);
    await at(pair.target)(
      `CREATE TABLE wp_2_leads (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(99)) ENGINE = FEDERATED
       CONNECTION = 'mysql://crm:c@127.0.0.1:${target.port}/${crm}/leads'`,
    );
  });
  afterAll(async () => {
    await pair?.[Symbol.asyncDispose]();
    await Promise.all([source?.stop(), target?.stop()]);
  });

  it('F02 are named in the plan, by site and table', async () => {
    const made = await planMigration(pair);
    const hazard = findHazard(made, 'rows_elsewhere');
    expect(hazard).toMatchObject({ blocking: false, siteIds: [2, 3, 4] });
    for (const table of ['wp_2_leads', 'wp_3_keyless', 'wp_3_empty', 'wp_4_itself'])
      expect(hazard?.message).toContain(`${table}, whose rows lie elsewhere (FEDERATED)`);
    expect(hazard?.message).toContain('wp_4_spider, whose rows lie elsewhere (SPIDER');
    expect(made.tablesNotCarried).toContainEqual({
      table: 'wp_2_leads',
      reason: 'its rows lie elsewhere (FEDERATED)',
      stays: 'wp_2_leads',
    });
  });

  it.each([[[]], [['leads', 'empty', 'keyless*', 'itself', 'spider']]])(
    'F02 are left, with tables.skipData %j: no row is written there, and no link is made',
    async skipData => {
      await pair.configure(config => {
        config.tables.skipData = skipData;
      });
      const before = await checksumTables(source, crm);
      const summary = await migrateWell(pair);
      expect(summary.sites).toMatchObject({ completed: 5, failed: 0 });
      expect(await checksumTables(source, crm)).toEqual(before);
      const links = await target.query(
        `SELECT TABLE_SCHEMA AS place, TABLE_NAME AS name FROM information_schema.TABLES
         WHERE ENGINE IN ('FEDERATED', 'SPIDER') AND TABLE_SCHEMA LIKE '${pair.target.database}%'`,
      );
      // The target's own, where it was.
      expect(links).toEqual([{ place: pair.target.database, name: 'wp_2_leads' }]);
      await at(pair.target)("INSERT INTO wp_2_leads (t) VALUES ('written on staging')");
      expect(await checksumTables(source, crm)).toEqual(before);
      // InnoDB keeps the text and makes nothing of it; the password in it stays at the source.
      expect(await at(pair.target)('SHOW CREATE TABLE wp_4_local')).toEqual([
        { Table: 'wp_4_local', 'Create Table': expect.not.stringContaining('CONNECTION') },
      ]);
    },
  );

  it("F02 a site whose posts lie elsewhere can't be migrated, and can be left out", async () => {
    await at(pair.source)(
      `DROP TABLE wp_3_posts; CREATE TABLE wp_3_posts (t VARCHAR(99)) ENGINE = FEDERATED
       CONNECTION = 'mysql://crm:c@127.0.0.1:${source.port}/${crm}/keyless'`,
    );
    const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain('wp_3_posts, whose rows lie elsewhere (FEDERATED)');
    const summary = await migrateWell(pair, '--accept', 'core_rows_elsewhere');
    expect(summary.leftOut).toEqual([{ siteId: 3, reason: '--accept core_rows_elsewhere' }]);
  });
});

describe('sequences', () => {
  const ORDERS = `CREATE SEQUENCE wp_2_order_no START WITH 1000 INCREMENT BY 10 CACHE 5;
    CREATE TABLE wp_2_orders (id BIGINT NOT NULL DEFAULT NEXTVAL(wp_2_order_no) PRIMARY KEY,
      label VARCHAR(50) NOT NULL DEFAULT (CONCAT('nextval(\`x\`) ', NEXTVAL(wp_2_order_no))), t VARCHAR(50));
    INSERT INTO wp_2_orders (t) VALUES ('https://prod.example.edu/'), ('b')`;

  const next = async (pair: Environments): Promise<unknown> => {
    await at(pair.target)("INSERT INTO wp_2_orders (t, label) VALUES ('on staging', 'x')");
    return (await at(pair.target)('SELECT MAX(id) AS id FROM wp_2_orders'))[0]!.id;
  };

  it.each(['two servers', 'one server, where the target may write to the source'])(
    'F08 travel with their state; defaults take their numbers from the target: %s',
    async servers => {
      const { source, target } = useServers();
      const isOne = servers.startsWith('one');
      await using pair = await createEnvironments({
        ...NETWORK,
        live: LIVE,
        ...(isOne
          ? { servers: { source, target: source }, targetReadsSource: true }
          : { servers: { source, target } }),
      });
      await at(pair.source)(ORDERS);
      const state = await at(pair.source)('SELECT * FROM wp_2_order_no');
      if (isOne) {
        const [writer] = await source.query<{ user: string }>(
          'SELECT User AS user FROM mysql.db WHERE Db = ? LIMIT 1',
          [pair.target.database],
        );
        await source.query(`GRANT ALL ON ${pair.source.database}.* TO '${writer!.user}'@'%'`);
      }
      const before = await checksumTables(pair.target.server, pair.target.database);
      const { migrationId } = await migrateWell(pair);

      expect(await at(pair.target)('SELECT * FROM wp_2_order_no')).toEqual(state);
      const [shown] = await at(pair.target)('SHOW CREATE TABLE wp_2_orders');
      expect(shown!['Create Table']).toContain(
        `DEFAULT nextval(\`${pair.target.database}\`.\`wp_2_order_no\`)`,
      );
      expect(shown!['Create Table']).not.toMatch(/prod|incoming/);
      expect(await next(pair)).toBe(state[0]!.next_not_cached_value);
      expect(await at(pair.source)('SELECT * FROM wp_2_order_no')).toEqual(state);

      // Nothing is left of what was there for a moment, and the way back is whole.
      const back = await pair.run('env-migrate', 'rollback', migrationId, '--yes');
      expect(back.exitCode, back.stderr).toBe(0);
      expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);
      expect(
        await pair.target.server.query(
          `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'SEQUENCE' AND TABLE_SCHEMA LIKE '${pair.target.database}%'`,
        ),
      ).toEqual([]);

      // Twice: then live has the sequence, and the one before is kept with its table.
      await migrateWell(pair);
      await next(pair);
      await migrateWell(pair);
      expect(await next(pair)).toBe(state[0]!.next_not_cached_value);
      expect(
        await pair.target.server.query(`SELECT * FROM ${pair.target.previous}.wp_2_order_no`),
      ).not.toEqual(state);
    },
  );

  it('F08 are told apart by what has changed: unchanged sites are skipped, a number that was given out is not', async () => {
    await using pair = await createEnvironments(NETWORK);
    await at(pair.source)(ORDERS);
    await migrateWell(pair);
    expect((await migrateWell(pair, '--only-changed')).sites).toMatchObject({ unchanged: 5 });
    await at(pair.source)('SELECT NEXTVAL(wp_2_order_no) FROM seq_1_to_50');
    expect((await migrateWell(pair, '--only-changed')).sites).toMatchObject({ unchanged: 4 });
    expect(await at(pair.target)('SELECT * FROM wp_2_order_no')).toEqual(
      await at(pair.source)('SELECT * FROM wp_2_order_no'),
    );
  });

  it("F08 of another site, of another database or of nobody: the site can't be migrated", async () => {
    await using pair = await createEnvironments(NETWORK);
    const shared = createDatabaseName('shared');
    await at(pair.source)(
      `CREATE DATABASE ${shared}; CREATE SEQUENCE ${shared}.numbers; CREATE SEQUENCE wp_3_numbers; CREATE SEQUENCE wp_numbers;
       CREATE TABLE wp_2_a (id BIGINT DEFAULT NEXTVAL(wp_3_numbers)); CREATE TABLE wp_3_a (id BIGINT DEFAULT NEXTVAL(${shared}.numbers));
       CREATE TABLE wp_4_a (id BIGINT DEFAULT (1 + LASTVAL(wp_numbers)))`,
    );
    const hazard = findHazard(await planMigration(pair), 'sequence_elsewhere');
    expect(hazard).toMatchObject({ blocking: true, siteIds: expect.arrayContaining([2, 3, 4]) });
    for (const lead of ['wp_2_a.id → ', `wp_3_a.id → ${shared}.numbers`, 'wp_4_a.id → '])
      expect(hazard?.message).toContain(lead);
    const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(refused.exitCode).toBe(4);
    await migrateWell(pair, '--accept', 'sequence_elsewhere');
    await pair.source.server.query(`DROP DATABASE ${shared}`);
  });

  it.skipIf(whyNoMysql)(`F08 MySQL has none: the site can't be migrated there${whyNoMysql}`, async () => {
    await using mysql = await startMysqlServer();
    await using pair = await createEnvironments({
      ...NETWORK,
      servers: { source: useServers().source, target: mysql },
    });
    await at(pair.source)(ORDERS);
    const made = await planMigration(pair);
    expect(findHazard(made, 'sequence_elsewhere')).toMatchObject({ blocking: true, siteIds: [2] });
    expect(made.tablesNotCarried).toContainEqual({
      table: 'wp_2_order_no',
      reason: "it is a sequence, of which the target's server has none",
    });
  });
});

describe('MERGE tables', () => {
  const LOG = `CREATE TABLE wp_2_log1 (id INT NOT NULL, t VARCHAR(100), KEY (id)) ENGINE = MyISAM CHARACTER SET utf8mb4;
    CREATE TABLE wp_2_log2 LIKE wp_2_log1; CREATE TABLE wp_3_log1 LIKE wp_2_log1;
    INSERT INTO wp_2_log1 VALUES (1, 'https://prod.example.edu/1'), (2, 'two'); INSERT INTO wp_2_log2 VALUES (3, 'three');
    CREATE TABLE wp_2_log_all (id INT NOT NULL, t VARCHAR(100), KEY (id)) ENGINE = MERGE UNION = (wp_2_log1, wp_2_log2) INSERT_METHOD = LAST CHARACTER SET utf8mb4;
    CREATE TABLE wp_2_a_read (id INT NOT NULL, t VARCHAR(100), KEY (id)) ENGINE = MERGE UNION = (wp_2_log1) CHARACTER SET utf8mb4;
    CREATE TABLE wp_2_nothing (id INT NOT NULL, KEY (id)) ENGINE = MERGE;
    CREATE TABLE wp_3_of_both (id INT NOT NULL, t VARCHAR(100), KEY (id)) ENGINE = MERGE UNION = (wp_2_log1, wp_3_log1) CHARACTER SET utf8mb4`;

  it('F18 travel over the copied tables, under their names at the target; one of two sites is left', async () => {
    await using pair = await createEnvironments(NETWORK);
    await pair.configure(({ environments }) => {
      environments.stg.tablePrefix = 'blog_';
    });
    await at(pair.source)(LOG);
    const made = await planMigration(pair);
    expect(findHazard(made, 'rows_elsewhere')).toMatchObject({
      siteIds: [3],
      message: expect.stringContaining(
        "wp_3_of_both, whose rows are those of tables that don't travel with it (MRG_MyISAM: wp_2_log1)",
      ),
    });
    const { migrationId } = await migrateWell(pair);
    expect(await at(pair.target)('SELECT id, t FROM blog_2_log_all ORDER BY id')).toEqual([
      { id: 1, t: 'https://stg.example.edu/1' },
      { id: 2, t: 'two' },
      { id: 3, t: 'three' },
    ]);
    expect(await at(pair.target)('SELECT id FROM blog_2_a_read')).toHaveLength(2);
    expect(await at(pair.target)('SELECT id FROM blog_2_nothing')).toEqual([]);
    await at(pair.target)("INSERT INTO blog_2_log_all VALUES (4, 'last')");
    expect(await at(pair.target)('SELECT id FROM blog_2_log2')).toHaveLength(2);
    await at(pair.target)('DELETE FROM blog_2_log2 WHERE id = 4');
    expect(await at(pair.target)("SHOW TABLES LIKE 'blog\\_3\\_of%'")).toEqual([]);

    expect((await pair.run('env-migrate', 'verify', migrationId)).exitCode).toBe(0);
    expect((await migrateWell(pair, '--only-changed')).sites).toMatchObject({ unchanged: 5 });
    await at(pair.source)("INSERT INTO wp_2_log2 VALUES (5, 'five')");
    expect((await migrateWell(pair, '--only-changed')).sites).toMatchObject({ unchanged: 4 });
    expect(await at(pair.target)('SELECT id FROM blog_2_log_all')).toHaveLength(4);
  });
});
