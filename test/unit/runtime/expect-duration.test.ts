import { expect, it } from 'vitest';
import { NO_LIMITS } from '../../../src/migration/concurrency.ts';
import type { RunPolicy } from '../../../src/migration/policy.ts';
import { expectRest, scale } from '../../../src/runtime/expect-duration.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from '../../support/sample-plan.ts';

it.each([
  [1_000, 1_000, 5_000, 5_000],
  [2_000, 1_000, 5_000, 10_000],
  [1_000, 4_000, 8_000, 2_000],
  [4_001, 1_000, 5_000, null],
  [1_000, 4_001, 5_000, null],
  [1_000, 0, 5_000, null],
  [0, 0, 5_000, null],
])('rough %i ms, where rough %i ms took %i ms: %o', (rough, other, took, expected) => {
  expect(scale(rough, other, took)).toBe(expected);
});

const PLAN = samplePlan(4, { network: null });
const TERMS = { policy: { concurrency: 1 } as RunPolicy, limits: NO_LIMITS };

it.each([
  [60_000, MIGRATION_ID],
  [9_000, null],
])('what is left of a run that has worked %i ms is judged by %o', (workedMs, judgedBy) => {
  const journal = new SampleJournal();
  journal.start(PLAN);
  journal.fold({ type: 'site.started', siteId: 1, attempt: 1 });
  journal.wait(workedMs).fold({ type: 'site.completed', siteId: 1, rows: 1, bytes: 1 });
  const rest = expectRest(PLAN, journal.state, [2, 3, 4], TERMS);
  expect(rest.judgedBy).toBe(judgedBy);
  // Together they are a little more than the first alone.
  if (judgedBy) expect(rest.ms).toBeGreaterThan(workedMs * 0.9);
  else expect(rest.ms).toBeLessThan(workedMs);
});

it('nothing done says nothing of the rest', () => {
  const journal = new SampleJournal();
  journal.start(PLAN);
  expect(expectRest(PLAN, journal.state, [1, 2, 3, 4], TERMS).judgedBy).toBeNull();
});
