// The product's vocabulary of states, in one place: journal, state, summary, display and `--json` all use these
// words and no others.

export const PHASES = ['preflight', 'network_tables', 'sites', 'post_migration', 'cleanup'] as const;
export type PhaseName = (typeof PHASES)[number];

export type PhaseStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped';
export type StepStatus = PhaseStatus;
export type TaskStatus =
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
  | 'rolled_back'
  /** An operator has given up what it had left to do. */
  | 'closed';

/** How a run ends by itself, or with its process. */
export type EndStatus = Exclude<MigrationStatus, 'running' | 'closed'>;

/** Of runs that want nothing more of anybody. */
export const DONE_STATUSES: ReadonlySet<string> = new Set<MigrationStatus>([
  'completed',
  'rolled_back',
  'closed',
]);

/** What happens to one site, in this order. `find_changes` is of --only-changed, `before_site` of the hook of that name,
 *  `merge_rows` for the network tables only; `roll_back` is no part of a migration, but takes its cutover back. */
export const STEPS = [
  'find_changes',
  'before_site',
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

/** Moments at which a command of the configuration is run: before each attempt at a site; when it is completed, failed
 *  or timed out; when the run ends. */
export type HookName = 'before_site' | 'after_site' | 'after_run';

/** Why a value that holds something of the source was not, or not wholly, rewritten.
 *  `broken_serialized`: wrong lengths or counts, or cut off, at the source. `key_collision`: the array, or the object
 *  of JSON, has the new key already. `email`: an address, which the policy leaves. `too_deep`: nested beyond what PHP itself would read.
 *  `too_long`: the new text doesn't fit the column. `hash`: looks like the hash of a value beside it that was rewritten,
 *  and is none that is known. `json_type`: JSON of MySQL with a DECIMAL, DATETIME or BLOB in it, or a number of more
 *  digits than a double has; it arrives as a string or a double, whether or not it holds a host. Of whole columns that are never rewritten: `charset`: text in a
 *  character set such as utf16; `binary`: bytes without a character set; `enum`: of the table's definition;
 *  `skipped_column`: named in `rewrite.skipColumns`. */
export type LeftReason =
  | 'broken_serialized'
  | 'key_collision'
  | 'email'
  | 'too_deep'
  | 'too_long'
  | 'hash'
  | 'json_type'
  | 'charset'
  | 'binary'
  | 'enum'
  | 'skipped_column';

/** Why --only-changed skips a site; other skipped sites are left out by the plan. */
export const UNCHANGED = 'unchanged';

/** How the source is no longer what the plan says. `site_created`: not part of the run. `site_deleted`: before its turn, or
 *  after it was copied. `site_changed`: its row in the blogs table. `tables_changed`: of a site, when its turn came. */
export type DriftKind = 'site_created' | 'site_deleted' | 'site_changed' | 'tables_changed';

/** A piece of work of its own: `network`, `site:43`. Its recipe makes it, and knows what stands behind it. */
export type TaskId = string & { readonly __brand: 'TaskId' };

/** WordPress's blog id. */
export type SiteId = number;

/** `env-migrate-2026-11-21T02-30-00-abc123`: also the name of the run's directory. */
export type MigrationId = string & { readonly __brand: 'MigrationId' };

/** What people call it where no plan is at hand: `site 43`, `network`. */
export function nameTask(taskId: TaskId): string {
  return taskId.replace(':', ' ');
}

/** What people type of a run's id: its end, `abc123`. */
export function shortenId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

/** Advice that was written before anybody knew which run it is about. */
export function nameRunIn(hint: string, id: MigrationId): string {
  return hint.replaceAll('--resume ID', `--resume ${shortenId(id)}`);
}
