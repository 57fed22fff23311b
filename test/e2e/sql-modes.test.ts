// Servers whose administrators have set modes and variables with which the same SQL means something else (H40, F03, F07,
// F19).

import { expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { makeHostile } from '../support/hostile-server.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { differences, loadOracle } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.05 };

/** Each turns around what some statement means: quotes, escapes, `||`, spaces, zero dates, what doesn't fit. */
const MODES = [
  ...['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'PIPES_AS_CONCAT', 'IGNORE_SPACE', 'HIGH_NOT_PRECEDENCE'],
  ...['NO_UNSIGNED_SUBTRACTION', 'PAD_CHAR_TO_FULL_LENGTH', 'ONLY_FULL_GROUP_BY', 'EMPTY_STRING_IS_NULL'],
  ...['STRICT_ALL_TABLES', 'NO_ZERO_DATE', 'NO_ZERO_IN_DATE', 'NO_AUTO_VALUE_ON_ZERO'],
];

it('H40 modes of either server change nothing: the target equals the oracle, and goes back whole', async () => {
  await using source = await startMariadbServer();
  await using target = await startMariadbServer();
  const live = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
  await using pair = await createEnvironments({ ...NETWORK, live, servers: { source, target } });
  const before = await checksumTables(target, pair.target.database);
  for (const server of [source, target])
    await server.query(`SET GLOBAL sql_mode = '${MODES.join(',')}', GLOBAL innodb_strict_mode = 1`);

  const id = await completeMigration(pair);
  expect(await differences(pair, await loadOracle(useServers().target, NETWORK))).toEqual([]);
  for (const args of [
    ['verify', id],
    ['verify', 'prod', 'stg'],
    ['rollback', id, '--yes'],
    ['cleanup', id, '--yes'],
  ]) {
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', ...args);
    expect(exitCode, args.join(' ') + stdout + stderr).toBe(0);
  }
  expect(await checksumTables(target, pair.target.database)).toEqual(before);
});

it('F19 whatever is set of sessions at either end changes nothing: equal to the oracle, and back whole', async () => {
  await using source = await startMariadbServer();
  await using target = await startMariadbServer();
  const live = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
  await using pair = await createEnvironments({ ...NETWORK, live, servers: { source, target } });
  const before = await checksumTables(target, pair.target.database);
  const beHostile = () => Promise.all([source, target].map(server => makeHostile(server)));
  // What was set is forgotten; with a limit of one row, the test would be no judge.
  const beUsual = () => Promise.all([source, target].map(server => server.restart()));

  await beHostile();
  const id = await completeMigration(pair);
  const verified = await pair.run('env-migrate', 'verify', 'prod', 'stg');
  expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  const back = await pair.run('env-migrate', 'rollback', id, '--yes');
  expect(back.exitCode, back.stdout + back.stderr).toBe(0);
  await beUsual();
  expect(await checksumTables(target, pair.target.database)).toEqual(before);

  await beHostile();
  // With autocommit off, the second connection of a big table wouldn't see what the first has stored.
  await completeMigration(pair, '--chunk-bytes', '20000', '--concurrency', '2');
  await beUsual();
  expect(await differences(pair, await loadOracle(useServers().target, NETWORK))).toEqual([]);
});
