// A run that ended early goes on with --resume: with which sites, with which options, and when it must not.

import { appendFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, type NetworkOptions } from '../support/generate-network.ts';
import { addCorruptTable, addTable, differences, killAt, loadOracle, lockTable, migrateUnsoundly, ofType, onlyRunId, readLines, readState, sinceResume, stagedTables, startedSites } from '../support/runs.ts';
import type { Outcome } from '../support/wfuwp.ts';

const SMALL = { sites: 2, scale: 0.03 };
const START = ['env-migrate', 'prod', 'stg', '--yes'];
/** Which of a site's steps it is, after inspect, copy_tables and verify_tables. */
const CUT_OVER = 4;

describe('a run of 12 sites, of which 3 and 5 fail and 7 times out, that stopped before it came to the others', () => {
  const NETWORK = { sites: 12, scale: 0.02 };
  const PENDING = [1, 2, 4, 6, 8, 9, 10, 11, 12, 13];
  let pair: Environments;
  let id: string;

  beforeAll(async () => {
    pair = await createEnvironments(NETWORK);
    await addCorruptTable(pair, 'wp_3_plugin');
    await addCorruptTable(pair, 'wp_5_plugin');
    await addTable(pair, 'wp_7_plugin');
    await using _held = await lockTable(pair.source.server, `${pair.source.database}.wp_7_plugin`);
    const limits = ['--max-failures', '2', '--concurrency', '1', '--timeout', '0.1'];
    const { exitCode, stdout, stderr } = await pair.run(...START, ...limits);
    expect(stderr + stdout).toContain('3 sites failed; 10 were not started');
    expect(exitCode).toBe(3);
    id = await onlyRunId(pair);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const resume = (...flags: string[]): Promise<Outcome> => pair.run('env-migrate', '--resume', id, ...flags);
  const lastTouched = async (): Promise<number[]> =>
    startedSites(sinceResume(await readLines(join(pair.cwd, 'logs', id))));
  const statuses = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      Object.entries((await readState(pair, id)).sites).map(([key, { status }]) => [key, status]),
    );

  it('stands as it should', async () => {
    expect(await statuses()).toEqual({
      ...Object.fromEntries(PENDING.map(siteId => [siteId, 'pending'])),
      3: 'failed',
      5: 'failed',
      7: 'timeout',
    });
  });

  it.each([
    ['', [...PENDING, 3, 5, 7]],
    ['--retry-failed', [3, 5, 7]],
    ['--skip-failed', [...PENDING, 7]],
    ['--skip-timeouts', [...PENDING, 3, 5]],
    ['--skip-failed --skip-timeouts', PENDING],
  ])('"%s" means the right sites', async (flags, sites) => {
    const { stdout, stderr, exitCode } = await resume(
      '--dry-run',
      '--json',
      ...flags.split(' ').filter(Boolean),
    );
    expect(exitCode, stderr).toBe(0);
    const { siteIds } = JSON.parse(stdout) as { siteIds: number[] };
    expect(siteIds.toSorted((a, b) => a - b)).toEqual(sites.toSorted((a, b) => a - b));
  });

  it.each(['--skip-failed', '--skip-timeouts', '--retry-failed'])(
    '%s without --resume: exit 2',
    async flag => {
      expect((await pair.run(...START, flag)).exitCode).toBe(2);
    },
  );

  it('without a terminal a second start of the pair needs to be told what is meant', async () => {
    const { exitCode, stderr } = await pair.run('env-migrate', 'prod', 'stg');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not finished: 0 of 13 sites are done, 3 failed, 10 are left');
    expect(stderr).toContain(`wfuwp env-migrate --resume ${id} --yes`);
    expect(stderr).toContain('--retry-failed');
    expect(stderr).toContain('wfuwp env-migrate prod stg --yes');
  });

  it('--retry-failed touches exactly those that failed or timed out', async () => {
    await addTable(pair, 'wp_3_plugin');
    const { exitCode } = await resume('--retry-failed', '--yes');
    expect(await lastTouched()).toEqual([3, 5, 7]);
    expect(exitCode).toBe(3);
    expect(await statuses()).toMatchObject({ 3: 'completed', 5: 'failed', 7: 'completed', 1: 'pending' });
  });

  it('--skip-failed touches only the others, and then has nothing left', async () => {
    expect((await resume('--skip-failed', '--yes')).exitCode).toBe(3);
    expect(await lastTouched()).toEqual(PENDING);
    const again = await resume('--skip-failed', '--yes');
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('has nothing left to do');
  });

  it('plain --resume takes what failed, and the target equals the oracle', async () => {
    await addTable(pair, 'wp_5_plugin');
    const { exitCode, stderr } = await resume('--yes');
    expect(exitCode, stderr).toBe(0);
    expect(await lastTouched()).toEqual([5]);
    expect(await differences(pair, await loadOracle(pair.target.server, NETWORK))).toEqual([]);
    expect(await stagedTables(pair)).toEqual([]);
  });

  it.each(['', '--retry-failed'])('a run that is done can not be resumed: exit 2 %s', async flag => {
    const { exitCode, stderr } = await resume('--yes', ...(flag ? [flag] : []));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(flag ? 'has no site that failed or timed out' : 'has nothing left to do');
    expect(stderr).toContain(`status ${id}`);
  });

  it('an id that is not there: exit 10, with what is near; one that two runs have: exit 2', async () => {
    const wrong = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    const unknown = await pair.run('env-migrate', '--resume', wrong, '--yes');
    expect(unknown.exitCode).toBe(10);
    expect(unknown.stderr).toContain(`Did you mean ${id}?`);

    const twin = id.replace(/^env-migrate-\d{4}/, 'env-migrate-2020');
    await cp(join(pair.cwd, 'logs', id), join(pair.cwd, 'logs', twin), { recursive: true });
    const ambiguous = await pair.run('env-migrate', '--resume', id.slice(-6), '--yes');
    expect(ambiguous.exitCode).toBe(2);
    expect(ambiguous.stderr).toContain(twin);
    expect(ambiguous.stderr).toContain(`  ${id}`);
  });
});

describe('the files of a run that was killed', () => {
  it('damaged in the middle of the journal: refused, and nothing is changed', async () => {
    await using pair = await createEnvironments({ ...SMALL, live: live(SMALL) });
    const id = await killAt(pair, 'before site.completed', 2, ...START);
    const folder = join(pair.cwd, 'logs', id);
    const journal = join(folder, 'migration-journal.jsonl');
    const lines = (await readFile(journal, 'utf8')).split('\n');
    lines[4] = lines[4]!.slice(0, 30);
    await writeFile(journal, lines.join('\n'));
    const before = await picture(pair, folder);

    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode).toBe(10);
    expect(stderr).toContain('The journal is damaged at line 5');
    expect(stderr).toContain('The 4 lines before it are sound');
    expect(await picture(pair, folder)).toEqual(before);
  });

  it.each(['missing', 'corrupt'])(
    'a torn last line is mended, and a %s state file is made again',
    async kind => {
      await using pair = await createEnvironments(SMALL);
      const id = await killAt(pair, 'before site.completed', 2, ...START);
      const folder = join(pair.cwd, 'logs', id);
      const torn = '{"seq":9999,"at":"2026-11-2';
      await appendFile(join(folder, 'migration-journal.jsonl'), torn);
      const state = join(folder, 'migration-state.json');
      if (kind === 'missing') await rm(state, { force: true });
      else await writeFile(state, '{"version":1,"lastSeq":12,"sites":{"3":{"sta');

      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
      expect(exitCode, stderr).toBe(0);
      expect(await readFile(join(folder, 'migration-journal.jsonl'), 'utf8')).not.toContain(torn);
      const lines = await readLines(folder);
      expect(lines.map(line => line.seq)).toEqual(lines.map((_, index) => index + 1));
      expect(await readState(pair, id)).toMatchObject({ status: 'completed', lastSeq: lines.length });
      expect(await differences(pair, await loadOracle(pair.target.server, SMALL))).toEqual([]);
    },
  );

  it('killed before the first line of its journal: it goes on like a new one', async () => {
    await using pair = await createEnvironments(SMALL);
    const id = await killAt(pair, 'lease taken', 1, ...START);
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    expect(await differences(pair, await loadOracle(pair.target.server, SMALL))).toEqual([]);
  });

  it.each([
    { fails: false, exitCode: 0, status: 'completed' },
    { fails: true, exitCode: 3, status: 'completed_with_failures' },
  ])('killed before its summary, $status: a resume writes it and ends as the run would have', async how => {
    await using pair = await createEnvironments(SMALL);
    if (how.fails) await addCorruptTable(pair, 'wp_3_plugin');
    const id = await killAt(pair, 'before summary', 1, ...START);
    const folder = join(pair.cwd, 'logs', id);
    const before = await readLines(folder);
    const live = await checksumTables(pair.target.server, pair.target.database);
    // No server is asked any more.
    await rename(join(pair.cwd, 'wfuwp.config.yaml'), join(pair.cwd, 'away.yaml'));
    const flags = how.fails ? ['--skip-failed'] : [];

    const { exitCode, stdout, stderr } = await pair.run('env-migrate', '--resume', id, '--json', ...flags);
    expect(exitCode, stderr).toBe(how.exitCode);
    const summary = JSON.parse(await readFile(join(folder, 'migration-summary.json'), 'utf8'));
    expect(summary).toMatchObject({ status: how.status, lastSeq: before.length });
    expect(JSON.parse(stdout)).toMatchObject(summary);
    expect(await readState(pair, id)).toMatchObject({ status: how.status, lastSeq: before.length });
    expect(await readLines(folder)).toEqual(before);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(live);

    await rename(join(pair.cwd, 'away.yaml'), join(pair.cwd, 'wfuwp.config.yaml'));
    const again = await pair.run('env-migrate', '--resume', id, '--yes', ...flags);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('has nothing left to do');
  });

  it('killed as the cutover of a site begins that the target has nothing of: its journal says so', async () => {
    await using pair = await createEnvironments(SMALL);
    const id = await killAt(
      pair,
      'after step.started',
      CUT_OVER,
      ...START,
      '--sites-only',
      '--concurrency',
      '1',
    );
    const lines = await readLines(join(pair.cwd, 'logs', id));
    expect(lines.at(-1)).toMatchObject({ type: 'step.started', step: 'cut_over' });
  });

  it('killed between its last site and its end: only the last phases are left', async () => {
    await using pair = await createEnvironments(SMALL);
    const id = await killAt(pair, 'before migration.ended', 1, ...START);
    await expectOnlyLastPhases(pair, id);
  });
});

it('a run that failed after its last site: only the last phases are left', async () => {
  await using pair = await createEnvironments(SMALL);
  const { exitCode, stderr } = await migrateUnsoundly(pair);
  expect(exitCode, stderr).toBe(20);
  const id = await onlyRunId(pair);
  expect(await readState(pair, id)).toMatchObject({
    status: 'failed',
    phases: { sites: { status: 'completed' }, post_migration: { status: 'failed' } },
  });
  await pair.target.server.query(`DROP TABLE ${pair.target.staging}.wp_2_posts`);
  await expectOnlyLastPhases(pair, id);
});

describe('the plan has drifted', () => {
  it('is refused with what changed, and accepted with --accept plan_drift', async () => {
    await using pair = await createEnvironments({ ...SMALL, live: live(SMALL) });
    const { server, database } = pair.source;
    await addTable(pair, 'wp_3_plugin');
    // After the six steps of the network tables the biggest site begins, which is site 3.
    const id = await killAt(pair, 'after step.started', 8, ...START, '--concurrency', '1');
    expect(startedSites(await readLines(join(pair.cwd, 'logs', id)))).toEqual([0, 3]);
    const refused = async (): Promise<string> => {
      const before = await picture(pair, join(pair.cwd, 'logs', id));
      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
      expect(exitCode, stderr).toBe(4);
      expect(stderr).toContain('--accept plan_drift');
      expect(await picture(pair, join(pair.cwd, 'logs', id))).toEqual(before);
      return stderr;
    };

    await pair.configure(config => {
      config.environments.stg.hosts.main = 'other.example.edu';
    });
    expect(await refused()).toContain('The rules for rewriting in the configuration have changed');
    await pair.configure(config => {
      config.environments.stg.hosts.main = 'stg.example.edu';
    });
    await server.query(`DROP TABLE ${database}.wp_3_plugin`);
    expect(await refused()).toContain('Of site 3 these tables are gone: wp_3_plugin');

    const { exitCode } = await pair.run('env-migrate', '--resume', id, '--yes', '--accept', 'plan_drift');
    expect(exitCode).toBe(0);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    expect(ofType(lines, 'migration.resumed')).toMatchObject([{ forced: true }]);
    expect(await readState(pair, id)).toMatchObject({
      sites: { 1: { status: 'completed' }, 2: { status: 'completed' }, 3: { status: 'completed' } },
      drift: [{ siteId: 3, kind: 'tables_changed', message: expect.stringContaining('wp_3_plugin gone') }],
    });
  });
});

describe('the options of a resume', () => {
  it('are those of the start, but for what is given anew', async () => {
    await using pair = await createEnvironments({ ...SMALL, live: live(SMALL) });
    await using held = await lockTable(pair.source.server, `${pair.source.database}.wp_3_posts`);
    const only3 = ['--include-sites', '3', '--sites-only'];
    const started = await pair.run(...START, ...only3, '--timeout', '0.02', '--skip-backup');
    expect(started.exitCode, started.stderr).toBe(3);
    const id = await onlyRunId(pair);
    expect((await pair.run('env-migrate', '--resume', id, '--yes')).exitCode).toBe(3);
    expect((await pair.run('env-migrate', '--resume', id, '--yes', '--timeout', '0.03')).exitCode).toBe(3);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    expect(ofType(lines, 'site.timed_out').map(line => line.error.message)).toEqual([
      expect.stringContaining('0.02 minutes'),
      expect.stringContaining('0.02 minutes'),
      expect.stringContaining('0.03 minutes'),
    ]);

    await held[Symbol.asyncDispose]();
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes', '--timeout', '5');
    expect(exitCode, stderr).toBe(0);
    expect(startedSites(await readLines(join(pair.cwd, 'logs', id)))).toEqual([3, 3, 3, 3]);
    // --skip-backup of the start.
    expect(await checksumTables(pair.target.server, pair.target.previous)).toEqual(new Map());
  });
});

describe('tables that were complete when the run was killed', () => {
  it.each([false, true])('are copied again only if the source has changed: %s', async changed => {
    await using pair = await createEnvironments(SMALL);
    const { server, database } = pair.source;
    const one = ['--include-sites', '3', '--sites-only'];
    const id = await killAt(pair, 'after step.started', CUT_OVER, ...START, ...one);
    const folder = join(pair.cwd, 'logs', id);
    // As if it had been killed when so many were on the disk.
    const lines = await readLines(folder);
    const told = ofType(lines, 'table.copied').slice(0, 6);
    const tables = told.map(line => line.copied.table);
    const left = lines.slice(0, told.at(-1)!.seq).map(line => `${JSON.stringify(line)}\n`);
    await writeFile(join(folder, 'migration-journal.jsonl'), left.join(''));
    await rm(join(folder, 'migration-state.json'), { force: true });
    const [touched] = tables.filter(table => table.endsWith('_options') || table.endsWith('_posts'));
    if (changed) await server.query(`DELETE FROM ${database}.${touched ?? tables[0]} LIMIT 1`);

    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    const again = ofType(sinceResume(await readLines(folder)), 'table.copied').map(line => line.copied.table);
    expect(again.filter(table => tables.includes(table))).toEqual(changed ? [touched ?? tables[0]] : []);
    const all = await checksumTables(server, database, { like: 'wp\\_3\\_%' });
    expect(again).toHaveLength(all.size - tables.length + (changed ? 1 : 0));
    if (changed) return;
    const oracle = await loadOracle(pair.target.server, SMALL);
    expect((await differences(pair, oracle)).filter(table => table.startsWith('wp_3_'))).toEqual([]);
  });
});

const live = (network: NetworkOptions): NetworkOptions => ({
  ...network,
  domain: 'stg.example.edu',
  seed: 2,
});

async function expectOnlyLastPhases(pair: Environments, id: string): Promise<void> {
  const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
  expect(exitCode, stderr).toBe(0);
  const lines = sinceResume(await readLines(join(pair.cwd, 'logs', id)));
  expect(startedSites(lines)).toEqual([]);
  expect(ofType(lines, 'phase.completed').map(line => line.phase)).toEqual([
    'preflight',
    'post_migration',
    'cleanup',
  ]);
  expect(await readState(pair, id)).toMatchObject({ status: 'completed' });
}

/** All that a refused resume must leave as it is. */
async function picture({ source, target }: Environments, folder: string): Promise<unknown> {
  const names = await readdir(folder);
  return [
    await checksumTables(source.server, source.database),
    await checksumTables(target.server, target.database),
    await checksumTables(target.server, target.staging),
    await checksumTables(target.server, target.previous),
    await Promise.all(
      names.filter(name => !name.endsWith('.d')).map(name => readFile(join(folder, name), 'utf8')),
    ),
  ];
}
