// Whether what the probes have found is still within what the configuration allows. Pure.

import { formatIds } from '../lib/format.ts';
import type { FailureLimit } from '../migration/policy.ts';
import { isTrouble, type ValidationResult } from '../migration/validation.ts';
import type { SiteId } from '../migration/words.ts';

export interface ProbeLimits {
  /** Sites that may fail: a number, or a share of those probed. */
  readonly maxErrors: FailureLimit;
  /** For 95 of 100 home pages; null: as slow as they like. */
  readonly maxLatencyMs: number | null;
}

export interface ProbedSite {
  readonly siteId: SiteId;
  readonly results: readonly ValidationResult[];
}

export type ProbeVerdict = Pick<ValidationResult, 'test' | 'passed' | 'error' | 'latencyMs'>;

export function judgeProbes(sites: readonly ProbedSite[], limits: ProbeLimits): ProbeVerdict[] {
  return [judgeErrors(sites, limits), ...judgeLatency(sites, limits)];
}

function judgeErrors(sites: readonly ProbedSite[], { maxErrors }: ProbeLimits): ProbeVerdict {
  const failed = sites.filter(({ results }) => results.some(isTrouble));
  const passed =
    maxErrors.kind === 'count'
      ? failed.length <= maxErrors.count
      : failed.length * 100 <= maxErrors.percent * sites.length;
  if (passed) return { test: 'http_error_share', passed, error: null };
  const allowed = maxErrors.kind === 'count' ? `${maxErrors.count}` : `${maxErrors.percent} %`;
  const first = failed[0]?.results.find(isTrouble);
  const example = first ? ` For one, ${first.component}: ${first.error ?? first.test}.` : '';
  return {
    test: 'http_error_share',
    passed,
    error: `${failed.length} of ${sites.length} sites fail their probes, where ${allowed} may (probes.maxErrors): ${formatIds(failed.map(site => site.siteId))}.${example}`,
  };
}

function judgeLatency(sites: readonly ProbedSite[], { maxLatencyMs }: ProbeLimits): ProbeVerdict[] {
  const latencyMs = percentile95(
    sites.flatMap(({ results }) => results.flatMap(result => result.latencyMs ?? [])),
  );
  if (latencyMs === null) return [];
  const passed = maxLatencyMs === null || latencyMs <= maxLatencyMs;
  const error = passed
    ? null
    : `95 of 100 home pages take up to ${latencyMs} ms, where ${maxLatencyMs} ms are allowed (probes.maxLatencyMs).`;
  return [{ test: 'http_latency', passed, error, latencyMs }];
}

/** The least value that 95 of 100 don't exceed; null: there are none. */
export function percentile95(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
