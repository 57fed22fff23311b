// How a run is carried out, as opposed to what it does (plan.ts). Plain JSON: saved in migration-config.json and used
// again by a resume.

import type { Concurrency } from './concurrency.ts';
import type { VerifyMode } from './plan.ts';

export interface RunPolicy {
  /** Sites in flight at once. */
  readonly concurrency: Concurrency;
  /** For one site, all its steps and retries together. */
  readonly timeoutMs: number;
  /** An attempt at a step that hasn't moved for this long is broken off. */
  readonly stallMs: number;
  /** How long to wait for a server that is gone before the run is given up. */
  readonly reconnectMs: number;
  /** Attempts at a step, but for lost connections. */
  readonly maxRetries: number;
  readonly maxFailures: FailureLimit;
  readonly verify: VerifyMode;
  /** Drop a site's previous tables as soon as it is checked; then it can't be rolled back. */
  readonly skipBackup: boolean;
  /** Tables larger than a few times this are copied in parts of about this size. Absent: DEFAULT_CHUNK_BYTES. */
  readonly chunkBytes?: number;
  /** Swap back what this run has cut over when too many sites fail or the target isn't sound in the end. Absent in runs
   *  of older versions. */
  readonly autoRollback?: boolean;
  /** Probe the target's sites over HTTP before and after. Absent in runs of older versions. */
  readonly healthCheck?: boolean;
  /** Skip a site when neither side has changed since it was last migrated. Absent in runs of older versions. */
  readonly onlyChanged?: boolean;
}

/** Smaller costs each big table more statements, waits for the disk and lines of the journal; larger leaves more to be
 *  copied again after a crash, and others less to help with. About a second's work. */
export const DEFAULT_CHUNK_BYTES = 32 * 1024 * 1024;

/** Stop starting sites when more than this have failed: a number, or a share of those finished. */
export type FailureLimit =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'share'; readonly percent: number };

/** A share means little before this many sites have finished: one bad site of two isn't a broken night. */
const SHARE_COUNTS_FROM = 10;

export function isOverFailureLimit(limit: FailureLimit, failed: number, finished: number): boolean {
  if (limit.kind === 'count') return failed > limit.count;
  return finished >= SHARE_COUNTS_FROM && failed * 100 > limit.percent * finished;
}
