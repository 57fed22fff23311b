import { canRollBack } from '../../../src/migration/fold-task.ts';
import { describe, expect, it } from 'vitest';
import { finishedSteps, remainingSites } from '../../../src/migration/remaining-work.ts';
import { isRollbackAvailable, siteOf } from '../../../src/migration/state.ts';
import type { SiteId } from '../../../src/migration/words.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const PLAN = samplePlan(2, { network: null });
const ALL = { skipFailed: false, skipTimeouts: false, retryFailed: false };
const previous = (siteId: SiteId) => [
  { kind: 'previous_table' as const, name: `wp_stg_previous.wp_${siteId}_posts` },
];

class Run extends SampleJournal {
  constructor() {
    super();
    this.start(PLAN);
  }

  cutOver(siteId: SiteId): this {
    this.fold({ type: 'site.started', siteId, attempt: 1 });
    this.fold({ type: 'step.started', siteId, step: 'cut_over', attempt: 1, resources: previous(siteId) });
    this.fold({ type: 'step.completed', siteId, step: 'cut_over' });
    return this;
  }

  complete(siteId: SiteId): this {
    this.cutOver(siteId);
    this.fold({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
    return this;
  }

  beginRollback(siteId: SiteId): this {
    const resources = [
      { kind: 'leftover_table' as const, name: 'wp_stg_incoming.wfuwp_fence_0_1_0123abcd_0' },
    ];
    this.fold({ type: 'step.started', siteId, step: 'roll_back', attempt: 1, resources });
    return this;
  }

  rollBack(siteId: SiteId): this {
    this.beginRollback(siteId);
    this.fold({ type: 'step.completed', siteId, step: 'roll_back' });
    this.fold({ type: 'site.rolled_back', siteId });
    return this;
  }

  can(siteId: SiteId): boolean {
    return canRollBack(siteOf(this.state, siteId));
  }
}

describe('a site can be rolled back', () => {
  it('from its cutover on, however it ends', () => {
    const run = new Run();
    expect(run.can(1)).toBe(false);
    run.fold({ type: 'step.started', siteId: 1, step: 'cut_over', attempt: 1, resources: previous(1) });
    expect(run.can(1)).toBe(false);
    run.cutOver(1);
    expect([run.can(1), isRollbackAvailable(run.state)]).toEqual([true, true]);
  });

  it('until it is rolled back, and while that is going on', () => {
    const run = new Run().complete(1).beginRollback(1);
    expect(run.can(1)).toBe(true);
    expect(run.rollBack(1).can(1)).toBe(false);
  });

  it('until its previous tables are given up or removed', () => {
    const closed = new Run().complete(1);
    closed.fold({ type: 'site.rollback_closed', siteId: 1 });
    const removed = new Run().complete(1);
    removed.fold({ type: 'resource.removed', siteId: 1, resources: previous(1) });
    expect([closed.can(1), removed.can(1)]).toEqual([false, false]);
    // A new cutover keeps anew.
    expect(closed.cutOver(1).can(1)).toBe(true);
  });
});

describe('a rolled back site', () => {
  it('has no cutover, no previous tables and no finished step any more', () => {
    const run = new Run().complete(1).complete(2).rollBack(1);
    expect(siteOf(run.state, 1)).toMatchObject({ status: 'rolled_back', resources: [] });
    expect(siteOf(run.state, 1).steps.cut_over).toBeUndefined();
    expect(finishedSteps(run.state, 1)).toEqual({});
    expect(run.can(2)).toBe(true);
  });

  it('is not picked up by a resume, nor is one whose rollback was begun', () => {
    const run = new Run().cutOver(1).beginRollback(1).complete(2).rollBack(2);
    expect(remainingSites(PLAN, run.state, ALL)).toEqual([]);
  });

  it('makes the run rolled back when it was the last of those completed', () => {
    const run = new Run().complete(1).complete(2);
    run.fold({ type: 'migration.ended', status: 'completed' });
    expect(run.rollBack(1).state.status).toBe('completed');
    expect(run.rollBack(2).state.status).toBe('rolled_back');
  });
});
