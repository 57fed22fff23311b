// Definitions are proven as rows are: what the target's server says of a table is what the source's says, or the plan has
// named what of it is lost, before anything was written.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { findHazard, migrateWell, planMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { startServerWith, whyNoPlugins } from '../support/mariadb-plugins.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 4, scale: 0.02 };

type End = Environments['source'] | Environments['target'];
const at =
  ({ server, database }: End) =>
  (sql: string): Promise<Record<string, unknown>[]> =>
    server.query(`USE ${database}; SET NAMES utf8mb4; ${sql}`);

async function show(end: End, table: string): Promise<string> {
  const [row] = await at(end)(`SHOW CREATE TABLE ${table}`);
  return String(row!['Create Table']);
}

describe('hosts in definitions', () => {
  const HOSTS = `CREATE TABLE wp_2_cfg (id INT PRIMARY KEY, base VARCHAR(100) NOT NULL DEFAULT 'https://prod.example.edu/2/', u VARCHAR(200),
      own TINYINT AS (u LIKE 'https://prod.example.edu/%') STORED, e ENUM ('prod.example.edu', 'other'), c INT COMMENT 'see prod.example.edu') COMMENT = 'of https://prod.example.edu';
    INSERT INTO wp_2_cfg (id, u) VALUES (1, 'https://prod.example.edu/a');
    CREATE TABLE wp_3_mine (id INT PRIMARY KEY, url VARCHAR(200), CONSTRAINT own CHECK (url LIKE 'https://prod.example.edu/%'));
    INSERT INTO wp_3_mine VALUES (1, 'https://prod.example.edu/a');
    CREATE TABLE wp_4_hits (h VARCHAR(100) NOT NULL, n INT) PARTITION BY LIST COLUMNS (h)
      (PARTITION p1 VALUES IN ('prod.example.edu'), PARTITION p2 VALUES IN ('other.example.org'));
    INSERT INTO wp_4_hits VALUES ('prod.example.edu', 1), ('other.example.org', 2);
    CREATE VIEW wp_2_seen AS SELECT id FROM wp_2_cfg WHERE u LIKE '%prod.example.edu%'`;

  it.for(['MariaDB', `MySQL${whyNoMysql}`])(
    'F14 are named by table, column and kind; what rows may break blocks: %s',
    async (flavour, { skip }) => {
      const isMysql = flavour.startsWith('MySQL');
      skip(isMysql && whyNoMysql !== '');
      await using mysql = isMysql ? await startMysqlServer() : null;
      await using pair = await createEnvironments({
        ...NETWORK,
        ...(mysql ? { servers: { source: mysql, target: mysql } } : {}),
      });
      await at(pair.source)(HOSTS);
      let reader = '';
      await pair.configure(({ environments }) => {
        reader = environments.prod.database.user;
      });
      await pair.source.server.query(`GRANT SHOW VIEW ON ${pair.source.database}.* TO '${reader}'@'%'`);
      const made = await planMigration(pair);
      const told = findHazard(made, 'host_in_definition');
      expect(told).toMatchObject({ blocking: false, siteIds: [2] });
      for (const place of [
        '.base (DEFAULT)',
        '.own (generated column)',
        '.e (member of ENUM or SET)',
        '.c (comment)',
        ' (comment)',
      ])
        expect(told?.message).toContain(`wp_2_cfg${place}`);
      expect(findHazard(made, 'host_in_constraint')).toMatchObject({
        blocking: true,
        siteIds: [3, 4],
        message: expect.stringContaining('wp_3_mine CHECK own (CHECK), wp_4_hits (partition)'),
      });
      expect(findHazard(made, 'host_in_view')?.message).toContain('wp_2_seen');

      const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
      expect(refused.exitCode).toBe(4);
      const { sites } = await migrateWell(pair, '--accept', 'host_in_constraint');
      expect(sites).toMatchObject({ completed: 3, failed: 0 });
      expect(await at(pair.target)('SELECT u, own FROM wp_2_cfg')).toEqual([
        { u: 'https://stg.example.edu/a', own: 0 },
      ]);
    },
  );
});

describe('another make of server', () => {
  const SET_MODE = "SET sql_mode = ''";

  describe.skipIf(whyNoMysql)(`MySQL${whyNoMysql}`, () => {
    let mysql: PrivateServer;
    beforeAll(async () => {
      mysql = await startMysqlServer();
    });
    afterAll(() => mysql.stop());

    it('F20 to MariaDB: what it has is carried, what it lacks named, by site and table', async () => {
      await using pair = await createEnvironments({
        ...NETWORK,
        servers: { source: mysql, target: useServers().target },
      });
      await at(pair.source)(
        `${SET_MODE};
         CREATE TABLE wp_2_inv (id INT PRIMARY KEY, a VARCHAR(99) INVISIBLE, b INT, KEY kb (b) INVISIBLE, CONSTRAINT pos CHECK (b > 100) NOT ENFORCED);
         INSERT INTO wp_2_inv (id, a, b) VALUES (1, 'https://prod.example.edu/', 5);
         CREATE TABLE wp_2_geo (id INT PRIMARY KEY, p POINT NOT NULL SRID 4326, SPATIAL KEY (p)); INSERT INTO wp_2_geo VALUES (1, ST_GeomFromText('POINT(10 42)', 4326));
         SET sql_generate_invisible_primary_key = ON; CREATE TABLE wp_2_gipk (t VARCHAR(99)); INSERT INTO wp_2_gipk VALUES ('https://prod.example.edu/'), ('b'); SET sql_generate_invisible_primary_key = OFF;
         CREATE TABLE wp_2_f (id INT PRIMARY KEY, e VARCHAR(99), KEY low ((LOWER(e)))); CREATE TABLE wp_2_c (id INT PRIMARY KEY, t TEXT) COMPRESSION = 'zlib';
         CREATE TABLE wp_2_mv (id INT PRIMARY KEY, d JSON, KEY mv ((CAST(d->'$.tags' AS UNSIGNED ARRAY)))); CREATE TABLE wp_2_gen (a INT, g INT AS (a * 2) STORED NOT NULL, d VARCHAR(40) DEFAULT (UUID()));
         CREATE TABLE wp_2_j (id INT PRIMARY KEY, d JSON) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; INSERT INTO wp_2_j VALUES (1, '{"u": "https://prod.example.edu/"}');
         CREATE TABLE wp_3_ft (id INT PRIMARY KEY, t TEXT, FULLTEXT KEY ft (t) WITH PARSER ngram);
         CREATE TABLE wp_4_u (id INT PRIMARY KEY, e VARCHAR(99), UNIQUE KEY low ((LOWER(e))), b BINARY(16) DEFAULT (UUID_TO_BIN(UUID())))`,
      );
      const made = await planMigration(pair);
      expect(findHazard(made, 'definition_refused')).toMatchObject({
        blocking: true,
        siteIds: [3, 4],
        message: expect.stringMatching(
          /wp_3_ft: the parser ngram of key ft, wp_4_u: the default of column b \(UUID_TO_BIN\), key low, which is unique and over an expression/,
        ),
      });
      const lost = findHazard(made, 'definition_loss');
      expect(lost).toMatchObject({ blocking: false, siteIds: [2] });
      for (const told of [
        'wp_2_inv: CHECK pos, which is not enforced',
        'wp_2_geo: the reference system of column p',
        'wp_2_f: key low, which is over an expression',
        'wp_2_c: COMPRESSION of the table',
        'wp_2_mv: key mv, which is over an expression',
        'wp_2_gen: NOT NULL of the generated column g',
      ])
        expect(lost?.message).toContain(told);
      expect(lost?.message).not.toContain('gipk');

      await migrateWell(pair, '--accept', 'definition_refused');
      const inv = await show(pair.target, 'wp_2_inv');
      expect(inv).toMatch(/`a` varchar\(99\).* INVISIBLE/);
      expect(inv).toMatch(/KEY `kb` \(`b`\) IGNORED/);
      await at(pair.target)(
        "INSERT INTO wp_2_inv VALUES (3, 9); UPDATE wp_2_inv SET b = 6 WHERE id = 1; INSERT INTO wp_2_gipk VALUES ('c')",
      );
      expect(await at(pair.target)("SELECT JSON_VALUE(d, '$.u') AS u FROM wp_2_j")).toEqual([
        { u: 'https://stg.example.edu/' },
      ]);
      expect(await at(pair.target)('SELECT my_row_id AS id, t FROM wp_2_gipk ORDER BY id')).toEqual([
        { id: 1, t: 'https://stg.example.edu/' },
        { id: 2, t: 'b' },
        { id: 3, t: 'c' },
      ]);
    });

    it('F20 from MariaDB: what it has is carried, what it lacks named, and rows that it would not take', async () => {
      await using pair = await createEnvironments({
        ...NETWORK,
        servers: { source: useServers().source, target: mysql },
      });
      await at(pair.source)(
        `${SET_MODE};
         CREATE TABLE wp_2_a (id INT PRIMARY KEY, t TEXT DEFAULT 'x', u VARCHAR(36) DEFAULT (UUID()), h VARCHAR(9) INVISIBLE, b INT CHECK (b < id), KEY kb (b)); ALTER TABLE wp_2_a ALTER INDEX kb IGNORED;
         INSERT INTO wp_2_a (id, t, h, b) VALUES (9, 'https://prod.example.edu/', 'hidden', 2);
         CREATE TABLE wp_2_p (id INT PRIMARY KEY, t TEXT COMPRESSED) PAGE_COMPRESSED = 1;
         CREATE TABLE wp_3_u (id INT PRIMARY KEY, u UUID, i INET6); CREATE TABLE wp_3_t (id INT PRIMARY KEY, t TEXT, UNIQUE KEY (t));
         CREATE TABLE wp_3_v (id INT PRIMARY KEY) WITH SYSTEM VERSIONING;
         CREATE TABLE wp_4_c (id INT PRIMARY KEY, c INT, CHECK (c > 10)); SET check_constraint_checks = 0; INSERT INTO wp_4_c VALUES (1, 5)`,
      );
      const made = await planMigration(pair);
      expect(findHazard(made, 'definition_refused')).toMatchObject({
        siteIds: [3],
      });
      for (const told of [
        'wp_3_t: key t, which is unique over a whole text',
        'wp_3_u: column u (UUID), column i (INET6)',
        'wp_3_v: system versioning',
      ])
        expect(findHazard(made, 'definition_refused')?.message).toContain(told);
      expect(findHazard(made, 'rows_break_check')).toMatchObject({
        blocking: true,
        siteIds: [4],
        message: expect.stringContaining('wp_4_c'),
      });
      expect(findHazard(made, 'definition_loss')?.message).toContain(
        'wp_2_p: the compression of column t, PAGE_COMPRESSED of the table',
      );
      await migrateWell(pair, '--accept', 'definition_refused', '--accept', 'rows_break_check');
      const shown = await show(pair.target, 'wp_2_a');
      for (const part of [
        '`t` text',
        "DEFAULT (_utf8mb4'x')",
        'DEFAULT (uuid())',
        '/*!80023 INVISIBLE */',
        'KEY `kb` (`b`) /*!80000 INVISIBLE */',
        'CHECK ((`b` < `id`))',
      ])
        expect(shown).toContain(part);
      expect(await at(pair.target)('SELECT id, t, h, b FROM wp_2_a')).toEqual([
        { id: 9, t: 'https://stg.example.edu/', h: 'hidden', b: 2 },
      ]);
    });

    it('F27 a table of generated columns alone is carried by its number of rows', async () => {
      await using target = await startMysqlServer();
      await using pair = await createEnvironments({ ...NETWORK, servers: { source: mysql, target } });
      await at(pair.source)(
        `CREATE TABLE wp_2_g (a INT GENERATED ALWAYS AS (1) STORED); INSERT INTO wp_2_g VALUES (), ();
         CREATE TABLE wp_3_none (a INT GENERATED ALWAYS AS (1) VIRTUAL);
         SET SESSION cte_max_recursion_depth = 5000; CREATE TABLE wp_3_many LIKE wp_2_g;
         CREATE TABLE wp_4_n (n INT); INSERT INTO wp_4_n WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2345) SELECT n FROM n`,
      );
      await at(pair.source)(`INSERT INTO wp_3_many () VALUES ${Array(2345).fill('()').join(', ')}`);
      const { migrationId } = await migrateWell(pair);
      for (const [table, rows] of [
        ['wp_2_g', 2],
        ['wp_3_none', 0],
        ['wp_3_many', 2345],
      ])
        expect(await at(pair.target)(`SELECT COUNT(*) AS n, MAX(a) AS a FROM ${table}`)).toEqual([
          { n: rows, a: rows === 0 ? null : 1 },
        ]);
      expect((await pair.run('env-migrate', 'verify', migrationId)).exitCode).toBe(0);
      expect((await migrateWell(pair, '--only-changed')).sites).toMatchObject({ unchanged: 5 });
    });
  });
});

it('F27 a table of generated columns alone, on MariaDB', async () => {
  await using pair = await createEnvironments(NETWORK);
  await at(pair.source)(
    'CREATE TABLE wp_2_g (a INT AS (1) VIRTUAL, b INT AS (a + 1) VIRTUAL); INSERT INTO wp_2_g VALUES (), ()',
  );
  await migrateWell(pair);
  expect(await at(pair.target)('SELECT a, b FROM wp_2_g')).toEqual([
    { a: 1, b: 2 },
    { a: 1, b: 2 },
  ]);
});

describe('F07 a target that makes something else of a definition', () => {
  it.each([
    [
      'the default and ON UPDATE of a timestamp',
      'explicit_defaults_for_timestamp = 0',
      '(id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, n INT)',
      /column ts: default should be none and is current_timestamp/,
    ],
    [
      'the engine',
      'enforce_storage_engine = InnoDB',
      '(id INT PRIMARY KEY) ENGINE = MyISAM',
      /makes no tables with the storage engine MyISAM \(wp_2_x\)/,
    ],
  ])('%s: the site is refused or fails, and stays as it is', async (_, setting, definition, reason) => {
    await using target = await startMariadbServer();
    await using pair = await createEnvironments({
      ...NETWORK,
      servers: { source: useServers().source, target },
    });
    await at(pair.source)(`SET sql_mode = ''; CREATE TABLE wp_2_x ${definition}`);
    await target.query(`SET GLOBAL ${setting}`);
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    // A session that states its own settings carries it; none may pass it off as the same.
    if (exitCode === 0) {
      expect(await show(pair.target, 'wp_2_x')).toBe(await show(pair.source, 'wp_2_x'));
      return;
    }
    if (exitCode === 4) {
      // What can be known beforehand is told before anything is written.
      expect(stdout + stderr).toMatch(reason);
      expect(await at(pair.target)('SHOW TABLES')).toEqual([]);
      return;
    }
    const { sites, failures } = JSON.parse(stdout) as Summary;
    expect(sites).toMatchObject({ completed: 4, failed: 1 });
    expect(failures).toMatchObject([
      { code: 'schema', siteIds: [2], example: { message: expect.stringMatching(reason) } },
    ]);
    expect(await at(pair.target)("SHOW TABLES LIKE 'wp\\_2\\_%'")).toEqual([]);
  });
});

describe.skipIf(whyNoPlugins)(`ARCHIVE${whyNoPlugins}`, () => {
  it('F23 rows arrive below the next number, in order, and it is carried', async () => {
    await using server = await startServerWith('ha_archive');
    await using pair = await createEnvironments({ ...NETWORK, servers: { source: server, target: server } });
    await at(pair.source)(
      `CREATE TABLE wp_2_arch (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, t TEXT) ENGINE = ARCHIVE; INSERT INTO wp_2_arch (t) VALUES ('https://prod.example.edu/a'), ('b'), ('c');
       CREATE TABLE wp_2_plain (id INT NOT NULL AUTO_INCREMENT, t TEXT, KEY (id)) ENGINE = ARCHIVE; INSERT INTO wp_2_plain (id, t) VALUES (5, 'https://prod.example.edu/a'), (7, 'b'), (9, 'c');
       CREATE TABLE wp_3_empty (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE = ARCHIVE AUTO_INCREMENT = 100;
       CREATE TABLE wp_3_begun (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, t TEXT) ENGINE = ARCHIVE AUTO_INCREMENT = 100; INSERT INTO wp_3_begun (t) VALUES ('a');
       CREATE TABLE wp_4_bare (t TEXT) ENGINE = ARCHIVE; INSERT INTO wp_4_bare VALUES ('z'), ('a');
       CREATE TABLE wp_4_skipped (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, t TEXT) ENGINE = ARCHIVE; INSERT INTO wp_4_skipped (t) VALUES ('x'), ('y')`,
    );
    await pair.configure(config => {
      config.tables.skipData = ['skipped'];
    });
    await migrateWell(pair);
    expect(await at(pair.target)('SELECT * FROM wp_2_arch')).toEqual([
      { id: 1, t: 'https://stg.example.edu/a' },
      { id: 2, t: 'b' },
      { id: 3, t: 'c' },
    ]);
    for (const table of ['wp_2_arch', 'wp_2_plain', 'wp_3_empty', 'wp_3_begun', 'wp_4_bare', 'wp_4_skipped'])
      expect(await show(pair.target, table), table).toBe(await show(pair.source, table));
  });
});

it('F25 a table of the source that its server can not open is said to be the source’s, in its own words', async () => {
  await using source = await startMariadbServer();
  await using pair = await createEnvironments({
    ...NETWORK,
    servers: { source, target: useServers().target },
  });
  await at(pair.source)(
    'CREATE TABLE wp_3_gone (id INT PRIMARY KEY); CREATE TABLE wp_4_files (id INT PRIMARY KEY) ENGINE = MyISAM; FLUSH TABLES',
  );
  await rm(join(source.dir, 'data', pair.source.database, 'wp_3_gone.ibd'));
  await rm(join(source.dir, 'data', pair.source.database, 'wp_4_files.MYI'));
  await source.restart();
  const made = await planMigration(pair);
  expect(findHazard(made, 'damaged_table')).toMatchObject({
    blocking: true,
    siteIds: expect.arrayContaining([3, 4]),
    message: expect.stringMatching(
      /Tables of the source can't be read, as its server says: .*wp_3_gone \(.*\).*wp_4_files \(Can't find file/,
    ),
  });
  expect(findHazard(made, 'unknown_engine')).toBeUndefined();
  const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(refused.exitCode).toBe(4);
  expect((await migrateWell(pair, '--accept', 'damaged_table')).sites).toMatchObject({
    completed: 3,
    failed: 0,
  });
});

it('F26 an emoji in a default arrives, though no server shows it; in a member of an ENUM it is told', async () => {
  await using pair = await createEnvironments(NETWORK);
  await at(pair.source)(
    `CREATE TABLE wp_2_e (id INT PRIMARY KEY, d VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT '🎉', q VARCHAR(20) DEFAULT 'what? 🎉 it''s', w VARCHAR(20) CHARACTER SET utf16 DEFAULT '🎉?',
       plain VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT 'why?', x VARCHAR(20) DEFAULT (CONCAT('🎉', 'x')), c INT COMMENT 'see 🎉', e ENUM ('😀', 'b') CHARACTER SET utf8mb4) CHARACTER SET utf8mb4;
     INSERT INTO wp_2_e (id, e) VALUES (1, 'b'); CREATE TABLE wp_3_e (id INT PRIMARY KEY, e ENUM ('?', 'b') CHARACTER SET latin1)`,
  );
  expect(findHazard(await planMigration(pair), 'member_unseen')).toMatchObject({
    blocking: false,
    siteIds: [2],
    message: expect.stringContaining('wp_2_e.e.'),
  });
  await migrateWell(pair);
  await at(pair.target)("INSERT INTO wp_2_e (id, e) VALUES (9, 'b')");
  const defaults = 'SELECT d, q, w, plain, x FROM wp_2_e WHERE id =';
  expect(await at(pair.target)(`${defaults} 9`)).toEqual([
    { d: '🎉', q: "what? 🎉 it's", w: '🎉?', plain: 'why?', x: '🎉x' },
  ]);
  expect(await at(pair.target)(`${defaults} 9`)).toEqual(await at(pair.target)(`${defaults} 1`));
});
