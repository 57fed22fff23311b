// MySQL as well as MariaDB, both ways round: the same oracle as in oracle.test.ts. The generated tables have a collation
// that both know, utf8mb4_unicode_520_ci, and WordPress's types.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
});
