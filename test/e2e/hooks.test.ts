// Hooks: commands at three moments of a run, with the site's facts in their environment.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments } from '../support/environments.ts';
import { ofType, onlyRunId, readLines, waitUntil } from '../support/runs.ts';

/** Fails before site 3, takes too long before site 4, fails after site 2; and says more than it should. */
const SCRIPT = `
echo "$WFUWP_HOOK $WFUWP_SITE_ID $WFUWP_STATUS $WFUWP_SITE_DOMAIN$WFUWP_SITE_PATH $WFUWP_TARGET_DOMAIN $WFUWP_SOURCE-$WFUWP_TARGET" >> hooks.txt
echo "password $STG_DB_PASSWORD"
case "$WFUWP_HOOK $WFUWP_SITE_ID" in
  "before_site 3") echo "not today" >&2; exit 7 ;;
  "before_site 4") sleep 60 ;;
  "after_site 2") exit 1 ;;
esac
[ "$WFUWP_HOOK" != after_run ] || echo "$WFUWP_SITES_COMPLETED of $WFUWP_SITES, $WFUWP_RUN_DIRECTORY" >> hooks.txt
`;

describe('hooks', () => {
  it('are run, told what they need, and fail only what they may', async () => {
    await using pair = await createEnvironments({ sites: 4, scale: 0.02 });
    await writeFile(join(pair.cwd, 'hook.sh'), SCRIPT);
    const command = ['sh', 'hook.sh'];
    await pair.configure(config => {
      config.hooks = {
        before_site: { command, timeoutMs: 1_000 },
        after_site: { command },
        after_run: { command },
      };
    });
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    expect(exitCode, stderr).toBe(3);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ status: 'completed_with_failures', sites: { completed: 3, failed: 2 } });
    expect(summary.failures.map(({ code, step, siteIds }) => ({ code, step, siteIds }))).toEqual(
      expect.arrayContaining([
        { code: 'hook', step: 'before_site', siteIds: [3] },
        { code: 'hook', step: 'before_site', siteIds: [4] },
      ]),
    );
    expect(summary.hookFailures).toMatchObject([{ hook: 'after_site', siteId: 2, error: { code: 'hook' } }]);

    const id = await onlyRunId(pair);
    const told = (await readFile(join(pair.cwd, 'hooks.txt'), 'utf8')).trimEnd().split('\n');
    expect(told).toEqual(
      expect.arrayContaining([
        'before_site 2 in_progress prod.example.edu/site0001/ stg.example.edu prod-stg',
        'after_site 2 completed prod.example.edu/site0001/ stg.example.edu prod-stg',
        'after_site 3 failed prod.example.edu/site0002/ stg.example.edu prod-stg',
        'after_run  completed_with_failures   prod-stg',
      ]),
    );
    expect(told.at(-1)).toBe(`3 of 5, ${join(pair.cwd, 'logs', id)}`);

    const runDirectory = join(pair.cwd, 'logs', id);
    const lines = await readLines(runDirectory);
    const ended = ofType(lines, 'hook.ended');
    // Twice for each of five sites, and once for the run; each was announced before it began.
    expect(ended).toHaveLength(11);
    expect(ofType(lines, 'hook.started')).toHaveLength(11);
    expect(lines.at(-1)!.type).toBe('migration.ended');
    const failed = ended.filter(line => line.error);
    expect(failed.map(line => [line.hook, 'siteId' in line && line.siteId, line.output.at(-1)])).toEqual(
      expect.arrayContaining([
        ['before_site', 3, 'not today'],
        ['before_site', 4, 'password ***'],
        ['after_site', 2, 'password ***'],
      ]),
    );
    const log = await readFile(join(runDirectory, 'migration-progress.log'), 'utf8');
    expect(log).toContain('The before_site hook of site 4 (sh) failed: it took longer than its 1 s');
    expect(log).toContain('It printed: password *** | not today');
    const journal = await readFile(join(runDirectory, 'migration-journal.jsonl'), 'utf8');
    for (const text of [log, journal, stdout]) expect(text).not.toContain(pair.env.STG_DB_PASSWORD!);

    // Once mended, only what failed is run again; every hook is told of the new attempt.
    await writeFile(join(pair.cwd, 'hook.sh'), 'echo "$WFUWP_HOOK $WFUWP_SITE_ID" >> again.txt');
    const resumed = await pair.run('env-migrate', '--resume', id, '--retry-failed', '--yes');
    expect(resumed.exitCode, resumed.stdout).toBe(3);
    expect(resumed.stdout).toContain('after_site (sh): it ended with exit code 1, site 2');
    const again = (await readFile(join(pair.cwd, 'again.txt'), 'utf8')).split('\n').map(line => line.trim());
    expect(again.filter(Boolean).sort()).toEqual([
      'after_run',
      'after_site 3',
      'after_site 4',
      'before_site 3',
      'before_site 4',
    ]);
  });

  it('are ended when the run is interrupted; what comes after the run still comes', async () => {
    await using pair = await createEnvironments({ sites: 1, scale: 0.02 });
    await pair.configure(config => {
      config.hooks = {
        before_site: { command: ['sh', '-c', 'echo $$ > pid.txt; sleep 600'], timeoutMs: 600_000 },
        after_run: { command: ['sh', '-c', 'echo "$WFUWP_STATUS $WFUWP_ERROR" > after.txt'] },
      };
    });
    const pidFile = join(pair.cwd, 'pid.txt');
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--sites-only', '--concurrency', '1');
    await waitUntil(async () => (await readFile(pidFile, 'utf8').catch(() => '')).endsWith('\n'), 'the hook');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    const pid = Number(await readFile(pidFile, 'utf8'));
    // Whoever has inherited the orphan may take a moment to bury it.
    await waitUntil(async () => !isAlive(-pid), 'the end of the command and of what it has started');
    const lines = await readLines(join(pair.cwd, 'logs', await onlyRunId(pair)));
    expect(lines.at(-1)!.type).toBe('migration.ended');
    expect(ofType(lines, 'hook.ended').map(line => line.error?.message)).toEqual([
      'The before_site hook of site 1 (sh) failed: it was ended early, as its site or the run was.',
      undefined,
    ]);
    expect(await readFile(join(pair.cwd, 'after.txt'), 'utf8')).toBe('paused interrupted\n');
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
