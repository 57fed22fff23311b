// Runs on a real disk, in every state that a night can leave them in.

import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashText } from '../../../src/migration/chain.ts';
import { levelOf, type MigrationEvent, type Recorded } from '../../../src/migration/events.ts';
import { takeRunLock } from '../../../src/migration/lock.ts';
import type { RunEntry } from '../../../src/migration/read-run.ts';
import { RunDirectory, type SavedOptions } from '../../../src/migration/run-directory.ts';
import { foldEvent, initialState, type MigrationState } from '../../../src/migration/state.ts';
import { findNewestRun, findRun, listRuns, loadRun } from '../../../src/migration/store.ts';
import { summarize } from '../../../src/migration/summary.ts';
import type { MigrationId } from '../../../src/migration/words.ts';
import { MIGRATION_ID, samplePlan } from '../../support/sample-plan.ts';

const error = { code: 'connection', message: 'Lost it.', scope: 'site', hint: 'Look.' } as const;
const started: MigrationEvent = {
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: 'd',
  siteIds: [1, 2, 3],
  network: true,
  pid: 1,
  host: 'h',
};
/** Site 1 is done, 2 has failed, 3 is being copied. */
const MIDWAY: readonly MigrationEvent[] = [
  started,
  { type: 'phase.started', phase: 'preflight' },
  { type: 'phase.completed', phase: 'preflight' },
  { type: 'phase.started', phase: 'sites' },
  { type: 'site.started', siteId: 1, attempt: 1 },
  { type: 'site.completed', siteId: 1, rows: 10, bytes: 100 },
  { type: 'site.started', siteId: 2, attempt: 1 },
  { type: 'site.failed', siteId: 2, error },
  { type: 'site.started', siteId: 3, attempt: 1 },
];
const ENDED: readonly MigrationEvent[] = [
  ...MIDWAY,
  { type: 'site.completed', siteId: 3, rows: 1, bytes: 1 },
  { type: 'phase.completed', phase: 'sites' },
  { type: 'migration.ended', status: 'completed_with_failures' },
];

let logDir: string;
beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'wfuwp-store-'));
});
afterEach(() => rm(logDir, { recursive: true }));

function record(events: readonly MigrationEvent[], id: string): { text: string; state: MigrationState } {
  const state = initialState(id as MigrationId);
  const lines = events.map((event, index): Recorded => {
    const at = new Date(Date.parse('2026-11-21T02:30:00.000Z') + index * 1_000).toISOString();
    const line = { seq: index + 1, at, level: levelOf(event), correlationId: 'abc123', ...event };
    foldEvent(state, line, hashText(JSON.stringify(line)));
    return line;
  });
  return { text: lines.map(line => `${JSON.stringify(line)}\n`).join(''), state };
}

interface Made {
  readonly id?: string;
  readonly events?: readonly MigrationEvent[];
  /** Events that the snapshot has; default: all. null: there is none. */
  readonly snapshot?: number | null;
}

async function make({
  id = MIGRATION_ID,
  events = MIDWAY,
  snapshot = events.length,
}: Made = {}): Promise<RunDirectory> {
  const directory = new RunDirectory(join(logDir, id));
  await directory.create();
  await directory.writePlan(samplePlan(3, { migrationId: id as MigrationId }));
  await directory.writeOptions({ source: 'prod', target: 'stg', planDigest: 'd' } as SavedOptions);
  await writeFile(directory.journal, record(events, id).text);
  if (snapshot !== null) {
    const { state } = record(events.slice(0, snapshot), id);
    await directory.writeState([JSON.stringify(state)]);
  }
  return directory;
}

async function listOne(): Promise<RunEntry> {
  const entries = await listRuns(logDir);
  expect(entries).toHaveLength(1);
  return entries[0]!;
}

describe('a healthy run', () => {
  it('says what its state says', async () => {
    await make({ events: ENDED });
    expect(await listOne()).toMatchObject({
      id: MIGRATION_ID,
      path: join(logDir, MIGRATION_ID),
      source: 'prod',
      target: 'stg',
      status: 'completed_with_failures',
      holder: null,
      phase: null,
      sites: { total: 3, completed: 2, failed: 1, pending: 0, in_progress: 0 },
      network: 'pending',
      startedAt: '2026-11-21T02:30:00.000Z',
      updatedAt: '2026-11-21T02:30:11.000Z',
      endedAt: '2026-11-21T02:30:11.000Z',
      error: null,
      damage: [],
    });
  });

  it('is interrupted when its state says running and nobody holds its lock', async () => {
    const directory = await make();
    expect(await listOne()).toMatchObject({
      status: 'interrupted',
      phase: 'sites',
      holder: null,
      damage: [],
    });
    expect(JSON.parse(await readFile(directory.state, 'utf8'))).toMatchObject({ status: 'running' });
  });

  it('is running, with its process, while the lock is held', async () => {
    const directory = await make();
    await using lock = await takeRunLock(directory.lock);
    expect(lock.lost.aborted).toBe(false);
    expect(await listOne()).toMatchObject({
      status: 'running',
      holder: { pid: process.pid, host: hostname() },
    });
  });

  it('is interrupted at once when its process on this machine is dead, whatever the lock says', async () => {
    const directory = await make();
    await using lock = await takeRunLock(directory.lock);
    expect(lock.lost.aborted).toBe(false);
    const holder = join(`${directory.lock}.d`, 'holder.json');
    const found = JSON.parse(await readFile(holder, 'utf8')) as object;
    // No process has a number beyond the kernel's limit.
    await writeFile(holder, JSON.stringify({ ...found, pid: 2 ** 22 + 1 }));
    expect(await listOne()).toMatchObject({ status: 'interrupted', holder: null });
    await writeFile(holder, JSON.stringify({ ...found, pid: 2 ** 22 + 1, host: 'another-machine' }));
    expect(await listOne()).toMatchObject({ status: 'running', holder: { host: 'another-machine' } });
    await writeFile(holder, '{');
    expect(await listOne()).toMatchObject({ status: 'running', holder: { pid: 0 } });
  });

  it('is running while a version before has the lock, whose holder stands beside it', async () => {
    const directory = await make();
    await mkdir(`${directory.lock}.d`);
    await writeFile(directory.lock, JSON.stringify({ pid: 7, host: 'another-machine', since: 'then' }));
    expect(await listOne()).toMatchObject({ status: 'running', holder: { pid: 7, since: 'then' } });
  });

  it('that is just being started is running, and not damaged', async () => {
    const directory = new RunDirectory(join(logDir, MIGRATION_ID));
    await directory.create();
    await using lock = await takeRunLock(directory.lock);
    expect(lock.lost.aborted).toBe(false);
    expect(await listOne()).toMatchObject({ status: 'running', damage: [], source: null });
  });
});

describe('a run that is wholly done', () => {
  const done: readonly MigrationEvent[] = [
    started,
    { type: 'site.skipped', siteId: 9, reason: 'archived' },
    ...[1, 2, 3].map(siteId => ({ type: 'site.completed', siteId, rows: 1, bytes: 1 }) as const),
    { type: 'migration.ended', status: 'completed' },
  ];
  const plan = samplePlan(3, { leftOut: [{ siteId: 9, reason: 'archived' }] });

  it('is listed from its summary just as from its state', async () => {
    const directory = await make({ events: done });
    const fromState = await listOne();
    await directory.writeSummary(summarize(plan, record(done, MIGRATION_ID).state));
    await rm(directory.state);
    const fromSummary = await listOne();
    expect({ ...fromSummary, ageMs: 0 }).toEqual({ ...fromState, ageMs: 0 });
    expect(fromSummary).toMatchObject({ status: 'completed', sites: { total: 4, completed: 3, skipped: 1 } });
    await rm(directory.plan);
    expect((await listOne()).damage).toHaveLength(1);
  });

  it.each<[string, MigrationEvent[]]>([
    ['went on after it', [{ type: 'site.started', siteId: 2, attempt: 2 }]],
    [
      'ended another time',
      [
        { type: 'site.failed', siteId: 2, error },
        { type: 'migration.ended', status: 'completed' },
      ],
    ],
  ])('not from the summary of a run that %s', async (_, more) => {
    const directory = await make({ events: [...done, ...more] });
    await directory.writeSummary(summarize(plan, record(done, MIGRATION_ID).state));
    expect((await listOne()).sites.completed).toBe(2);
  });
});

describe('the journal is the truth', () => {
  const truth = { status: 'completed_with_failures', sites: { completed: 2, failed: 1 }, damage: [] };

  it.each([
    ['missing', null],
    ['old', 4],
    ['one event old', ENDED.length - 1],
  ])('the state is %s', async (_, snapshot) => {
    await make({ events: ENDED, snapshot });
    expect(await listOne()).toMatchObject(truth);
  });

  it.each([
    ['torn', '{"version":1,"status":"run'],
    ['empty', ''],
    ['no JSON', 'What is this?'],
    ['null', 'null'],
    ['of another shape', '{"version":1}'],
    ['of a newer version', '{"version":99,"lastSeq":12,"status":"running","phases":{},"sites":{}}'],
    ['of another version', '{"version":1,"lastSeq":12,"status":"running","phases":{},"sites":{}}'],
  ])('the state is %s', async (_, text) => {
    const directory = await make({ events: ENDED });
    await writeFile(directory.state, text);
    expect(await listOne()).toMatchObject(truth);
  });

  it.each([['{"seq":13,"at":"20'], ['\0\0\0\0'], ['{"seq":13}']])('its last line is torn: %j', async torn => {
    for (const snapshot of [null, ENDED.length]) {
      const directory = await make({ events: ENDED, snapshot });
      await appendFile(directory.journal, torn);
      expect(await listOne()).toMatchObject(truth);
    }
  });

  it('an event of a newer version changes nothing', async () => {
    const directory = await make({ snapshot: null });
    await appendFile(
      directory.journal,
      `${JSON.stringify({ seq: 10, at: '2026-11-21T03:00:00Z', type: 'x.y' })}\n`,
    );
    expect(await listOne()).toMatchObject({
      status: 'interrupted',
      updatedAt: '2026-11-21T03:00:00Z',
      damage: [],
    });
  });

  it('has nothing in it yet: it was broken off before it began', async () => {
    await make({ events: [], snapshot: null });
    expect(await listOne()).toMatchObject({
      status: 'interrupted',
      source: 'prod',
      target: 'stg',
      damage: [],
    });
  });

  it('is read from its end only as far as the state has not got it', async () => {
    const directory = await make({ events: ENDED, snapshot: 9 });
    await damageLine(directory, 8);
    expect(await listOne()).toMatchObject(truth);
    await damageLine(directory, 9);
    expect((await listOne()).damage).toHaveLength(1);
  });
});

describe('a damaged directory is listed, and stays as it is', () => {
  it('the journal is damaged in the middle: what is known counts', async () => {
    const directory = await make({ snapshot: null });
    await damageLine(directory, 7);
    expect(await listOne()).toMatchObject({
      status: 'interrupted',
      sites: { completed: 1, failed: 0 },
      damage: ['The journal is damaged at line 7; the 6 lines before it are sound.'],
    });
    await expect(loadRun(logDir, 'abc123')).rejects.toMatchObject({
      code: 'migration_unreadable',
      exitCode: 10,
      message: expect.stringContaining('damaged at line 7'),
    });
  });

  it('a line of the journal is gone', async () => {
    const directory = await make({ snapshot: 2 });
    const lines = (await readFile(directory.journal, 'utf8')).split('\n');
    await writeFile(directory.journal, lines.toSpliced(4, 1).join('\n'));
    expect((await listOne()).damage).toEqual([
      'The journal is damaged at line 5; the 4 lines before it are sound.',
    ]);
  });

  it('the journal has lost its end: the state knows more', async () => {
    const directory = await make({ events: ENDED });
    await writeFile(directory.journal, record(MIDWAY, MIGRATION_ID).text);
    expect(await listOne()).toMatchObject({
      status: 'completed_with_failures',
      damage: ['The journal has lost its end: the state knows 12 events, the journal 9.'],
    });
  });

  it.each(['journal', 'plan', 'options'] as const)('no %s', async file => {
    const directory = await make();
    await rm(directory[file]);
    const entry = await listOne();
    expect(entry).toMatchObject({ status: 'interrupted', source: 'prod', sites: { completed: 1 } });
    expect(entry.damage.join()).toMatch(
      new RegExp(`missing.*${file === 'journal' ? '' : "can't be resumed"}`),
    );
    await expect(loadRun(logDir, MIGRATION_ID)).rejects.toMatchObject({ code: 'migration_unreadable' });
  });

  it('neither journal nor state', async () => {
    const directory = await make({ snapshot: null });
    await rm(directory.journal);
    expect(await listOne()).toMatchObject({
      status: 'unknown',
      source: 'prod',
      damage: [/journal is missing/].map(matching),
    });
  });

  it('the plan is cut off, or rubbish', async () => {
    const directory = await make();
    await truncate(directory.plan, 100);
    expect((await listOne()).damage).toEqual(["migration-plan.json is cut off: the run can't be resumed."]);
    await writeFile(directory.plan, '{ nothing here }');
    await expect(loadRun(logDir, MIGRATION_ID)).rejects.toMatchObject({ code: 'migration_unreadable' });
  });

  it('a folder stands where the journal should', async () => {
    const directory = await make({ snapshot: null });
    await rm(directory.journal);
    await mkdir(directory.journal);
    expect((await listOne()).damage[0]).toContain("The journal can't be read");
  });

  it('an empty directory, also with the files of a dead lock', async () => {
    const directory = new RunDirectory(join(logDir, MIGRATION_ID));
    await directory.create();
    await writeFile(directory.lock, '{}');
    expect(await listOne()).toMatchObject({
      status: 'unknown',
      startedAt: '2026-11-21T02:30:00.000Z',
      damage: ['The directory is empty: the run stopped before it began, and changed nothing.'],
    });
  });
});

describe('what is a run', () => {
  it('foreign files and folders are none; a renamed directory and a link are', async () => {
    const directory = await make();
    await mkdir(join(logDir, 'nginx'));
    await writeFile(join(logDir, 'env-migrate-2026-11-21T02-30-00-aaaaaa'), 'a file');
    await rename(directory.path, join(logDir, 'keep-this'));
    const elsewhere = await make({ id: 'env-migrate-2026-11-20T02-30-00-bbbbbb' });
    await mkdir(join(logDir, 'archive'));
    await rename(elsewhere.path, join(logDir, 'archive', 'moved'));
    await symlink(join(logDir, 'archive', 'moved'), elsewhere.path);
    const entries = await listRuns(logDir);
    expect(entries.map(entry => entry.id)).toEqual(['keep-this', basename(elsewhere.path)]);
    expect(entries.every(entry => entry.status === 'interrupted')).toBe(true);
  });

  it('no folder, no runs; a file in its place is a wrong flag', async () => {
    expect(await listRuns(join(logDir, 'nowhere'))).toEqual([]);
    await writeFile(join(logDir, 'file'), '');
    await expect(listRuns(join(logDir, 'file'))).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('finding one', () => {
  const [A, B, C] = ['aaa123', 'bbb123', 'ccc999'].map(
    (end, day) => `env-migrate-2026-11-2${day}T02-30-00-${end}`,
  );

  it('by its id, in full or its ending', async () => {
    for (const id of [A, B, C]) await make({ id: id! });
    expect((await findRun(logDir, A!)).path).toBe(join(logDir, A!));
    expect((await findRun(logDir, 'ccc999')).path).toBe(join(logDir, C!));
    await expect(findRun(logDir, '123')).rejects.toMatchObject({
      code: 'usage',
      details: { matches: [A, B] },
    });
  });

  it.each([
    ['bbb132', 'bbb123'],
    ['env-migrate-2026-11-22T02-30-00-ccc99', 'ccc999'],
    ['2026-11-20', 'aaa123'],
  ])('"%s" is not there, and %s is near', async (id, near) => {
    for (const known of [A, B, C]) await make({ id: known! });
    await expect(findRun(logDir, id)).rejects.toMatchObject({
      code: 'migration_not_found',
      exitCode: 10,
      message: expect.stringContaining(near),
    });
  });

  it.each(['', '..', '/', 'zzzzzzzzzzzz'])('%j is not there', async id => {
    await expect(findRun(logDir, id)).rejects.toMatchObject({ code: 'migration_not_found' });
    await make();
    await expect(findRun(logDir, id)).rejects.toMatchObject({ code: 'migration_not_found' });
  });

  it('the newest: by its start; one that never began counts only alone', async () => {
    await expect(findNewestRun(logDir)).rejects.toMatchObject({ code: 'migration_not_found' });
    await mkdir(join(logDir, C!));
    expect((await findNewestRun(logDir)).path).toBe(join(logDir, C!));
    for (const id of [B, A]) await make({ id: id! });
    expect((await findNewestRun(logDir)).path).toBe(join(logDir, B!));
  });
});

it('loads plan, options, state and the journal', async () => {
  await make({ events: ENDED, snapshot: 3 });
  const run = await loadRun(logDir, 'abc123');
  expect(run.plan.sites).toHaveLength(3);
  expect(run.options.target).toBe('stg');
  expect(run.state).toEqual(record(ENDED, MIGRATION_ID).state);
  const types: string[] = [];
  for await (const line of run.lines()) types.push(line.type);
  expect(types).toEqual(ENDED.map(event => event.type));
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

async function damageLine({ journal }: RunDirectory, number: number): Promise<void> {
  const lines = (await readFile(journal, 'utf8')).split('\n');
  await writeFile(journal, lines.with(number - 1, '{"seq":7,"at":').join('\n'));
}
