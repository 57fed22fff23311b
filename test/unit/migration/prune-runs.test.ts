// Which run directories may go, on made-up ones: whatever speaks for one, it stays.

import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashText } from '../../../src/migration/chain.ts';
import { levelOf, type MigrationEvent, type Recorded } from '../../../src/migration/events.ts';
import { takeRunLock } from '../../../src/migration/lock.ts';
import { judgeRuns, removeRun, sweepPruned } from '../../../src/migration/prune-runs.ts';
import { RunDirectory, type SavedOptions } from '../../../src/migration/run-directory.ts';
import { foldEvent, initialState } from '../../../src/migration/state.ts';
import type { MigrationId } from '../../../src/migration/words.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const started: MigrationEvent = {
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: 'd',
  siteIds: [1],
  network: false,
  pid: 1,
  host: 'h',
};
const ended: MigrationEvent = { type: 'migration.ended', status: 'completed' };
/** Nothing was cut over, so nothing can go back. */
const DONE: readonly MigrationEvent[] = [
  started,
  { type: 'site.started', siteId: 1, attempt: 1 },
  { type: 'site.completed', siteId: 1, rows: 1, bytes: 1 },
  ended,
];
const WITH_WAY_BACK: readonly MigrationEvent[] = [
  started,
  { type: 'site.started', siteId: 1, attempt: 1 },
  { type: 'step.started', siteId: 1, step: 'cut_over', attempt: 1 },
  { type: 'step.completed', siteId: 1, step: 'cut_over' },
  { type: 'site.completed', siteId: 1, rows: 1, bytes: 1 },
  ended,
];

let logDir: string;
beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'wfuwp-prune-'));
});
afterEach(() => rm(logDir, { recursive: true }));

async function make(day: number, events: readonly MigrationEvent[] = DONE): Promise<RunDirectory> {
  const date = `2026-10-${String(day).padStart(2, '0')}`;
  const id = `env-migrate-${date}T02-30-00-abc1${String(day).padStart(2, '0')}` as MigrationId;
  const directory = new RunDirectory(join(logDir, id));
  await directory.create();
  await directory.writePlan(samplePlan(1, { migrationId: id }));
  await directory.writeOptions({ source: 'prod', target: 'stg', planDigest: 'd' } as SavedOptions);
  const state = initialState(id);
  const lines = events.map((event, index) => {
    const at = new Date(Date.parse(`${date}T02:30:00.000Z`) + index * 1_000).toISOString();
    const line: Recorded = { seq: index + 1, at, level: levelOf(event), correlationId: 'abc123', ...event };
    const text = JSON.stringify(line);
    foldEvent(state, line, hashText(text));
    return `${text}\n`;
  });
  await writeFile(directory.journal, lines.join(''));
  await directory.writeState([JSON.stringify(state)]);
  return directory;
}

async function judge(changes: { before?: Date; keep?: number } = {}): Promise<(string | null)[]> {
  const verdicts = await judgeRuns({ logDir, before: new Date('2026-12-01'), keep: 0, ...changes });
  return verdicts.map(({ reason }) => reason);
}

it('lets a run go that is done and old, and none of the newest', async () => {
  for (const day of [1, 2, 3]) await make(day);
  expect(await judge()).toEqual([null, null, null]);
  expect(await judge({ keep: 2 })).toEqual(['it is among the newest', 'it is among the newest', null]);
  expect(await judge({ before: new Date('2026-10-02T12:00:00Z') })).toEqual([
    'it is not old enough',
    null,
    null,
  ]);
});

it('keeps what can be resumed or rolled back, and what goes on', async () => {
  const busy = await make(1);
  await make(2, DONE.slice(0, -1));
  await make(3, [...DONE.slice(0, -1), { type: 'migration.ended', status: 'completed_with_failures' }]);
  await make(4, WITH_WAY_BACK);
  await using lock = await takeRunLock(busy.lock);
  lock.prove();
  expect(await judge()).toEqual([
    expect.stringContaining('can be rolled back'),
    expect.stringContaining('can be resumed'),
    expect.stringContaining('can be resumed'),
    'it goes on',
  ]);
});

it('lets the way back of a run go once a later one has taken its place', async () => {
  await make(1, WITH_WAY_BACK);
  await make(2, WITH_WAY_BACK);
  expect(await judge()).toEqual([expect.stringContaining('can be rolled back'), null]);
});

it.each<[string, (run: RunDirectory) => Promise<void>]>([
  [
    'a line in the middle of the journal is broken',
    ({ journal }) => edit(journal, '"site.started"', '"site.star'),
  ],
  ['the journal has lost its end', ({ journal }) => cutLast(journal)],
  ['the plan was changed', ({ plan }) => edit(plan, '"wp_stg_previous"', '"wp_else"')],
  ['the plan is missing', ({ plan }) => rm(plan)],
])('keeps a damaged run: %s', async (_, damage) => {
  const run = await make(1);
  await damage(run);
  expect(await judge()).toEqual([expect.stringMatching(/damaged|resumed/)]);
});

it('keeps a folder that holds what the program has not put there', async () => {
  const { path } = await make(1);
  for (const name of ['notes.txt', 'migration-notes.log']) {
    await writeFile(join(path, name), 'mine');
    expect(await judge()).toEqual([`it holds files of others: ${name}`]);
    await rm(join(path, name));
  }
  await mkdir(join(path, 'migration-progress.log'));
  expect(await judge()).toEqual(['it holds files of others: migration-progress.log']);
  await rm(join(path, 'migration-progress.log'), { recursive: true });
  await symlink('/etc/hostname', join(path, 'migration-progress.log'));
  expect(await judge()).toEqual(['it holds files of others: migration-progress.log']);
});

it('looks again before it removes a run: the answer to a question may take an hour', async () => {
  const { path, journal, state } = await make(1);
  const [verdict] = await judgeRuns({ logDir, before: new Date('2026-12-01'), keep: 0 });
  expect(verdict!.reason).toBeNull();
  await writeFile(join(path, 'notes.txt'), 'mine');
  expect(await removeRun(verdict!)).toBe('it holds files of others: notes.txt');
  await rm(join(path, 'notes.txt'));
  // A rollback has begun, and was broken off.
  await rm(state);
  const resumed = { seq: 5, at: '2026-11-30T00:00:00.000Z', level: 'info', correlationId: 'abc123' };
  await appendFile(
    journal,
    `${JSON.stringify({ ...resumed, type: 'migration.resumed', siteIds: [1], pid: 1, host: 'h' })}\n`,
  );
  expect(await removeRun(verdict!)).toContain('resumed');
  expect(await readdir(logDir)).toHaveLength(1);
});

it('removes a run, and gives back nothing of it', async () => {
  await make(1);
  const [verdict] = await judgeRuns({ logDir, before: new Date('2026-12-01'), keep: 0 });
  expect(await removeRun(verdict!)).toBeNull();
  expect(await readdir(logDir)).toEqual([]);
});

it('sweeps only what it was itself removing', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'wfuwp-prune-else-'));
  await mkdir(join(logDir, '.pruned-mine'));
  await writeFile(join(logDir, '.pruned-mine', 'thesis.txt'), 'mine');
  await writeFile(join(logDir, '.pruned-list.txt'), 'mine');
  await symlink(elsewhere, join(logDir, '.pruned-link'));
  await mkdir(join(logDir, '.pruned-0b0e'));
  await writeFile(join(logDir, '.pruned-0b0e', 'migration-journal.jsonl'), '');
  await sweepPruned(logDir);
  expect((await readdir(logDir)).sort()).toEqual(['.pruned-link', '.pruned-list.txt', '.pruned-mine']);
  await rm(elsewhere, { recursive: true });
});

async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

async function cutLast(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`);
}
