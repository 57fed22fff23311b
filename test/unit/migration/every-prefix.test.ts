// A migration that is cut off after any event whatever comes to the same end, and what was done is not done again.
// Everything is real but the other end: sites are worked on by a fake that reports as the real one does and keeps a
// little world of tables, and the target's connection answers from that world.

import { describe, expect, it } from 'vitest';
import { createLocalExecutor } from '../../../src/executors/local.ts';
import { Slots } from '../../../src/executors/slots.ts';
import { migrate } from '../../../src/migrate.ts';
import { hashText } from '../../../src/migration/chain.ts';
import type { Recorded, Resource } from '../../../src/migration/events.ts';
import type { Plan } from '../../../src/migration/plan.ts';
import { Recorder } from '../../../src/migration/recorder.ts';
import { finishedSteps, refuseIdleResume, remainingSites } from '../../../src/migration/remaining-work.ts';
import { foldEvent, initialState, type MigrationState } from '../../../src/migration/state.ts';
import type { SiteId, StepName } from '../../../src/migration/words.ts';
import type { DatabaseConnection } from '../../../src/mysql/client.ts';
import type { PhaseContext } from '../../../src/phases/phase.ts';
import { OwnTables } from '../../../src/site/own-tables.ts';
import type { SiteOutcome } from '../../../src/site/run-site.ts';
import type { SiteTask } from '../../../src/site/site-task.ts';
import { MIGRATION_ID, samplePlan } from '../../support/sample-plan.ts';

const PLAN = samplePlan(4);
const ALL_TABLES = [PLAN.network!, ...PLAN.sites].flatMap(unit => unit.tables.map(table => table.target));
const PLAIN = { skipFailed: false, skipTimeouts: false, retryFailed: false };
/** The site that fails until it is resumed. */
const WEAK: SiteId = 3;

/** The target: which tables are where, and what was done to them. */
class World {
  staging = new Set<string>();
  previous = new Set<string>();
  live = new Map(ALL_TABLES.map(table => [table, 'old']));
  /** `cut_over 3`, `copy wp_3_posts` … in their order. */
  deeds: string[] = [];

  copy(): World {
    const world = new World();
    world.staging = new Set(this.staging);
    world.previous = new Set(this.previous);
    world.live = new Map(this.live);
    world.deeds = [...this.deeds];
    return world;
  }

  swap(siteId: SiteId, tables: readonly string[]): void {
    for (const table of tables) {
      if (!this.staging.delete(table)) throw new Error(`${table} is not in staging`);
      this.previous.add(table);
      this.live.set(table, 'new');
    }
    this.deeds.push(`cut_over ${siteId}`);
  }
}

/** A crash between line `k` of the journal and the next: `atLine` as soon as the line was written, `beforeNext` after
 *  all that was done until the next one. */
interface Moment {
  readonly atLine: World;
  beforeNext: World;
}

/** As the journal's chain has it. */
const hashOf = (line: Recorded): string => hashText(JSON.stringify(line));

interface Story {
  readonly lines: Recorded[];
  readonly moments: Moment[];
  readonly world: World;
  readonly state: MigrationState;
}

async function run(options: {
  concurrency: number;
  lines?: readonly Recorded[];
  world?: World;
  weakFails?: boolean;
}): Promise<Story> {
  const { concurrency, world = new World(), weakFails = false } = options;
  const lines: Recorded[] = [...(options.lines ?? [])];
  const moments: Moment[] = [];
  const state = initialState(MIGRATION_ID);
  for (const line of lines) foldEvent(state, line, hashOf(line));
  const isResumed = options.lines !== undefined;
  const siteIds = remainingSites(PLAN, state, PLAIN);
  if (isResumed) refuseIdleResume(PLAN, state, siteIds, PLAIN);
  const recorder = new Recorder({
    state,
    sinks: [],
    journal: {
      append: async text => {
        const last = moments.at(-1);
        if (last) last.beforeNext = world.copy();
        lines.push(JSON.parse(text) as Recorded);
        moments.push({ atLine: world.copy(), beforeNext: world.copy() });
      },
    },
  });
  const context: PhaseContext = {
    plan: PLAN,
    siteIds,
    resumed: isResumed ? { mode: 'continue', forced: false, warnings: [] } : null,
    findings: [{ code: 'space', outcome: 'passed', message: 'There is room.' }],
    policy: {
      concurrency,
      timeoutMs: 1e6,
      stallMs: 1e6,
      reconnectMs: 1e6,
      maxRetries: 3,
      maxFailures: { kind: 'share', percent: 50 },
      verify: 'checksum',
      skipBackup: false,
      autoRollback: false,
    } as PhaseContext['policy'],
    pace: { concurrency, level: concurrency, startsPaused: false },
    recorder,
    files: { plan: 'p', options: 'o' },
    announce: async () => {},
    executor: createLocalExecutor(new Slots(concurrency)),
    hooks: { has: () => false, runForSite: async () => {}, runAfterRun: async () => {} },
    probes: null,
    cache: null,
    ownTables: new OwnTables(
      { migrationId: MIGRATION_ID, target: PLAN.target, fencing: 1, serverId: '', acceptsRemade: false },
      new Map(
        ALL_TABLES.map(name => [name, { migrationId: MIGRATION_ID, liveDatabase: PLAN.target.database }]),
      ),
    ),
    onTarget: deed => deed(fakeTarget(world)),
    onSource: deed => deed(fakeTarget(world)),
    runSite: task => fakeSite(task, recorder, world, weakFails && task.siteId === WEAK),
    signal: new AbortController().signal,
  } as PhaseContext;
  await migrate(context);
  return { lines, moments, world, state };
}

async function fakeSite(
  task: SiteTask,
  recorder: Recorder,
  world: World,
  fails: boolean,
): Promise<SiteOutcome> {
  const { siteId, attempt } = task;
  const tables = task.tables.map(table => table.target);
  const staged = (): Resource[] =>
    tables.map(table => ({ kind: 'staging_table', name: `${PLAN.target.staging}.${table}` }));
  await recorder.record({ type: 'site.started', siteId, attempt });
  for (const step of task.steps) {
    if (step in task.finished) continue;
    const done = step === 'cut_over' && isCutOver(world, task, tables);
    const resources = resourcesOf(step, done, staged(), tables);
    await recorder.record({
      type: 'step.started',
      siteId,
      step,
      attempt: 1,
      ...(resources.length > 0 ? { resources } : {}),
    });
    if (fails && step === 'verify_tables') {
      const error = { code: 'verification', message: 'differs', scope: 'site', hint: '' } as const;
      await recorder.record({ type: 'step.failed', siteId, step, error });
      await recorder.record({ type: 'resource.removed', siteId, resources: staged() });
      for (const table of tables) world.staging.delete(table);
      await recorder.record({ type: 'site.failed', siteId, error });
      return 'failed';
    }
    if (step === 'copy_tables') await copyTables(task, tables, recorder, world);
    if (step === 'cut_over' && !done) world.swap(siteId, tables);
    await recorder.record({ type: 'step.completed', siteId, step });
  }
  await recorder.record({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
  return 'completed';
}

function resourcesOf(
  step: StepName,
  done: boolean,
  staged: Resource[],
  tables: readonly string[],
): Resource[] {
  if (step === 'copy_tables') return staged;
  if (step !== 'cut_over' || done) return [];
  return tables.map(table => ({ kind: 'previous_table', name: `${PLAN.target.previous}.${table}` }));
}

/** Asks the tables, as the real step does. */
function isCutOver(world: World, task: SiteTask, tables: readonly string[]): boolean {
  if (task.outgoing === null) return false;
  const staged = tables.filter(table => world.staging.has(table)).length;
  if (staged === tables.length) return false;
  if (staged === 0 && task.outgoing.every(table => world.previous.has(table))) return true;
  throw new Error(`site ${task.siteId} is neither staged nor live`);
}

async function copyTables(
  task: SiteTask,
  tables: readonly string[],
  recorder: Recorder,
  world: World,
): Promise<void> {
  const { siteId } = task;
  const known = new Set(task.copied.map(copied => copied.table));
  for (const table of tables) {
    if (known.has(table) && world.staging.has(table)) continue;
    world.staging.delete(table);
    world.deeds.push(`copy ${table}`);
    world.staging.add(table);
    const copied = {
      table,
      rows: 1,
      bytes: 1,
      checksum: 'c',
      sourceChecksum: 's',
      changedByColumn: {},
      left: [],
    };
    await recorder.record({ type: 'table.copied', siteId, copied });
  }
}

function fakeTarget(world: World): DatabaseConnection {
  const query = async (sql: string, values: readonly unknown[] = []): Promise<unknown[]> => {
    if (sql.includes('SCHEMATA')) return (values[0] as string[]).map(name => ({ name }));
    if (sql.startsWith('DROP TABLE')) {
      for (const [, table] of sql.matchAll(/`\.`(\w+)`/g)) world.staging.delete(table!);
      return [];
    }
    if (!sql.includes('information_schema.TABLES')) return [];
    const names = values[0] === PLAN.target.staging ? [...world.staging] : [...world.live.keys()];
    return names.map(name => ({ name, kind: 'BASE TABLE' }));
  };
  return { label: 'fake', threadId: 1, query, execute: query } as unknown as DatabaseConnection;
}

describe.each([1, 3])(
  'a journal of a run (%i sites at once), its failures and its resume, cut off',
  concurrency => {
    it('after every event: the same end, and nothing is done twice', async () => {
      const first = await run({ concurrency, weakFails: true });
      expect(first.state.status).toBe('completed_with_failures');
      const whole = await run({ concurrency, lines: first.lines, world: first.world });
      expect(whole.state.status).toBe('completed');
      expectDone(whole, PLAN);
      const moments = [...first.moments, ...whole.moments];
      expect(moments).toHaveLength(whole.lines.length);
      expect(whole.lines.length).toBeGreaterThan(100);

      for (let k = 0; k <= whole.lines.length; k += 1) {
        const moment = k === 0 ? null : moments[k - 1]!;
        const worlds = moment ? [moment.atLine, moment.beforeNext] : [new World()];
        for (const world of worlds) await resumeFrom(whole.lines.slice(0, k), world.copy(), concurrency);
      }
    });
  },
);

async function resumeFrom(prefix: readonly Recorded[], world: World, concurrency: number): Promise<void> {
  const where = `cut after ${prefix.length}: ${prefix.at(-1)?.type ?? 'nothing'}`;
  const before = initialState(MIGRATION_ID);
  for (const line of prefix) foldEvent(before, line, hashOf(line));
  if (before.status === 'completed') {
    expect(() => refuseIdleResume(PLAN, before, remainingSites(PLAN, before, PLAIN), PLAIN), where).toThrow(
      'nothing left',
    );
    return;
  }
  const earlier = world.deeds.length;
  const story = await run({ concurrency, lines: prefix, world });
  expect(story.state.status, where).toBe('completed');
  expectDone(story, PLAN, where);
  const again = new Set(world.deeds.slice(earlier));
  for (const { siteId, tables } of [{ siteId: 0, tables: PLAN.network!.tables }, ...PLAN.sites]) {
    const finished = finishedSteps(before, siteId);
    if (finished.cut_over) expect(again, where).not.toContain(`cut_over ${siteId}`);
    if (!finished.copy_tables) continue;
    for (const { target } of tables) expect(again, where).not.toContain(`copy ${target}`);
  }
}

/** All live, nothing staged, every cutover once, and the journal tells a story that folds to the same state. */
function expectDone({ world, state, lines }: Story, plan: Plan, where = 'the whole run'): void {
  expect(
    [...world.live.values()].every(content => content === 'new'),
    where,
  ).toBe(true);
  expect([...world.staging], where).toEqual([]);
  const cutOvers = world.deeds.filter(deed => deed.startsWith('cut_over')).sort();
  expect(cutOvers, where).toEqual([0, ...plan.sites.map(site => site.siteId)].map(id => `cut_over ${id}`));
  const statuses = [state.network!, ...Object.values(state.sites)].map(site => site.status);
  expect(new Set(statuses), where).toEqual(new Set(['completed']));
  expect(
    lines.map(line => line.seq),
    where,
  ).toEqual(lines.map((_, index) => index + 1));
  const folded = initialState(MIGRATION_ID);
  for (const line of lines) foldEvent(folded, line, hashOf(line));
  expect(folded, where).toEqual(state);
}
