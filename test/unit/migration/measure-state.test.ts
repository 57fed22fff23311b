import { expect, it } from 'vitest';
import { measureState } from '../../../src/migration/measure-state.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const PLAN = samplePlan(10, { network: null });
const SIZE = PLAN.sites.reduce((sum, site) => sum + site.sizeBytes, 0);
const OVERHEAD = 4_000_000;

/** Each of these sites takes ten seconds, one after the other, from 02:30:00. */
function run(completed: number): SampleJournal {
  const journal = new SampleJournal();
  journal.start(PLAN);
  journal.fold({ type: 'phase.started', phase: 'sites' });
  for (const { siteId, sizeBytes } of PLAN.sites.slice(0, completed)) {
    journal.fold({ type: 'site.started', siteId, attempt: 1 });
    journal.wait(10_000).fold({ type: 'site.completed', siteId, rows: 1, bytes: sizeBytes });
  }
  return journal;
}
const at = (seconds: number): Date => new Date(Date.parse('2026-11-21T02:30:00.000Z') + seconds * 1_000);

it('a run of which half the sites are done: per cent, time left and pace by what was done lately', () => {
  const half = PLAN.sites.slice(0, 5).reduce((sum, site) => sum + site.sizeBytes + OVERHEAD, 0);
  const total = SIZE + 10 * OVERHEAD;
  const measured = measureState(PLAN, run(5).state, at(50));
  expect(measured.percent).toBe(Math.floor((half / total) * 100));
  expect(measured.etaMs).toBe(Math.round((total - half) / (half / 50_000)));
  expect(measured.sitesPerMinute).toBeCloseTo(6);
});

it('what lies longer back than five minutes says nothing', () => {
  const measured = measureState(PLAN, run(5).state, at(50 + 600));
  expect(measured).toMatchObject({ etaMs: null, sitesPerMinute: null, bytesPerSecond: null });
  expect(measured.percent).toBeGreaterThan(0);
});

it('a clock that is behind the journal measures to the last event', () => {
  const { state } = run(5);
  expect(measureState(PLAN, state, at(-3_600))).toEqual(measureState(PLAN, state, at(50)));
});

it('tables of a site in flight count, a failed site is done with', () => {
  const journal = run(5);
  const before = measureState(PLAN, journal.state, at(50)).percent;
  const { siteId, sizeBytes } = PLAN.sites[5]!;
  journal.fold({ type: 'site.started', siteId, attempt: 1 });
  journal.fold({ type: 'step.started', siteId, step: 'copy_tables', attempt: 1 });
  const copied = {
    ...{ table: 'wp_6_posts', rows: 1, bytes: sizeBytes * 2, checksum: 'c', sourceChecksum: 's' },
    ...{ changedByColumn: {}, left: [] },
  };
  journal.fold({ type: 'table.copied', siteId, copied });
  const during = measureState(PLAN, journal.state, at(50)).percent;
  expect(during).toBeGreaterThan(before);
  const error = { code: 'access', message: 'm', scope: 'site', hint: 'h' } as const;
  journal.fold({ type: 'site.failed', siteId, error });
  expect(measureState(PLAN, journal.state, at(50)).percent).toBeGreaterThanOrEqual(during);
});

it('100 only when nothing is left', () => {
  expect(measureState(PLAN, run(9).state, at(90)).percent).toBeLessThan(100);
  expect(measureState(PLAN, run(10).state, at(100))).toMatchObject({ percent: 100, etaMs: 0 });
});
