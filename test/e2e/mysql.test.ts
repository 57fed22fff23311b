// MySQL as well as MariaDB, both ways round: the same oracle as in oracle.test.ts. The generated tables have a collation
// that both know, utf8mb4_unicode_520_ci, and WordPress's types.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { differences, loadOracle, stagedTables } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.1 };
const LIVE = { sites: 3, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

describe.skipIf(whyNoMysql)(`MySQL${whyNoMysql}`, () => {
  let mysql: PrivateServer;
  let other: PrivateServer;
  beforeAll(async () => {
    // The template is made once.
    mysql = await startMysqlServer();
    other = await startMysqlServer();
  });
  afterAll(() => Promise.all([mysql, other].map(server => server.stop())));

  it.each(['MySQL to MariaDB', 'MariaDB to MySQL', 'MySQL to MySQL', 'MySQL to itself'] as const)(
    '%s: equals the oracle table by table, is taken back whole, and the source is as it was',
    async way => {
      const mariadb = useServers();
      const source = way.startsWith('MySQL') ? mysql : mariadb.source;
      const target = way.endsWith('MariaDB') ? mariadb.target : way.endsWith('itself') ? mysql : other;
      await using pair = await createEnvironments({
        ...NETWORK,
        live: LIVE,
        servers: { source, target },
        targetReadsSource: source === target,
      });
      const before = await checksumTables(source, pair.source.database);
      const live = await checksumTables(target, pair.target.database);

      const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
      expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
      expect(await differences(pair, await loadOracle(target, NETWORK))).toEqual([]);
      expect(await stagedTables(pair)).toEqual([]);
      expect(await checksumTables(source, pair.source.database)).toEqual(before);

      const { migrationId } = JSON.parse(outcome.stdout) as { migrationId: string };
      const back = await pair.run('env-migrate', 'rollback', migrationId, '--yes');
      expect(back.exitCode, back.stderr).toBe(0);
      expect(await checksumTables(target, pair.target.database)).toEqual(live);
    },
  );

  it('H27 a trigger on a live table of MySQL, which its user may not see, fails its site alone, and says why', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      live: LIVE,
      servers: { source: useServers().source, target: mysql },
    });
    await mysql.query(
      `USE ${pair.target.database}; CREATE TRIGGER in_the_way BEFORE INSERT ON wp_3_posts FOR EACH ROW SET NEW.post_author = 1`,
    );
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    expect(exitCode, stdout + stderr).toBe(3);
    const { warnings, failures, sites } = JSON.parse(stdout) as Summary;
    expect(warnings.map(hazard => hazard.code)).toContain('target_triggers_unseen');
    expect(sites).toMatchObject({ completed: 3, failed: 1 });
    expect(failures).toMatchObject([
      { code: 'schema', siteIds: [3], hint: expect.stringMatching(/^Drop the trigger/) },
    ]);
    expect(await mysql.query(`SHOW TABLES IN ${pair.target.database} LIKE 'wp\\_3\\_posts'`)).toHaveLength(1);
  });

  it.each([
    ['MySQL to MariaDB', 'utf8mb4_0900_ai_ci'],
    ['MariaDB to MySQL', 'utf8mb4_uca1400_ai_ci'],
  ])('H31 %s: the plan names the collation %s; its site can be left out', async (way, collation) => {
    const mariadb = useServers();
    const [source, target] = way.startsWith('MySQL') ? [mysql, mariadb.target] : [mariadb.source, mysql];
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE, servers: { source, target } });
    await source.query(
      `CREATE TABLE ${pair.source.database}.wp_3_forms (id INT PRIMARY KEY, t TEXT COLLATE ${collation}) CHARACTER SET utf8mb4`,
    );
    const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain(`doesn't know the collation ${collation}`);
    expect(refused.stderr).toContain('--accept unknown_collation');
    const flags = ['--accept', 'unknown_collation', '--json'];
    const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', ...flags);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      sites: { total: 3, completed: 3 },
      leftOut: [{ siteId: 3, reason: '--accept unknown_collation' }],
    });
  });

  it('F12 JSON arrives as MySQL makes it of its text; what text can not carry is told', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      live: LIVE,
      servers: { source: mysql, target: other },
    });
    const values: [number, string][] = [
      [1, `'{"prod.example.edu":1,"abcdefghijklmnop":2,"z":[{"prod.example.edu":1,"y":2}]}'`],
      [2, `JSON_OBJECT('d', CAST('169.090000' AS DECIMAL(12,6)))`],
      [3, `JSON_OBJECT('t', CAST('2020-01-01 10:00:00' AS DATETIME))`],
      [4, `JSON_ARRAY(JSON_OBJECT('b', CAST('abc' AS BINARY)))`],
      [5, `JSON_ARRAY(123456789012345678901234567890)`],
      [6, `'{"stg.example.edu": 1, "prod.example.edu": 2}'`],
      [7, `'[1.5, -0.0, 1e400, 18446744073709551615, "\\\\u00e9\\\\n", null]'`.replace(', 1e400', '')],
      [8, 'NULL'],
      [9, `JSON_OBJECT('u', 'https://prod.example.edu/', 'd', CAST('1.50' AS DECIMAL(5,2)))`],
    ];
    const rows = values.map(([id, value]) => `(${id}, ${value})`).join(', ');
    await mysql.query(
      `USE ${pair.source.database}; CREATE TABLE wp_2_j (id INT PRIMARY KEY, d JSON); INSERT INTO wp_2_j VALUES ${rows}`,
    );
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    expect(exitCode, stdout + stderr).toBe(0);
    const found = await other.query<{ id: number; d: string | null }>(
      `SELECT id, CAST(d AS CHAR) AS d FROM ${pair.target.database}.wp_2_j ORDER BY id`,
    );
    expect(found.map(row => row.d)).toEqual([
      '{"z": [{"y": 2, "stg.example.edu": 1}], "stg.example.edu": 1, "abcdefghijklmnop": 2}',
      '{"d": 169.09}',
      '{"t": "2020-01-01 10:00:00.000000"}',
      '[{"b": "base64:type15:YWJj"}]',
      '[1.2345678901234568e29]',
      '{"stg.example.edu": 1, "prod.example.edu": 2}',
      '[1.5, -0.0, 18446744073709551615, "é\\n", null]',
      null,
      '{"d": 1.5, "u": "https://stg.example.edu/"}',
    ]);
    const { rewritten } = JSON.parse(stdout) as Summary;
    const told = rewritten.left.filter(({ table }) => table === 'j');
    expect(told).toMatchObject([
      {
        column: 'd',
        reason: 'json_type',
        values: 5,
        examples: [2, 3, 4, 5, 9].map(id => ({ key: `id=${id}` })),
      },
      { column: 'd', reason: 'key_collision', values: 1 },
    ]);
    const again = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json', '--only-changed');
    expect(JSON.parse(again.stdout), again.stderr).toMatchObject({ sites: { unchanged: 4 } });
  });
});
