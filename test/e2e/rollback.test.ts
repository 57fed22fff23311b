// The way back: after it the target is what it was, whatever died on the way. Killed at every point: see
// test/integration/crash.test.ts, and the long form of it.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RollbackReport } from '../../src/migration/rollback-report.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { addCorruptTable, listRunIds, lockTable, migrateUnsoundly, ofType, readLines, readState, waitForHeldQuery } from '../support/runs.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

/** Sites 1 to 5; the target has 1 to 7. */
const NETWORK = { sites: 4, scale: 0.02 };
const LIVE = { sites: 6, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

describe('rollback', () => {
  it('of a whole run: the target is what it was, table by table', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, previous } = pair.target;
    await server.query(`CREATE TABLE ${database}.wp_3_only_here AS SELECT 1 AS id`);
    const before = await checksumTables(server, database);
    const id = await completeMigration(pair);
    expect(await checksumTables(server, database)).not.toEqual(before);
    expect(await askStatus(pair, id)).toMatchObject({ rollbackAvailable: true });

    const { report, exitCode, stderr } = await rollBack(pair, id);
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ carriedOut: true, status: 'rolled_back', rollbackAvailable: false });
    expect(report.units.map(unit => [unit.siteId, unit.status])).toEqual(
      expect.arrayContaining([0, 1, 2, 3, 4, 5].map(siteId => [siteId, 'rolled_back'])),
    );
    expect(await checksumTables(server, database)).toEqual(before);
    expect(await checksumTables(server, previous)).toEqual(new Map());
    await expectNothingStaged(pair);

    const state = await readState(pair, id);
    expect(state).toMatchObject({ status: 'rolled_back', network: { status: 'rolled_back', resources: [] } });
    expect(await askStatus(pair, id)).toMatchObject({ status: 'rolled_back', rollbackAvailable: false });
    // Once more: nothing is left to do, and nothing is done.
    expect((await rollBack(pair, id)).exitCode).toBe(0);
    // A resume leaves alone what was rolled back.
    expect((await pair.run('env-migrate', '--resume', id, '--yes')).exitCode).toBe(2);
    expect(await checksumTables(server, database)).toEqual(before);
  });

  it('of one site never touches another, also one whose number begins alike', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, previous } = pair.target;
    const source = pair.source;
    await source.server.query(
      `INSERT INTO ${source.database}.wp_blogs (blog_id, site_id, domain, path) VALUES (33, 1, 'prod.example.edu', '/x33/')`,
    );
    for (const [place, text] of [
      [source, 'new'],
      [pair.target, 'old'],
    ] as const) {
      const table = `${place.database}.wp_33_options`;
      await place.server.query(`CREATE TABLE ${table} LIKE ${place.database}.wp_3_options`);
      await place.server.query(
        `INSERT INTO ${table} (option_name, option_value) VALUES ('blogname', '${text}')`,
      );
    }
    const before = await checksumTables(server, database);
    const id = await completeMigration(pair);
    const after = await checksumTables(server, database);
    const kept = await checksumTables(server, previous);

    const { exitCode, stderr, report } = await rollBack(pair, id, '--sites', '3');
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ status: 'completed', rollbackAvailable: true });
    const now = await checksumTables(server, database);
    for (const [table, checksum] of now)
      expect([table, checksum]).toEqual([table, (isOf3(table) ? before : after).get(table)]);
    expect([...now.keys()].filter(isOf3)).toEqual([...before.keys()].filter(isOf3));
    expect(await checksumTables(server, previous)).toEqual(
      new Map([...kept].filter(([table]) => !isOf3(table))),
    );
    expect(await askStatus(pair, id, '--site', '3')).toMatchObject({ site: { status: 'rolled_back' } });

    expect((await rollBack(pair, id, '--sites', '0,33')).exitCode).toBe(0);
    expect((await rollBack(pair, id)).report.status).toBe('rolled_back');
    expect(await checksumTables(server, database)).toEqual(before);
  });

  it.each([
    ['in the middle', 'after rollback rename, before its record#2'],
    ['while it writes down whose the run is', 'before lock#1'],
  ])('killed %s and called again takes away what was new to the target', async (_, point) => {
    await using pair = await createEnvironments(NETWORK);
    const { server, database } = pair.target;
    const id = await completeMigration(pair);
    const killed = await wfuwp(['env-migrate', 'rollback', id, '--yes', '--json'], {
      cwd: pair.cwd,
      env: { ...pair.env, WFUWP_KILL_AT: point },
    });
    expect(killed.exitCode).not.toBe(0);
    expect((await checksumTables(server, database)).size).toBeGreaterThan(0);
    const { exitCode, stderr, report } = await rollBack(pair, id);
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ status: 'rolled_back' });
    expect(await checksumTables(server, database)).toEqual(new Map());
    await expectNothingStaged(pair);
  });

  it('of an older run is refused, site by site, once a newer one has migrated them', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database } = pair.target;
    const before = await checksumTables(server, database);
    const older = await completeMigration(pair);
    const between = await checksumTables(server, database);
    const newer = await completeMigration(pair, '--include-sites', '3', '--sites-only');

    const named = await rollBack(pair, older, '--sites', '2,3');
    expect(named.exitCode).toBe(4);
    expect(named.error.message).toContain(`site 3: a later run, ${newer}`);
    const partly = await rollBack(pair, older);
    expect(partly.exitCode).toBe(3);
    expect(partly.report.units.find(unit => unit.siteId === 3)).toMatchObject({ status: 'refused' });
    const now = await checksumTables(server, database);
    for (const [table, checksum] of now)
      expect([table, checksum]).toEqual([table, (isOf3(table) ? between : before).get(table)]);
    // The newer one's own way back is free.
    expect((await rollBack(pair, newer)).exitCode).toBe(0);
    expect((await rollBack(pair, older, '--sites', '3')).exitCode).toBe(4);
  });

  it('without a terminal needs --yes, and an unknown run or site is said so', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const id = await completeMigration(pair, '--include-sites', '3');
    const after = await checksumTables(pair.target.server, pair.target.database);
    const asked = await pair.run('env-migrate', 'rollback', id);
    expect(asked).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('To roll back: prod → stg') });
    expect((await rollBack(pair, id, '--sites', '44')).exitCode).toBe(2);
    expect((await rollBack(pair, 'nosuch')).exitCode).toBe(10);
    await pair.configure(config => {
      config.environments.stg.protected = true;
    });
    expect((await rollBack(pair, id)).exitCode).toBe(4);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(after);
    const done = await pair.run('env-migrate', 'rollback', id, '--yes', '--confirm', 'stg');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stderr).toContain('1 of 2 rolled back: network tables');
    expect(done.stderr).toContain('2 of 2 rolled back: site 3');
  });
});

describe('--auto-rollback', () => {
  it('restores the target when too many sites fail', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database } = pair.target;
    const before = await checksumTables(server, database);
    await addCorruptTable(pair, 'wp_5_broken');
    const outcome = await pair.run(
      'env-migrate',
      'prod',
      'stg',
      '--yes',
      '--json',
      '--auto-rollback',
      '--max-failures',
      '0',
      '--concurrency',
      '1',
    );
    const summary = JSON.parse(outcome.stdout);
    expect(outcome.exitCode, outcome.stdout).toBe(3);
    expect(summary).toMatchObject({
      status: 'rolled_back',
      rollbackAvailable: false,
      network: 'rolled_back',
      error: { code: 'too_many_failures', message: expect.stringContaining('rolled back') },
    });
    expect(summary.nextCommands.join(' ')).not.toContain('rollback');
    expect(await checksumTables(server, database)).toEqual(before);
    await expectNothingStaged(pair);
  });

  it('restores the target when it is not sound in the end', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, staging } = pair.target;
    const before = await checksumTables(server, database);
    const { exitCode, stdout } = await migrateUnsoundly(pair, '--json', '--auto-rollback');
    const summary = JSON.parse(stdout);
    expect(exitCode, stdout).toBe(20);
    expect(summary).toMatchObject({
      status: 'rolled_back',
      rollbackAvailable: false,
      network: 'rolled_back',
      sites: { total: 5, rolled_back: 5 },
      error: { code: 'verification', message: expect.stringContaining('rolled back') },
    });
    expect(await checksumTables(server, database)).toEqual(before);
    // What somebody else has put there stays.
    expect([...(await checksumTables(server, staging)).keys()]).toEqual(['wp_2_posts']);
    const lines = await readLines(join(pair.cwd, 'logs', summary.migrationId));
    expect(ofType(lines, 'phase.failed').map(line => line.phase)).toEqual(['post_migration']);
    expect(ofType(lines, 'rollback.started')).toMatchObject([{ automatic: true }]);
  });

  it('is not for a run that is interrupted', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { source } = pair;
    await using held = await lockTable(source.server, `${source.database}.wp_3_posts`);
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--json', '--auto-rollback');
    await waitForHeldQuery(source.server, source.database, 'wp_3_posts');
    running.kill('SIGINT');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'paused', network: 'completed' });
    await held[Symbol.asyncDispose]();
    const id = JSON.parse(stdout).migrationId;
    expect(ofType(await readLines(join(pair.cwd, 'logs', id)), 'rollback.started')).toEqual([]);
  });
});

const isOf3 = (table: string): boolean => table.startsWith('wp_3_');

async function rollBack(
  pair: Environments,
  id: string,
  ...flags: string[]
): Promise<Outcome & { report: RollbackReport; error: { message: string } }> {
  const outcome = await pair.run('env-migrate', 'rollback', id, '--yes', '--json', ...flags);
  const report = JSON.parse(outcome.stdout || '{}');
  return { ...outcome, report, error: report.error };
}

async function askStatus(pair: Environments, id: string, ...flags: string[]): Promise<unknown> {
  return JSON.parse((await pair.run('env-migrate', 'status', id, '--json', ...flags)).stdout);
}

async function expectNothingStaged({ target }: Environments): Promise<void> {
  const tables = await target.server.query<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [target.staging],
  );
  // What later runs go by stays; no table of a site does, and no fence.
  expect(tables.map(({ name }) => name).sort()).toEqual(['wfuwp_addresses', 'wfuwp_copied']);
}

describe('A5 what is said is so', () => {
  it('of a run that is rolled back already, and one of whose sites a run from another folder has replaced since', async () => {
    await using pair = await createEnvironments({
      sites: 3,
      scale: 0.02,
      live: { sites: 3, scale: 0.02, domain: 'stg.example.edu', seed: 2 },
    });
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    const [id = ''] = await listRunIds(join(pair.cwd, 'logs'));
    const open = await pair.run('env-migrate', 'status', id);
    expect(open.stdout).toMatch(/Way back +open, until cleanup/);
    expect((await pair.run('env-migrate', 'rollback', id, '--yes')).stdout).toMatch(/^✔ Rolled back: /);
    expect((await pair.run('env-migrate', 'status', id)).stdout).toMatch(/Way back +taken/);
    const other = ['--log-dir', 'elsewhere', '--include-sites', '3', '--sites-only'];
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes', ...other)).exitCode).toBe(0);

    const { stdout, exitCode } = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✔ Nothing to do: .* was rolled back at /);
    expect(stdout).toMatch(/Migrated again since:\n +! site 3 .*: migrated again since, by\s+env-migrate-/);
    expect(stdout).not.toContain('As it was before');
  });

  it('of one whose previous tables cleanup has removed', async () => {
    await using pair = await createEnvironments({
      sites: 2,
      scale: 0.02,
      live: { sites: 2, scale: 0.02, domain: 'stg.example.edu', seed: 2 },
    });
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    const [id = ''] = await listRunIds(join(pair.cwd, 'logs'));
    expect((await pair.run('env-migrate', 'cleanup', id, '--yes')).exitCode).toBe(0);
    const { stdout } = await pair.run('env-migrate', 'status', id);
    expect(stdout).toMatch(/Way back +closed: cleanup has removed the previous tables/);
    const refused = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(refused.exitCode).toBe(4);
    expect(`${refused.stdout}${refused.stderr}`).not.toMatch(/^.? ?Rolled back/m);
  });
});
