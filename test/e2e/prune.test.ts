// C3 Old run directories go, and only those that nobody needs.

import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PruneVerdict } from '../../src/migration/prune-runs.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { wfuwp } from '../support/wfuwp.ts';

const NETWORK = { sites: 3, scale: 0.02 };
const LIVE = { sites: 3, scale: 0.02, domain: 'stg.example.edu', seed: 2 };
/** Whatever has ended is old enough. */
const ALL = ['--older-than', '0h', '--keep', '0'];

async function prune(pair: Environments, ...flags: string[]): Promise<Map<string, string | null>> {
  const { stdout, stderr, exitCode } = await pair.run('env-migrate', 'prune', ...flags, '--yes', '--json');
  expect(exitCode, stderr).toBe(0);
  const { runs } = JSON.parse(stdout) as { runs: PruneVerdict[] };
  return new Map(runs.map(({ id, reason }) => [id, reason]));
}

it('removes what is done and has no way back, and says of all others why they stay', async () => {
  await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
  const logs = join(pair.cwd, 'logs');
  const oldest = await completeMigration(pair);
  const partial = await completeMigration(pair, '--include-sites', '2', '--sites-only');
  // Of the oldest run two sites and the network tables can still go back.
  expect((await prune(pair, ...ALL)).get(oldest)).toContain('can be rolled back');
  const killed = { ...pair.env, WFUWP_KILL_AT: 'before rename#2' };
  const args = ['env-migrate', 'prod', 'stg', '--yes', '--concurrency', '1'];
  expect((await wfuwp(args, { cwd: pair.cwd, env: killed })).exitCode).toBeUndefined();
  const newest = await completeMigration(pair);
  await writeFile(join(logs, 'notes.txt'), 'mine');
  await mkdir(join(logs, 'my-folder'));
  const before = await readdir(logs);

  expect([...(await prune(pair)).values()]).not.toContain(null);
  expect(await readdir(logs)).toEqual(before);

  await writeFile(join(logs, partial, 'notes.txt'), 'mine');
  const verdicts = await prune(pair, ...ALL);
  expect(verdicts.get(newest)).toContain('can be rolled back');
  expect(verdicts.get(partial)).toBe('it holds files of others: notes.txt');
  expect([...verdicts.values()].filter(reason => reason?.includes('can be resumed'))).toHaveLength(1);
  expect(verdicts.get(oldest)).toBeNull();
  expect(await readdir(logs)).toEqual(before.filter(name => name !== oldest));
  expect(await readdir(join(logs, 'my-folder'))).toEqual([]);

  // Now its previous tables go, and with them the reason to keep it.
  expect((await pair.run('env-migrate', 'cleanup', newest, '--yes')).exitCode).toBe(0);
  const asked = await pair.run('env-migrate', 'prune', ...ALL);
  expect(asked).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('To remove: 1 run') });
  expect(existsSync(join(logs, newest))).toBe(true);
  expect((await prune(pair, ...ALL)).get(newest)).toBeNull();
  expect(existsSync(join(logs, newest))).toBe(false);
});

it('leaves a link alone, and sweeps what an earlier call was killed over', async () => {
  await using pair = await createEnvironments(NETWORK);
  const logs = join(pair.cwd, 'logs');
  const id = await completeMigration(pair);
  expect((await pair.run('env-migrate', 'cleanup', id, '--yes')).exitCode).toBe(0);
  const other = await completeMigration(pair);
  expect((await pair.run('env-migrate', 'cleanup', other, '--yes')).exitCode).toBe(0);
  await rename(join(logs, id), join(pair.cwd, id));
  await symlink(join(pair.cwd, id), join(logs, id));
  await mkdir(join(logs, '.pruned-x'));
  await writeFile(join(logs, '.pruned-x', 'migration-journal.jsonl'), '');
  const verdicts = await prune(pair, ...ALL);
  expect(verdicts.get(id)).toContain('is a link');
  expect(verdicts.get(other)).toBeNull();
  expect(await readdir(logs)).toEqual([id]);
  expect((await readdir(join(pair.cwd, id))).length).toBeGreaterThan(3);
  for (const age of ['x', '90', '-1d'])
    expect((await pair.run('env-migrate', 'prune', `--older-than=${age}`)).exitCode).toBe(2);
});
