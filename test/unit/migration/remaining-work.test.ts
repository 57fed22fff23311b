import { describe, expect, it } from 'vitest';
import { isIdleResume, type ResumeChoice, refuseIdleResume, remainingSites } from '../../../src/migration/remaining-work.ts';
import type { EndStatus } from '../../../src/migration/words.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const ALL: ResumeChoice = { skipFailed: false, skipTimeouts: false, retryFailed: false };
const plan = samplePlan(2, { network: null });

/** Both sites are through. */
function afterLastSite(status: EndStatus | 'running'): SampleJournal['state'] {
  const journal = new SampleJournal();
  journal.start(plan);
  for (const siteId of [1, 2]) {
    journal.fold({ type: 'site.started', siteId, attempt: 1 });
    journal.fold({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
  }
  if (status !== 'running') journal.fold({ type: 'migration.ended', status });
  return journal.state;
}

describe('a run of which every site is through', () => {
  it.each([
    ['running', false],
    ['paused', false],
    ['failed', false],
    ['completed', true],
    ['completed_with_failures', true],
    ['rolled_back', true],
  ] as const)('%s: nothing left to do? %s', (status, isIdle) => {
    const state = afterLastSite(status);
    const siteIds = remainingSites(plan, state, ALL);
    expect(siteIds).toEqual([]);
    expect(isIdleResume(state, siteIds, ALL)).toBe(isIdle);
    const resume = (): void => refuseIdleResume(plan, state, siteIds, ALL);
    if (isIdle) expect(resume).toThrow('has nothing left to do');
    else expect(resume).not.toThrow();
  });

  it.each(['running', 'paused', 'failed', 'completed'] as const)(
    '%s: --retry-failed is refused, as nothing failed',
    status => {
      const state = afterLastSite(status);
      expect(() => refuseIdleResume(plan, state, [], { ...ALL, retryFailed: true })).toThrow(
        'has no site that failed or timed out',
      );
    },
  );
});

it('a run that was closed is refused, whatever it has left', () => {
  const journal = new SampleJournal();
  journal.start(plan);
  journal.fold({ type: 'migration.closed', by: 'ann@admin-1' });
  expect(() => refuseIdleResume(plan, journal.state, [1, 2], ALL)).toThrow(
    'was closed: it is not to be resumed',
  );
});

it('a run with a site left is never refused', () => {
  const state = afterLastSite('completed_with_failures');
  expect(() => refuseIdleResume(plan, state, [2], ALL)).not.toThrow();
});
