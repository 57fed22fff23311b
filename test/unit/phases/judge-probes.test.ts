import { expect, it } from 'vitest';
import type { ValidationResult } from '../../../src/migration/validation.ts';
import { judgeProbes, type ProbedSite, percentile95 } from '../../../src/phases/judge-probes.ts';

const aResult = (over: Partial<ValidationResult>): ValidationResult => ({
  component: 'site 1',
  test: 'http_status',
  stage: 'after',
  passed: true,
  error: null,
  testedAt: '2026-11-21T03:00:00.000Z',
  ...over,
});
const failing = { passed: false, error: 'answered 500' };

/** So many sites, of which the first few fail, and the next were broken before. */
function sites(count: number, failed: number, brokenBefore = 0): ProbedSite[] {
  return Array.from({ length: count }, (_, index) => ({
    siteId: index + 1,
    results: [
      aResult({
        component: `site ${index + 1}`,
        latencyMs: (index + 1) * 10,
        ...(index < failed + brokenBefore ? failing : {}),
        ...(index >= failed && index < failed + brokenBefore ? { brokenBefore: true } : {}),
      }),
    ],
  }));
}

const share = (percent: number) => ({ maxErrors: { kind: 'share' as const, percent }, maxLatencyMs: null });
const most = (count: number) => ({ maxErrors: { kind: 'count' as const, count }, maxLatencyMs: null });

it.each([
  ['one of twenty is 5 %', sites(20, 1), share(5), true],
  ['two of twenty are more', sites(20, 2), share(5), false],
  ['none may fail', sites(20, 1), share(0), false],
  ['none fails', sites(20, 0), share(0), true],
  ['as many as are allowed', sites(20, 3), most(3), true],
  ['one more', sites(20, 4), most(3), false],
  ['what was broken before is not counted', sites(20, 1, 10), share(5), true],
])('the share of errors: %s', (_, probed, limits, passed) => {
  const [verdict] = judgeProbes(probed, limits);
  expect(verdict).toMatchObject({ test: 'http_error_share', passed });
  expect(verdict!.error === null).toBe(passed);
});

it('says which sites fail, and of one why', () => {
  expect(judgeProbes(sites(20, 3), most(1))[0]!.error).toBe(
    '3 of 20 sites fail their probes, where 1 may (probes.maxErrors): 1-3. For one, site 1: answered 500.',
  );
});

it('a site that fails two tests is one site, and one that fails anything new counts', () => {
  const results = [
    aResult({ ...failing, brokenBefore: true }),
    aResult({ ...failing, test: 'http_login' }),
    aResult({ ...failing, test: 'http_source_host' }),
  ];
  expect(judgeProbes([{ siteId: 1, results }], most(0))[0]!.error).toContain('1 of 1 sites fail');
});

it('the latency is that of 95 of 100 pages', () => {
  // 10, 20, … 200 ms: 19 of 20 take up to 190.
  const slow = (maxLatencyMs: number) => judgeProbes(sites(20, 0), { ...share(5), maxLatencyMs })[1];
  expect(slow(190)).toEqual({ test: 'http_latency', passed: true, error: null, latencyMs: 190 });
  expect(slow(189)).toMatchObject({ passed: false, latencyMs: 190 });
  expect(percentile95([7])).toBe(7);
  expect(percentile95([])).toBeNull();
});
