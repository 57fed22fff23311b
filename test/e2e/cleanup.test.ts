// What a run has made goes, and nothing else.

import { describe, expect, it } from 'vitest';
import type { CleanupReport } from '../../src/migration/cleanup-report.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { lockTable, onlyRunId, readState, waitForHeldQuery } from '../support/runs.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

const NETWORK = { sites: 4, scale: 0.02 };
const LIVE = { sites: 6, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

describe('cleanup', () => {
  it('removes what it lists, and after it nothing can be rolled back', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, staging, previous } = pair.target;
    const id = await completeMigration(pair);
    const after = await checksumTables(server, database);
    for (const place of [staging, previous])
      await server.query(`CREATE TABLE ${place}.somebody_elses (id INT)`);
    await server.query(`CREATE TABLE ${previous}.wfuwp_fence_1_2_0123abcd_0 (id INT)`);

    const asked = await pair.run('env-migrate', 'cleanup', id);
    expect(asked).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('To remove: prod → stg') });
    const kept = await checksumTables(server, previous);
    expect(kept.size).toBeGreaterThan(10);

    const { exitCode, report, stderr } = await cleanUp(pair, id);
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ carriedOut: true, rollbackAvailable: false, notices: [] });
    expect(report.units.flatMap(unit => unit.previous).sort()).toEqual(
      [...kept.keys()].filter(name => name !== 'somebody_elses').sort(),
    );
    expect(report.discarded).toEqual([`${previous}.wfuwp_fence_1_2_0123abcd_0`]);
    for (const place of [staging, previous])
      expect([...(await checksumTables(server, place)).keys()]).toEqual(['somebody_elses']);
    expect(await listOwn(pair)).toEqual(['wfuwp_addresses', 'wfuwp_copied', 'wfuwp_previous']);
    expect(await checksumTables(server, database)).toEqual(after);

    const status = JSON.parse((await pair.run('env-migrate', 'status', id, '--json')).stdout);
    expect(status).toMatchObject({ status: 'completed', rollbackAvailable: false, nextCommands: [] });
    expect((await pair.run('env-migrate', 'rollback', id, '--yes')).exitCode).toBe(4);
    expect(await checksumTables(server, database)).toEqual(after);
    expect((await cleanUp(pair, id)).report).toMatchObject({ units: [], discarded: [] });
  });

  it('turns off the rollback of a site that was new to the target, too', async () => {
    await using pair = await createEnvironments(NETWORK);
    const id = await completeMigration(pair);
    const after = await checksumTables(pair.target.server, pair.target.database);
    expect((await cleanUp(pair, id)).report).toMatchObject({ carriedOut: true, rollbackAvailable: false });
    expect((await pair.run('env-migrate', 'rollback', id, '--yes')).exitCode).toBe(4);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(after);
  });

  it('leaves what a later run keeps', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, previous } = pair.target;
    const older = await completeMigration(pair);
    const newer = await completeMigration(pair, '--include-sites', '3', '--sites-only');
    const { report } = await cleanUp(pair, older);
    expect(report.units.map(unit => unit.siteId)).not.toContain(3);
    const left = [...(await checksumTables(server, previous)).keys()];
    expect(left.length).toBeGreaterThan(5);
    expect(left.every(name => name.startsWith('wp_3_'))).toBe(true);
    expect((await pair.run('env-migrate', 'rollback', newer, '--yes')).exitCode).toBe(0);
  });

  it('of an interrupted run: its copies go, what a rollback needs stays, and it can be resumed', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, staging, previous } = pair.target;
    await kill(pair, 'before rename#3', 'prod', 'stg', '--concurrency', '1');
    const id = await onlyRunId(pair);
    const kept = await checksumTables(server, previous);
    expect((await checksumTables(server, staging)).size).toBeGreaterThan(0);

    const { report, exitCode, stderr } = await cleanUp(pair, id);
    expect(exitCode, stderr).toBe(0);
    expect(report.notices.join()).toContain('not finished');
    expect(report.rollbackAvailable).toBe(true);
    expect(await checksumTables(server, staging)).toEqual(new Map());
    expect(await checksumTables(server, previous)).toEqual(kept);
    const resumed = await pair.run('env-migrate', '--resume', id, '--yes', '--json');
    expect(resumed.exitCode, resumed.stdout).toBe(0);
    expect(await readState(pair, id)).toMatchObject({ status: 'completed' });
  });

  it('--close gives up an interrupted run: nothing resumes it, and what it kept goes', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, staging, previous } = pair.target;
    await kill(pair, 'before rename#3', 'prod', 'stg', '--concurrency', '1');
    const id = await onlyRunId(pair);
    const live = await checksumTables(server, database);
    const asked = await pair.run('env-migrate', 'cleanup', id, '--close');
    expect(asked).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('This closes the run') });
    expect(await statusOf(pair, id)).toBe('interrupted');

    await kill(pair, 'before removal#1', 'cleanup', id, '--close');
    expect(await statusOf(pair, id)).toBe('closed');
    const { report, exitCode, stderr } = await cleanUp(pair, id);
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ carriedOut: true, closes: false, rollbackAvailable: false, notices: [] });
    expect(await checksumTables(server, staging)).toEqual(new Map());
    expect(await checksumTables(server, previous)).toEqual(new Map());
    expect(await checksumTables(server, database)).toEqual(live);
    const resumed = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(resumed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was closed') });
    expect((await pair.run('env-migrate', 'rollback', id, '--yes')).exitCode).toBe(4);
    expect((await pair.run('env-migrate', '--list-migrations')).stdout).toContain('Every run is finished');
    expect((await pair.run('env-migrate', 'status', id)).stdout).toContain('closed: not to be resumed');
    expect((await pair.run('env-migrate', 'log', id)).stdout).toMatch(/Closed by \S+@/);
    expect((await completeMigration(pair)).length).toBeGreaterThan(0);
  });

  it('--close ends a run that a later one has superseded', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await kill(pair, 'before rename#3', 'prod', 'stg', '--concurrency', '1');
    const id = await onlyRunId(pair);
    const later = await completeMigration(pair);
    const after = await checksumTables(pair.target.server, pair.target.database);
    const waiting = await pair.run('env-migrate', '--list-migrations', '--json');
    expect(JSON.parse(waiting.stdout).runs).toMatchObject([
      { id, supersededBy: later, nextCommands: [expect.stringContaining('--close'), expect.anything()] },
    ]);
    expect((await pair.run('env-migrate', 'list')).stdout).toContain(`superseded by ${later.slice(-6)}`);

    const { stdout, exitCode } = await pair.run('env-migrate', 'cleanup', id, '--close', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing to remove: prod → stg');
    expect(stdout).toContain('The run is closed');
    expect(await statusOf(pair, id)).toBe('closed');
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(after);
    expect((await pair.run('env-migrate', 'rollback', later, '--yes')).exitCode).toBe(0);
  });

  it('--close is refused while a rollback is not at its end, and closes nothing that was rolled back', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await kill(pair, 'before rename#3', 'prod', 'stg', '--concurrency', '1');
    const id = await onlyRunId(pair);
    await kill(pair, 'before rollback rename#2', 'rollback', id);
    const refused = await pair.run('env-migrate', 'cleanup', id, '--close', '--yes');
    expect(refused.stderr).toContain('has not ended');
    expect(refused.exitCode).toBe(4);
    expect((await pair.run('env-migrate', 'rollback', id, '--yes')).exitCode).toBe(0);
    const { stdout } = await pair.run('env-migrate', 'cleanup', id, '--close', '--yes', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ closes: false });
    expect(await statusOf(pair, id)).toBe('rolled_back');
  });

  it('of a run that goes on is refused', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database } = pair.source;
    await using held = await lockTable(server, `${database}.wp_2_posts`);
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes');
    await waitForHeldQuery(server, database, 'wp_2_posts');
    const { exitCode, stderr } = await pair.run('env-migrate', 'cleanup', await onlyRunId(pair), '--yes');
    expect(stderr).toContain('This run is going on: process');
    expect(exitCode).toBe(11);
    await held[Symbol.asyncDispose]();
    expect((await running).exitCode).toBe(0);
  });

  it('killed in the middle and called again comes to the same end', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, previous } = pair.target;
    const id = await completeMigration(pair);
    const after = await checksumTables(server, database);
    await kill(pair, 'before removal#3', 'cleanup', id);
    expect((await checksumTables(server, previous)).size).toBeGreaterThan(0);
    const { report, exitCode } = await cleanUp(pair, id);
    expect(exitCode).toBe(0);
    expect(report.rollbackAvailable).toBe(false);
    expect(await checksumTables(server, previous)).toEqual(new Map());
    expect(await checksumTables(server, database)).toEqual(after);
  });
});

async function cleanUp(pair: Environments, id: string): Promise<Outcome & { report: CleanupReport }> {
  const outcome = await pair.run('env-migrate', 'cleanup', id, '--yes', '--json');
  return { ...outcome, report: JSON.parse(outcome.stdout || '{}') as CleanupReport };
}

async function statusOf(pair: Environments, id: string): Promise<string> {
  return JSON.parse((await pair.run('env-migrate', 'status', id, '--json')).stdout).status;
}

async function kill(pair: Environments, point: string, ...args: string[]): Promise<void> {
  const env = { ...pair.env, WFUWP_KILL_AT: point };
  const { exitCode } = await wfuwp(['env-migrate', ...args, '--yes'], { cwd: pair.cwd, env });
  expect(exitCode).toBeUndefined();
}

/** What the program itself has in the two databases beside the live one. */
async function listOwn({ target }: Environments): Promise<string[]> {
  const rows = await target.server.query<{ name: string }>(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?, ?) AND TABLE_NAME LIKE 'wfuwp\\_%'",
    [target.staging, target.previous],
  );
  return rows.map(row => row.name).sort();
}
