// C3 Where the runs lie, when the configuration says it.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments } from '../support/environments.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

it('a run goes where logDir says, and is found from any folder; the flag and the variable take its place', async () => {
  await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
  await pair.configure(config => {
    config.logDir = 'var/runs';
  });
  const config = join(pair.cwd, 'wfuwp.config.yaml');
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(outcome.stdout).not.toContain('--log-dir');
  const [id] = await readdir(join(pair.cwd, 'var', 'runs'));
  expect(await readdir(pair.cwd)).not.toContain('logs');

  const elsewhere = (env: Record<string, string>, ...args: string[]): Promise<Outcome> =>
    wfuwp(['env-migrate', ...args], { cwd: '/', env: { ...pair.env, ...env } });
  const status = await elsewhere({ WFUWP_CONFIG: config }, 'status');
  expect(status.exitCode, status.stderr).toBe(0);
  expect(status.stdout).toContain(id!);
  expect(status.stdout).not.toContain('--log-dir');
  expect((await elsewhere({ WFUWP_CONFIG: config }, 'rollback', id!, '--yes')).exitCode).toBe(0);
  expect((await elsewhere({ WFUWP_CONFIG: config }, 'list', '--log-dir', pair.cwd)).stdout).toBe(
    'There is no run here.',
  );
  expect((await elsewhere({ WFUWP_CONFIG: config, WFUWP_LOG_DIR: pair.cwd }, 'list')).stdout).toBe(
    'There is no run here.',
  );
});

it('a file that is broken elsewhere still says where the runs lie', async () => {
  await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
  await pair.configure(config => {
    config.logDir = 'runs';
  });
  const id = await completeMigration(pair);
  await pair.configure(config => {
    Object.assign(config, { nonsense: true });
  });
  const { stdout, exitCode } = await pair.run('env-migrate', 'list');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(id.slice(-6));
});
