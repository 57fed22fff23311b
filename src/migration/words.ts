// The product's vocabulary of states, in one place: journal, state, summary, display and `--json` all use these
// words and no others.

export const PHASES = ['preflight', 'network_tables', 'sites', 'post_migration', 'cleanup'] as const;
export type PhaseName = (typeof PHASES)[number];

export type PhaseStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped';
export type StepStatus = PhaseStatus;
export type SiteStatus =
  | 'pending'
  | 'in_progress'
  | 'completed'
  | 'failed'
  | 'timeout'
  | 'skipped'
  | 'rolled_back';
export type MigrationStatus =
  | 'running'
  | 'paused'
  | 'completed'
  | 'completed_with_failures'
  | 'failed'
  | 'rolled_back';

/** What happens to one site, in this order. `merge_rows` is for the network tables only; `roll_back` is no part of a
 *  migration, but takes its cutover back. */
export const STEPS = [
  'inspect',
  'copy_tables',
  'verify_tables',
  'merge_rows',
  'sync_media',
  'cut_over',
  'check_site',
  'roll_back',
] as const;
export type StepName = (typeof STEPS)[number];

/** WordPress's blog id. */
export type SiteId = number;

/** The network tables travel like a site. WordPress numbers its blogs from 1, so 0 is free for them. */
export const NETWORK: SiteId = 0;

/** `env-migrate-2026-11-21T02-30-00-abc123`: also the name of the run's directory. */
export type MigrationId = string & { readonly __brand: 'MigrationId' };

/** What people call a unit of work: `site 4`, or `network tables`. */
export function nameSite(siteId: SiteId): string {
  return siteId === NETWORK ? 'network tables' : `site ${siteId}`;
}
