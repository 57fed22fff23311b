// What was tried of the target besides its tables: its pages, its caches. One shape for all of it.

import type { TaskId } from './words.ts';

/** Of a site's pages: `http_status` answers with a page; `http_source_redirect` doesn't send to the source;
 *  `http_source_host` names no source host; `http_login` its login page does as much. Of all pages together:
 *  `http_error_share`, `http_latency`. Of the target: `cache_flush`, `cache_check`; `foreign_keys`, only when it fails:
 *  none leads from what stayed to what is kept of before. */
export type ValidationTest =
  | 'http_status'
  | 'http_source_redirect'
  | 'http_source_host'
  | 'http_login'
  | 'http_error_share'
  | 'http_latency'
  | 'cache_flush'
  | 'cache_check'
  | 'foreign_keys';

/** `before` the run has changed anything, or `after`. */
export type ValidationStage = 'before' | 'after';

export interface ValidationResult {
  /** `site 4`, `target`, `object cache`. */
  readonly component: string;
  readonly test: ValidationTest;
  readonly stage: ValidationStage;
  readonly passed: boolean;
  readonly error: string | null;
  readonly testedAt: string;
  /** Of the home page, until its last byte. */
  readonly latencyMs?: number;
  /** It failed before the run as well: the run is not to blame. */
  readonly brokenBefore?: true;
}

/** A later result of the same test takes the place of the earlier one. */
export function mergeResults(
  known: readonly ValidationResult[] | undefined,
  results: readonly ValidationResult[],
): ValidationResult[] {
  const key = ({ component, test, stage }: ValidationResult): string => `${stage} ${test} ${component}`;
  const replaced = new Set(results.map(key));
  return [...(known ?? []).filter(result => !replaced.has(key(result))), ...results];
}

/** Something that works no more, or not yet, because of this run. */
export function isTrouble({ stage, passed, brokenBefore }: ValidationResult): boolean {
  return stage === 'after' && !passed && brokenBefore === undefined;
}

interface Validated {
  readonly validationResults?: readonly ValidationResult[];
  readonly tasks: Readonly<Record<TaskId, { readonly validationResults?: readonly ValidationResult[] }>>;
}

/** Of the target as a whole first, then site by site. */
export function listResults({ validationResults = [], tasks }: Validated): ValidationResult[] {
  return [...validationResults, ...Object.values(tasks).flatMap(site => site.validationResults ?? [])];
}

/** What the probes have come to in the end. */
export interface ValidationCounts {
  /** Whose pages were asked for after the run. */
  readonly sites: number;
  /** Of these, something works no more because of the run. */
  readonly failed: number;
  /** Of these, something doesn't work, and all of it didn't before the run. */
  readonly brokenBefore: number;
  /** What 95 of 100 home pages take at most. */
  readonly latencyP95Ms: number | null;
}

/** null: no page was asked for. */
export function countValidation({ validationResults = [], tasks }: Validated): ValidationCounts | null {
  const probed = Object.values(tasks)
    .map(site => (site.validationResults ?? []).filter(isOfPage))
    .filter(results => results.length > 0);
  if (probed.length === 0) return null;
  const failed = probed.filter(results => results.some(isTrouble));
  const broken = probed.filter(results => results.some(result => !result.passed) && !results.some(isTrouble));
  const latency = validationResults.find(({ test }) => test === 'http_latency');
  return {
    sites: probed.length,
    failed: failed.length,
    brokenBefore: broken.length,
    latencyP95Ms: latency?.latencyMs ?? null,
  };
}

const isOfPage = ({ stage, test }: ValidationResult): boolean =>
  stage === 'after' && test.startsWith('http_');

/** What a summary tells of one by one: of the target as a whole all, of the sites what failed. */
export function selectResults(state: Validated): ValidationResult[] {
  const ofSites = listResults({ tasks: state.tasks }).filter(({ passed }) => !passed);
  return [...(state.validationResults ?? []), ...ofSites];
}
