// What a rollback and a cleanup may touch, decided by the journal and by what the target holds: nothing that might be
// another run's.

import { describe, expect, it } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { isOver, type MigrationState } from '../../../src/migration/state.ts';
import { NETWORK, type SiteId } from '../../../src/migration/words.ts';
import type { PreviousState } from '../../../src/mysql/previous-owners.ts';
import { judgeRollback } from '../../../src/phases/judge-rollback.ts';
import { listRemovable, type RemovalFacts } from '../../../src/phases/remove-kept.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const ANOTHER = 'env-migrate-2026-11-22T02-30-00-ddd444';
const PLAN = samplePlan(4);
const tablesOf = (siteId: SiteId): string[] =>
  siteId === NETWORK
    ? PLAN.network!.tables.map(table => table.target).sort()
    : PLAN.sites
        .find(site => site.siteId === siteId)!
        .tables.map(table => table.target)
        .sort();

/** Begins the cutover of a site of which these tables were live. */
const begun = (siteId: SiteId, kept = tablesOf(siteId)): MigrationEvent => ({
  type: 'step.started',
  siteId,
  step: 'cut_over',
  attempt: 1,
  resources: kept.map(name => ({ kind: 'previous_table', name: `wp_stg_previous.${name}` })),
});
const done = (siteId: SiteId): MigrationEvent[] => [
  { type: 'step.completed', siteId, step: 'cut_over' },
  { type: 'site.completed', siteId, rows: 1, bytes: 1 },
];
const undoing = (siteId: SiteId): MigrationEvent => ({
  type: 'step.started',
  siteId,
  step: 'roll_back',
  attempt: 1,
});
const ended = (status: 'completed' | 'paused' | 'failed' | 'completed_with_failures'): MigrationEvent => ({
  type: 'migration.ended',
  status,
});

function fold(...events: (MigrationEvent | MigrationEvent[])[]): MigrationState {
  const journal = new SampleJournal();
  journal.start(PLAN);
  for (const event of events.flat()) journal.fold(event);
  return journal.state;
}

interface Target {
  readonly owners?: Record<SiteId, [migrationId: string, state: PreviousState]>;
  readonly live?: readonly string[];
  readonly previous?: readonly string[];
  readonly staging?: readonly string[];
  readonly lastHolder?: string | null;
}

function look({ owners = {}, live = [], previous = [], staging = [], lastHolder }: Target): RemovalFacts {
  return {
    fencing: 7,
    lastHolder: lastHolder === undefined ? MIGRATION_ID : lastHolder,
    owners: new Map(
      Object.entries(owners).map(([key, [migrationId, state]]) => [
        Number(key),
        { siteId: Number(key), migrationId, state, fencing: 1, tables: null, sealed: null },
      ]),
    ),
    live: new Set(live),
    previous: new Set(previous),
    staging: new Set(staging),
    builtBy: new Map(),
    discarded: [],
  };
}

const OURS: [string, PreviousState] = [MIGRATION_ID, 'kept'];

describe('a rollback of site 3', () => {
  const judge = (state: MigrationState, target: Target, siteId = 3): unknown => {
    const units = judgeRollback(PLAN, state, look(target));
    return units.find(unit => unit.siteId === siteId);
  };
  const kept = tablesOf(3);
  const whole: Target = { owners: { 3: OURS }, live: kept, previous: kept };

  it('brings back what was kept', () => {
    expect(judge(fold(begun(3), done(3)), whole)).toEqual({
      siteId: 3,
      address: 'biology3.prod.example.edu',
      status: 'to_roll_back',
      reason: null,
      comesBack: kept,
      goesAway: kept,
    });
  });

  it('brings back tables that only the old site had, and none of site 33 or of a network table', () => {
    const previous = [...kept, 'wp_3_only_here', 'wp_33_posts', 'wp_blogs', 'wp_posts'];
    expect(
      judge(fold(begun(3), done(3)), { ...whole, previous, live: [...kept, 'wp_33_posts'] }),
    ).toMatchObject({
      comesBack: [...kept, 'wp_3_only_here'].sort(),
      goesAway: kept,
    });
  });

  it('removes a site that was new to the target', () => {
    const target = { owners: { 3: OURS }, live: kept };
    expect(judge(fold(begun(3, []), done(3)), target)).toMatchObject({
      status: 'to_roll_back',
      comesBack: [],
      goesAway: kept,
    });
  });

  it.each<[why: string, state: MigrationState, target: Target, status: string, reason: RegExp | null]>([
    ['was never cut over', fold(), whole, 'not_cut_over', null],
    [
      'is rolled back',
      fold(begun(3), done(3), { type: 'site.rolled_back', siteId: 3 }),
      whole,
      'rolled_back',
      null,
    ],
    [
      'was migrated again by a later run',
      fold(begun(3), done(3)),
      { ...whole, owners: { 3: [ANOTHER, 'kept'] } },
      'refused',
      /a later run, .*ddd444/,
    ],
    [
      'has its previous tables removed, says the target',
      fold(begun(3), done(3)),
      { ...whole, owners: { 3: [MIGRATION_ID, 'removed'] } },
      'refused',
      /were removed/,
    ],
    [
      'has its previous tables removed, says the journal',
      fold(begun(3), done(3), { type: 'site.rollback_closed', siteId: 3 }),
      whole,
      'refused',
      /were removed/,
    ],
    ['has nobody as the owner', fold(begun(3), done(3)), { ...whole, owners: {} }, 'refused', /nobody knows/],
    [
      'misses one of its previous tables',
      fold(begun(3), done(3)),
      { ...whole, previous: kept.slice(1) },
      'refused',
      new RegExp(`^${kept[0]} is no longer in wp_stg_previous`),
    ],
    [
      'died in its rollback, after the swap',
      fold(begun(3), done(3), undoing(3)),
      { ...whole, previous: [] },
      'to_roll_back',
      null,
    ],
    [
      'died in its cutover, before the swap',
      fold(begun(3)),
      { ...whole, previous: [] },
      'not_cut_over',
      null,
    ],
    ['died in its cutover, after the swap', fold(begun(3)), whole, 'to_roll_back', null],
    [
      'died in its cutover, before the owner was written down',
      fold(begun(3)),
      { ...whole, owners: { 3: [ANOTHER, 'kept'] } },
      'not_cut_over',
      null,
    ],
    [
      'was new, and died in its cutover, before the swap',
      fold(begun(3, [])),
      { owners: { 3: OURS }, live: [], previous: [] },
      'not_cut_over',
      null,
    ],
    [
      'was new, and died in its cutover, after the swap',
      fold(begun(3, [])),
      { owners: { 3: OURS }, live: kept, previous: [] },
      'to_roll_back',
      null,
    ],
  ])('that %s', (_, state, target, status, reason) => {
    expect(judge(state, target)).toMatchObject({
      status,
      reason: reason === null ? null : expect.stringMatching(reason),
    });
  });
});

it('the units of a rollback: the network tables first, then the sites as planned; the main site has only its own', () => {
  const previous = [...tablesOf(NETWORK), ...tablesOf(1), 'wp_plugin', 'wp_43_posts'];
  const state = fold(begun(NETWORK), done(NETWORK), begun(1), done(1));
  const units = judgeRollback(PLAN, state, look({ owners: { 0: OURS, 1: OURS }, previous }));
  expect(units.map(unit => unit.siteId)).toEqual([NETWORK, ...PLAN.sites.map(site => site.siteId)]);
  expect(units[0]!.comesBack).toEqual(tablesOf(NETWORK));
  expect(units[1]!.comesBack).toEqual(tablesOf(1));
});

describe('a cleanup lists', () => {
  const list = (state: MigrationState, target: Target, closes = false) =>
    listRemovable(PLAN, state, look(target), { isOver: closes || isOver(state) });
  const whole: Target = {
    owners: { 2: OURS, 3: OURS },
    previous: [...tablesOf(2), ...tablesOf(3), 'wp_33_posts', 'somebody_elses'],
  };
  const cutOver = [begun(2), ...done(2), begun(3), ...done(3)];

  it.each(['completed', 'completed_with_failures'] as const)(
    'the previous tables of a run that is %s',
    status => {
      const state = fold(...cutOver, ended(status));
      expect(isOver(state)).toBe(true);
      expect(list(state, whole)).toMatchObject({
        units: [
          { siteId: 2, previous: tablesOf(2), staging: [], endsRollback: true },
          { siteId: 3, previous: tablesOf(3), staging: [], endsRollback: true },
        ],
        notices: [],
      });
    },
  );

  it.each(['paused', 'failed'] as const)('none of a run that is %s: they are still needed', status => {
    const { units, notices } = list(fold(...cutOver, ended(status)), whole);
    expect(units).toEqual([]);
    expect(notices.join()).toContain('not finished');
  });

  it('none of a site that a later run has migrated, or that was rolled back', () => {
    const state = fold(...cutOver, ended('completed'));
    const owners: Target['owners'] = { 2: [ANOTHER, 'kept'], 3: [MIGRATION_ID, 'rolled_back'] };
    expect(list(state, { ...whole, owners }).units).toEqual([]);
  });

  it('what an earlier cleanup has begun: it goes on', () => {
    const state = fold(...cutOver, ended('completed'), { type: 'site.rollback_closed', siteId: 2 });
    const owners: Target['owners'] = { 2: [MIGRATION_ID, 'removed'], 3: OURS };
    expect(list(state, { ...whole, owners }).units).toMatchObject([
      { siteId: 2, previous: tablesOf(2), endsRollback: false },
      { siteId: 3, endsRollback: true },
    ]);
  });

  it('a site that was new to the target, so that its rollback ends as well', () => {
    const state = fold(begun(4, []), done(4), ended('completed'));
    expect(list(state, { owners: { 4: OURS }, live: tablesOf(4) }).units).toMatchObject([
      { siteId: 4, previous: [], staging: [], endsRollback: true },
    ]);
  });

  describe('copies left in staging', () => {
    const copying: MigrationEvent = {
      type: 'step.started',
      siteId: 3,
      step: 'copy_tables',
      attempt: 1,
      resources: tablesOf(3).map(name => ({ kind: 'staging_table', name: `wp_stg_incoming.${name}` })),
    };
    const staging = [...tablesOf(3).slice(1), 'wp_2_posts'];

    it('of this run, as far as they are there; also of one that is not finished', () => {
      expect(list(fold(copying, ended('paused')), { staging }).units).toMatchObject([
        { siteId: 3, previous: [], staging: tablesOf(3).slice(1), endsRollback: false },
      ]);
    });

    it('none once another run has worked on the target, which may have copies of the same names', () => {
      const { units, notices } = list(fold(copying, ended('paused')), { staging, lastHolder: ANOTHER });
      expect(units).toEqual([]);
      expect(notices.join(' ')).toContain(`may belong to ${ANOTHER}`);
    });
  });

  it('tables that were given up before, by their full names', () => {
    const facts = look({});
    const discarded = [{ database: 'wp_stg_previous', name: 'wfuwp_fence_1_2_0123abcd_0' }];
    const state = fold(ended('completed'));
    expect(listRemovable(PLAN, state, { ...facts, discarded }, { isOver: true }).discarded).toEqual([
      'wp_stg_previous.wfuwp_fence_1_2_0123abcd_0',
    ]);
  });
});
