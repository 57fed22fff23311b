// Ctrl-C and its kind in the middle of a copy: the first one drains, the second one leaves at once.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { differences, loadOracle, lockTable, ofType, onlyRunId, queriesOn, readLines, readState, stagedTables, startedSites, waitForHeldQuery, waitForQuiet, waitUntil } from '../support/runs.ts';

const NETWORK = { sites: 3, scale: 0.03 };
const HELD = 3;

describe('a signal while a site is being copied', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: drained, paused, exit 130, nothing left on the servers, and resumable',
    async signal => {
      await using pair = await createEnvironments(NETWORK);
      const { source, target } = pair;
      await using held = await lockTable(source.server, `${source.database}.wp_${HELD}_posts`);
      const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--concurrency', '2');
      await waitForHeldQuery(source.server, source.database, `wp_${HELD}_posts`);
      running.kill(signal);
      const { exitCode, stderr, stdout } = await running;

      expect(exitCode, stderr).toBe(130);
      const id = await onlyRunId(pair);
      expect(stdout).toContain('--resume');
      const state = await readState(pair, id);
      expect(state).toMatchObject({ status: 'paused', error: { code: 'interrupted' } });
      expect(state.sites[HELD]).toMatchObject({ status: 'pending', resources: [] });
      expect(await queriesOn(source.server, source.database)).toEqual([]);
      expect(await queriesOn(target.server, target.database)).toEqual([]);
      expect(await stagedTables(pair)).toEqual([]);
      const lines = await readLines(join(pair.cwd, 'logs', id));
      expect(ofType(lines, 'migration.draining')).toHaveLength(1);
      expect(ofType(lines, 'site.aborted').map(line => line.siteId)).toContain(HELD);

      await held[Symbol.asyncDispose]();
      await expectResumable(pair, id);
    },
  );

  it('a second one leaves at once, and the run is still resumable', async () => {
    await using pair = await createEnvironments(NETWORK);
    const { source, target } = pair;
    await using held = await lockTable(source.server, `${source.database}.wp_${HELD}_posts`);
    // A cutover that waits for somebody's lock is not broken off by the first signal.
    await using blocker = await lockTable(target.server, await createLive(pair));
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes');
    await waitForHeldQuery(source.server, source.database, `wp_${HELD}_posts`);
    await waitForHeldQuery(target.server, target.database, 'wp_2_posts');
    running.kill('SIGINT');
    await waitUntil(async () => {
      const lines = await readLines(join(pair.cwd, 'logs', await onlyRunId(pair)));
      return ofType(lines, 'migration.draining').length > 0;
    }, 'the first signal');
    running.kill('SIGINT');
    expect((await running).signal).toBe('SIGINT');

    const id = await onlyRunId(pair);
    expect(ofType(await readLines(join(pair.cwd, 'logs', id)), 'migration.ended')).toEqual([]);
    await held[Symbol.asyncDispose]();
    await blocker[Symbol.asyncDispose]();
    await waitForQuiet(target.server, target.database);
    await expectResumable(pair, id);
  });
});

/** Gives the target one table of a site that is not held, so that its cutover has something to wait for. */
async function createLive({ target }: Environments): Promise<string> {
  const table = `${target.database}.wp_2_posts`;
  await target.server.query(`CREATE TABLE ${table} (id INT)`);
  return table;
}

async function expectResumable(pair: Environments, id: string): Promise<void> {
  const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
  expect(exitCode, stderr).toBe(0);
  expect(await differences(pair, await loadOracle(pair.target.server, NETWORK))).toEqual([]);
  expect(await stagedTables(pair)).toEqual([]);
  const lines = await readLines(join(pair.cwd, 'logs', id));
  expect(startedSites(lines).filter(siteId => siteId === HELD)).toHaveLength(2);
  const cutOver = ofType(lines, 'step.completed').filter(line => line.step === 'cut_over');
  expect(new Set(cutOver.map(line => line.siteId)).size).toBe(cutOver.length);
}
