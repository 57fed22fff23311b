// F28 Accounts and servers that take few connections: a run must not wait for those that it holds itself.

import { expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { ofType, onlyRunId, readLines } from '../support/runs.ts';

const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes'] as const;

async function allow(pair: Environments, end: 'source' | 'target', most: number): Promise<void> {
  const { server, database } = pair[end];
  const users = await server.query<{ user: string }>(
    "SELECT DISTINCT User AS user FROM mysql.db WHERE REPLACE(Db, '\\\\', '') = ? AND User LIKE 'user%'",
    [database],
  );
  expect(users).toHaveLength(1);
  await server.query(`ALTER USER '${users[0]!.user}'@'%' WITH MAX_USER_CONNECTIONS ${most}`);
}

async function retries(pair: Environments) {
  return ofType(await readLines(`${pair.cwd}/logs/${await onlyRunId(pair)}`), 'step.retried');
}

it('F28 completes at once with three connections of the target, and of the source', async () => {
  await using pair = await createEnvironments({ sites: 3, scale: 0.02 });
  await allow(pair, 'target', 3);
  await allow(pair, 'source', 3);
  const outcome = await pair.run(...MIGRATE, '--concurrency', '1', '--reconnect-timeout', '0.2');
  expect(outcome.stderr + outcome.stdout).toContain('All 4 sites are migrated');
  expect(outcome.exitCode).toBe(0);
  expect(await retries(pair)).toEqual([]);
});

it('F28 names the limit, and the concurrency that fits', async () => {
  await using pair = await createEnvironments({ sites: 3, scale: 0.02 });
  await allow(pair, 'source', 1);
  const outcome = await pair.run(...MIGRATE);
  expect(outcome.exitCode).not.toBe(0);
  expect(outcome.stderr).toMatch(/max_user_connections: 1.*--concurrency 1, or raise the limit/s);
});

it('F28 completes where the server itself takes few', async () => {
  await using server = await startMariadbServer({ args: ['--max-connections=10'] });
  await using pair = await createEnvironments({
    sites: 3,
    scale: 0.02,
    servers: { source: server, target: server },
  });
  const outcome = await pair.run(...MIGRATE, '--concurrency', '2', '--reconnect-timeout', '0.2');
  expect(outcome.exitCode, outcome.stderr).toBe(0);
});
