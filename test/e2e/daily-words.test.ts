// What a person reads every day: the plan before yes, the lines of the run, the summary.

import { describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { onlyRunId } from '../support/runs.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

const NETWORK = { sites: 4, scale: 0.02 };

describe('what a person reads', () => {
  it('before a run: how long it may take, by the last one of the pair', async () => {
    await using pair = await createEnvironments(NETWORK);
    const first = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
    expect(first.stdout).toMatch(/Takes +about \S+ s or more: nothing like it was run yet/);
    expect(first.stdout).not.toContain('Plan id');
    const id = await completeMigration(pair);
    const again = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
    expect(again.stdout).toMatch(new RegExp(`Takes +about \\S+ s, judging by ${id.slice(-6)}`));
    const { expected } = JSON.parse(
      (await pair.run('env-migrate', 'prod', 'stg', '--dry-run', '--json')).stdout,
    );
    expect(expected).toMatchObject({ judgedBy: id, ms: expect.any(Number) });
  });

  it('before a resume: what is left, and not the whole plan again', async () => {
    await using pair = await createEnvironments(NETWORK);
    await kill(pair, 'before rename#3');
    const id = await onlyRunId(pair);
    const { stdout, exitCode } = await pair.run('env-migrate', '--resume', id, '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Left of ${id.slice(-6)}: prod → stg`);
    expect(stdout).toMatch(/What +4 of 5 sites; the network tables are done/);
    expect(stdout).not.toContain('Text is rewritten by these rules');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `✔ Ready. Go on with: wfuwp env-migrate --resume ${id.slice(-6)}`,
    );
  });

  it('of a run: its id first, each warning once, and a count in the end', async () => {
    await using pair = await createEnvironments(NETWORK);
    const { stderr, stdout, exitCode } = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(exitCode, stderr).toBe(0);
    const id = await onlyRunId(pair);
    expect(stderr.split('\n')[0]).toBe(`Run ${id.slice(-6)} · logs/${id}`);
    expect(stderr.match(/Check no_safety_policy: WARNING/g)).toHaveLength(1);
    expect(stdout).toMatch(/Warnings +\d+: .*no_safety_policy/);
    expect(stdout).not.toContain('No safety policy');
    expect(stdout.split('\n').length).toBeLessThan(36);
    const log = await pair.run('env-migrate', 'log', id, '--level', 'warn');
    expect(log.stdout).toContain('Check no_safety_policy: WARNING');
  });

  it('where text is not UTF-8: marks of ASCII only', async () => {
    await using pair = await createEnvironments(NETWORK);
    const env = { ...pair.env, LC_ALL: 'C' };
    const run = (...args: string[]): Promise<Outcome> =>
      wfuwp(['env-migrate', ...args], { cwd: pair.cwd, env });
    const { stdout, stderr, exitCode } = await run('prod', 'stg', '--yes');
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('+ All 5 sites are migrated, prod > stg');
    for (const text of [stdout, stderr, (await run('status')).stdout, (await run('list')).stdout])
      expect(text).toMatch(/^[\n\x20-\x7e]+$/);
  });
});

async function kill(pair: Environments, point: string): Promise<void> {
  const env = { ...pair.env, WFUWP_KILL_AT: point };
  const args = ['env-migrate', 'prod', 'stg', '--yes', '--concurrency', '1'];
  const { exitCode } = await wfuwp(args, { cwd: pair.cwd, env });
  expect(exitCode).toBeUndefined();
}
