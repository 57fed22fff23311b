// What administrators set of sessions must not change a definition, a row, or whether a run is possible. That nothing of
// it does is shown by test/contracts/session-variables.test.ts and sql-modes.test.ts; here is what it did to tables.

import { expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { differences, loadOracle } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

async function createPair(target: PrivateServer, source = useServers().source): Promise<Environments> {
  return await createEnvironments({ ...NETWORK, live: LIVE, servers: { source, target } });
}

async function readDefinition(pair: Environments, end: 'source' | 'target', table: string): Promise<string> {
  const { server, database } = pair[end];
  const shown = `SET NAMES utf8mb4; SHOW CREATE TABLE ${database}.${table}`;
  const [row] = await server.query<{ 'Create Table': string }>(shown);
  // MySQL says so of a column that names its collation, and leaves it out of one that has the table's.
  return row!['Create Table'].replaceAll(/ CHARACTER SET utf8mb4(?= COLLATE)/g, '');
}

const WITH_UMLAUTS = `CREATE TABLE wp_3_plain (
  a INT PRIMARY KEY, t VARCHAR(99) DEFAULT 'Größe' COMMENT 'Länge', e ENUM('groß', 'klein') DEFAULT 'groß',
  g VARCHAR(99) AS (CONCAT(t, 'ä')) STORED) COMMENT = 'Maß' DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci`;

const IGNORING = [
  '--skip-character-set-client-handshake',
  '--character-set-server=latin1',
  '--collation-server=latin1_swedish_ci',
];
const LATIN1 = "SET GLOBAL init_connect = 'SET NAMES latin1'";

/** Both ends of a kind, so that what is read is at stake as well. */
const CHARACTER_SETS = [
  { kind: 'MariaDBs that ignore the character set of the login', start: startMariadbServer, args: IGNORING },
  { kind: 'MariaDBs whose init_connect sets another', start: startMariadbServer, setting: LATIN1 },
  { kind: 'MySQLs whose init_connect sets another', start: startMysqlServer, setting: LATIN1 },
];

for (const { kind, start, args = [], setting = 'DO 1' } of CHARACTER_SETS) {
  const why = start === startMysqlServer ? whyNoMysql : '';
  it.skipIf(why)(`F03 definitions and computed values keep their letters on ${kind}${why}`, async () => {
    await using source = await start({ args });
    await using target = await start({ args });
    for (const server of [source, target]) await server.query(setting);
    await using pair = await createPair(target, source);
    await source.query(
      `SET NAMES utf8mb4; USE ${pair.source.database}; ${WITH_UMLAUTS};
       INSERT INTO wp_3_plain (a, t, e) VALUES (1, 'https://s3.prod.example.edu ü', 'klein')`,
    );
    await completeMigration(pair);
    expect(await readDefinition(pair, 'target', 'wp_3_plain')).toBe(
      await readDefinition(pair, 'source', 'wp_3_plain'),
    );
    const stored = `SET NAMES utf8mb4; SELECT t, e, g FROM ${pair.target.database}.wp_3_plain`;
    expect(await target.query(stored)).toEqual([
      { t: 'https://s3.stg.example.edu ü', e: 'klein', g: 'https://s3.stg.example.edu üä' },
    ]);
  });
}

for (const [make, start] of [
  ['MariaDB', startMariadbServer],
  ['MySQL', startMysqlServer],
] as const) {
  const why = start === startMysqlServer ? whyNoMysql : '';
  it.skipIf(why)(`F07 a TIMESTAMP without a default gets none from a ${make}${why}`, async () => {
    await using target = await start({ args: ['--explicit-defaults-for-timestamp=OFF'] });
    await using pair = await createPair(target);
    await pair.source.server.query(
      `USE ${pair.source.database}; SET explicit_defaults_for_timestamp = 1;
       CREATE TABLE wp_2_x (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, ts2 TIMESTAMP NOT NULL, n INT);
       INSERT INTO wp_2_x VALUES (1, '2020-01-01', '2020-01-01', 1)`,
    );
    await completeMigration(pair);
    const { database } = pair.target;
    await target.query(`UPDATE ${database}.wp_2_x SET n = 2`);
    expect(await target.query(`SELECT ts, ts2, n FROM ${database}.wp_2_x`)).toEqual([
      { ts: '2020-01-01 00:00:00', ts2: '2020-01-01 00:00:00', n: 2 },
    ]);
  });
}

it('F07 an engine that the target enforces is named, and its tables are refused until they are left out', async () => {
  await using target = await startMariadbServer();
  await using pair = await createPair(target);
  await pair.source.server.query(
    `USE ${pair.source.database}; CREATE TABLE wp_2_x (id INT PRIMARY KEY) ENGINE = MyISAM`,
  );
  await target.query('SET GLOBAL enforce_storage_engine = InnoDB');
  const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('makes no tables with the storage engine MyISAM (wp_2_x)');
  const accepted = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--yes',
    '--json',
    '--accept',
    'unknown_engine',
  );
  expect(accepted.exitCode, accepted.stderr + accepted.stdout).toBe(0);
  expect(JSON.parse(accepted.stdout)).toMatchObject({ leftOut: [{ siteId: 2 }] });

  await target.query('SET GLOBAL enforce_storage_engine = MyISAM');
  const impossible = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--accept', 'unknown_engine');
  expect(impossible.exitCode).toBe(4);
  expect(impossible.stderr).toContain('enforce_storage_engine = MyISAM, and its user may not change that');
});

for (const [make, start, isolation] of [
  ['MariaDB', startMariadbServer, 'tx_isolation'],
  ['MySQL', startMysqlServer, 'transaction_isolation'],
] as const) {
  const why = start === startMysqlServer ? whyNoMysql : '';
  it.skipIf(why)(
    `F19 READ COMMITTED on a ${make} that logs statements, which refuses that${why}`,
    async () => {
      await using target = await start({ args: ['--log-bin', '--binlog-format=STATEMENT', '--server-id=1'] });
      await using pair = await createPair(target);
      await target.query(`SET GLOBAL ${isolation} = 'READ-COMMITTED'`);
      await completeMigration(pair);
      expect(await differences(pair, await loadOracle(useServers().target, NETWORK))).toEqual([]);
      // Rows too long for one packet, and a table in ranges, go other ways.
      await target.query('SET GLOBAL max_allowed_packet = 1048576');
      await completeMigration(pair, '--chunk-bytes', '20000', '--concurrency', '2');
    },
  );
}
