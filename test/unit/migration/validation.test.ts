import { describe, expect, it } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { hasTroubles } from '../../../src/migration/troubles.ts';
import { countValidation, selectResults, type ValidationResult } from '../../../src/migration/validation.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const error = { code: 'hook', message: 'no', scope: 'site', hint: '' } as const;
const end = { durationMs: 5, output: [] };

const aResult = (over: Partial<ValidationResult>): ValidationResult => ({
  component: 'site 2',
  test: 'http_status',
  stage: 'after',
  passed: true,
  error: null,
  testedAt: '2026-11-21T03:00:00.000Z',
  ...over,
});
const failed = aResult({ passed: false, error: 'answered 500' });

function fold(...events: MigrationEvent[]) {
  const journal = new SampleJournal();
  journal.start(samplePlan(4));
  for (const event of events) journal.fold(event);
  return journal.state;
}
const validate = (...results: ValidationResult[]): MigrationEvent => ({
  type: 'site.validated',
  siteId: 2,
  results,
});

describe('what was tried', () => {
  it('a later result of a test takes the place of the earlier one, of the same stage only', () => {
    const before = { ...failed, stage: 'before' } as const;
    const state = fold(validate(before), validate(failed), validate(aResult({ latencyMs: 7 })));
    expect(state.sites[2]!.validationResults).toEqual([before, aResult({ latencyMs: 7 })]);
    expect(hasTroubles(state)).toBe(false);
  });

  it('counts for a site only until it is tried again; how it was before stays', () => {
    const before = { ...failed, stage: 'before' } as const;
    const again: MigrationEvent = { type: 'site.started', siteId: 2, attempt: 2 };
    expect(fold(validate(before), validate(failed), again).sites[2]!.validationResults).toEqual([before]);
  });

  it('is counted by site, and of single sites only what failed is selected', () => {
    const latency = aResult({ component: 'target', test: 'http_latency', latencyMs: 90 });
    const state = fold(
      validate(aResult({}), aResult({ test: 'http_login' })),
      { type: 'site.validated', siteId: 3, results: [{ ...failed, component: 'site 3' }] },
      {
        type: 'site.validated',
        siteId: 4,
        results: [{ ...failed, component: 'site 4', brokenBefore: true }],
      },
      { type: 'migration.validated', results: [latency] },
    );
    expect(countValidation(state)).toEqual({ sites: 3, failed: 1, brokenBefore: 1, latencyP95Ms: 90 });
    expect(selectResults(state).map(({ component }) => component)).toEqual(['target', 'site 3', 'site 4']);
    expect(hasTroubles(state)).toBe(true);
  });

  it('without a page nothing is counted', () => {
    expect(countValidation(fold(validate(aResult({ test: 'cache_flush' }))))).toBeNull();
  });
});

it.each<[string, MigrationEvent[], boolean]>([
  ['after_site', [{ type: 'hook.ended', hook: 'after_site', siteId: 2, ...end, error }], true],
  ['after_run', [{ type: 'hook.ended', hook: 'after_run', ...end, error }], true],
  // That is why its site failed, and is told as such.
  ['before_site', [{ type: 'hook.ended', hook: 'before_site', siteId: 2, ...end, error }], false],
  [
    'after_site, and has worked the next time',
    [
      { type: 'hook.ended', hook: 'after_site', siteId: 2, ...end, error },
      { type: 'hook.ended', hook: 'after_site', siteId: 2, ...end },
    ],
    false,
  ],
])('a hook that failed: %s', (_, events, troubles) => {
  expect(hasTroubles(fold(...events))).toBe(troubles);
});
