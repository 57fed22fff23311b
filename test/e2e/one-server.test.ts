// Source and target as two databases of one server: the same result as with two, but rows without a source host don't
// come through the program.

import { expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { ofType, onlyRunId, readLines } from '../support/runs.ts';
import { createDatabaseName, useServers } from '../support/servers.ts';

const NETWORK = { sites: 4, scale: 0.1 };
const USER_TABLES = ['wp_users', 'wp_usermeta'];
const PLAIN_ROWS = 3_000;

const { source: server } = useServers();

/** A table such as a plugin's log: hardly a row of it names a host. */
const addVisits = (database: string, host: string): Promise<unknown> =>
  server.query(
    `CREATE TABLE ${database}.wp_2_visits (id BIGINT AUTO_INCREMENT PRIMARY KEY, agent VARCHAR(200), page TEXT);
     INSERT INTO ${database}.wp_2_visits SELECT seq, REPEAT('agent ', 30), NULL FROM seq_1_to_${PLAIN_ROWS};
     INSERT INTO ${database}.wp_2_visits (agent, page) VALUES ('', 'https://${host}/about');
     ANALYZE TABLE ${database}.wp_2_visits`.replaceAll(' FROM seq_', ` FROM ${database}.seq_`),
  );

async function migrate(pair: Environments, ...args: string[]): Promise<void> {
  await addVisits(pair.source.database, 'prod.example.edu');
  const before = await checksumTables(server, pair.source.database);
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', ...args);
  expect(outcome.stderr + outcome.stdout).toContain('All 5 sites are migrated');
  expect(outcome.exitCode).toBe(0);
  expect(await checksumTables(server, pair.source.database)).toEqual(before);
}

async function expectOracle(pair: Environments): Promise<void> {
  const oracle = createDatabaseName('oracle');
  await loadNetwork(server, oracle, {
    ...NETWORK,
    domain: 'stg.example.edu',
    emailDomain: 'prod.example.edu',
  });
  await addVisits(oracle, 'stg.example.edu');
  const expected = await checksumTables(server, oracle);
  for (const table of USER_TABLES) expected.delete(table);
  const migrated = await checksumTables(server, pair.target.database);
  await server.query(`DROP DATABASE ${oracle}`);
  expect(Object.fromEntries(migrated)).toEqual(Object.fromEntries(expected));
}

async function readVisits(pair: Environments) {
  const lines = await readLines(`${pair.cwd}/logs/${await onlyRunId(pair)}`);
  return ofType(lines, 'table.copied').find(line => line.copied.table === 'wp_2_visits')?.copied;
}

it.each([
  ['each table in one go', []],
  ['a big table in chunks', ['--chunk-bytes', '200000', '--concurrency', '1']],
])('equals the oracle, and only rows with a source host travel: %s', async (_what, args) => {
  await using pair = await createEnvironments({
    ...NETWORK,
    servers: { source: server, target: server },
    targetReadsSource: true,
  });
  await migrate(pair, ...args);
  await expectOracle(pair);
  const visits = await readVisits(pair);
  expect(visits).toMatchObject({ rows: PLAIN_ROWS + 1, rowsInside: PLAIN_ROWS });
  expect(visits?.bytes).toBeLessThan(100);
  const lines = await readLines(`${pair.cwd}/logs/${await onlyRunId(pair)}`);
  expect(ofType(lines, 'chunk.copied').length > 1).toBe(args.length > 0);
});

it("equals it, too, when the target's user may not read the source; and says what would make it faster", async () => {
  await using pair = await createEnvironments({ ...NETWORK, servers: { source: server, target: server } });
  const { stdout } = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    `the user of "stg" could SELECT from ${pair.source.database}`,
  );
  await migrate(pair);
  await expectOracle(pair);
  const visits = await readVisits(pair);
  expect(visits?.rows).toBe(PLAIN_ROWS + 1);
  expect(visits?.rowsInside).toBeUndefined();
});
