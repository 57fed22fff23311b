// What happened, in a sentence that somebody woken at three in the morning understands. The log file, the lines of a
// run without a terminal and the `log` command all say it with these words.

import { formatBytes, formatDuration } from '../lib/format.ts';
import { showForeign } from '../lib/show-foreign.ts';
import { pluralize } from '../lib/text.ts';
import type { Pace } from '../migration/concurrency.ts';
import type { CopiedTable, MigrationEvent, Resource } from '../migration/events.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { isTrouble, type ValidationResult } from '../migration/validation.ts';
import { type EndStatus, nameTask, type PhaseName, type StepName, type TaskId } from '../migration/words.ts';

export const PHASE_NAMES: Record<PhaseName, string> = {
  preflight: 'Preflight',
  network_tables: 'Network tables',
  sites: 'Sites',
  post_migration: 'Post-migration',
  cleanup: 'Cleanup',
};

/** What a site is doing in this step. */
export const STEP_NAMES: Record<StepName, string> = {
  find_changes: 'looking for changes',
  before_site: 'running the before_site hook',
  inspect: 'inspecting',
  copy_tables: 'copying tables',
  verify_tables: 'verifying tables',
  merge_rows: 'merging rows',
  sync_media: 'copying media',
  cut_over: 'cutting over',
  check_site: 'checking the site',
  roll_back: 'rolling back',
};

const ENDINGS: Record<EndStatus, string> = {
  completed: 'Migration completed.',
  completed_with_failures: 'Migration ended; some sites are not migrated.',
  paused: 'Migration stopped; it can be resumed.',
  failed: 'Migration stopped before its end; it can be resumed.',
  rolled_back: 'Migration rolled back.',
};

const OUTCOMES = { passed: 'passed', warning: 'WARNING', failed: 'FAILED' } as const;

const RESOURCE_NAMES: Record<Resource['kind'], string> = {
  staging_table: 'staging table',
  previous_table: 'previous table',
  leftover_table: 'leftover table',
  database: 'database',
};

export interface EventDescription {
  readonly text: string;
  /** What to do about it, when something went wrong for good. */
  readonly next: string | null;
}

/** Both parts are one line each, safe to print whatever the message of a server contains. */
export function explainEvent(
  event: MigrationEvent,
  nameOf: (taskId: TaskId) => string = nameTask,
): EventDescription {
  const text = 'taskId' in event ? `${nameOf(event.taskId)}: ${tell(event)}` : tell(event);
  const error = 'error' in event ? event.error : undefined;
  // A step that is tried again needs nobody; one that failed for good is followed by its site, which says what to do.
  const isForPeople =
    event.type !== 'step.retried' &&
    event.type !== 'step.failed' &&
    !(event.type === 'hook.ended' && event.hook === 'before_site');
  return { text: showForeign(text), next: error && isForPeople ? showForeign(error.hint) : null };
}

/** All of it in one line. */
export function describeEvent(event: MigrationEvent, nameOf?: (taskId: TaskId) => string): string {
  const { text, next } = explainEvent(event, nameOf);
  return next === null ? text : `${text} Next: ${next}`;
}

function tell(event: MigrationEvent): string {
  switch (event.type) {
    case 'migration.started':
      return `Migration from ${event.source} to ${event.target} started: ${listScope(event)} (process ${event.pid} on ${event.host}).${tellLimit(event.pace)}`;
    case 'migration.tuned':
      return tellPace(event);
    case 'concurrency.changed':
      return `Concurrency ${event.from} → ${event.to}: ${event.reason}.${event.to === 0 ? ' Nothing new is started until it is better.' : ''}`;
    case 'migration.draining':
      return `Stopping: ${event.reason.replace(/\.$/, '')}. Nothing new is started.`;
    case 'rollback.started':
      return `Rolling back${event.automatic ? ' by itself (--auto-rollback)' : ''}: ${listUnits(event.taskIds)} (process ${event.pid} on ${event.host}).`;
    case 'migration.ended':
      return ENDINGS[event.status] + (event.error ? ` ${quote(event.error)}` : '');
    case 'cleanup.started':
      return `Cleaning up, started by ${event.by} (process ${event.pid} on ${event.host}).`;
    case 'migration.closed':
      return `Closed by ${event.by}: what is not done stays as it is, and nothing resumes the run.`;
    case 'phase.started':
      return `${PHASE_NAMES[event.phase]}: started.`;
    case 'phase.completed':
      return `${PHASE_NAMES[event.phase]}: completed.`;
    case 'phase.failed':
      return `${PHASE_NAMES[event.phase]}: ${event.error.code === 'interrupted' ? 'stopped' : 'FAILED'}. ${quote(event.error)}`;
    case 'phase.skipped':
      return `${PHASE_NAMES[event.phase]}: skipped (${event.reason}).`;
    case 'check.reported':
      return `Check ${event.code}: ${OUTCOMES[event.outcome]}. ${event.message}`;
    case 'task.started':
      return event.attempt > 1 ? `started again (attempt ${event.attempt}).` : 'started.';
    case 'task.completed':
      return `completed, ${pluralize(event.rows, 'row')}, ${formatBytes(event.bytes)}.`;
    case 'task.failed':
      return `FAILED. ${quote(event.error)}`;
    case 'task.timed_out':
      return `TIMED OUT. ${quote(event.error)}`;
    case 'task.aborted':
      return `stopped before its end (${event.reason}); a resume takes it up again.`;
    case 'task.skipped':
      return `skipped (${event.reason}).`;
    case 'drift.found':
      return `CHANGED AT THE SOURCE: ${event.message}`;
    case 'task.rolled_back':
      return 'rolled back: what was live before is live again.';
    case 'task.rollback_closed':
      return "can't be rolled back from now on.";
    case 'step.started':
      return `${STEP_NAMES[event.step]}${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}.`;
    case 'step.completed':
      return `${STEP_NAMES[event.step]}: ${typeof event.data?.changed === 'string' ? event.data.changed : 'done'}.`;
    case 'step.retried':
      return `${STEP_NAMES[event.step]} failed, attempt ${event.attempt + 1} in ${formatDuration(event.waitMs)}. ${quote(event.error)}`;
    case 'step.failed':
      return `${STEP_NAMES[event.step]} failed for good. ${quote(event.error)}`;
    case 'migration.resumed':
      return `Resumed with ${listUnits(event.taskIds)}${event.mode === 'retry_failed' ? ', only what failed' : ''}${event.forced ? ', forced' : ''} (process ${event.pid} on ${event.host}).${tellLimit(event.pace)}`;
    case 'table.copied':
      return `${event.copied.table} copied, ${pluralize(event.copied.rows, 'row')}, ${formatBytes(event.copied.bytes)}${describeInside(event.copied)}${describeTreated(event.copied)}.`;
    case 'table.discarded':
      return `${event.table} is copied anew.`;
    case 'chunk.copied':
      return `part of ${event.chunk.table} copied, ${pluralize(event.chunk.rows, 'row')}, ${formatBytes(event.chunk.bytes)}.`;
    case 'chunk.discarded':
      return `part of ${event.table} is copied anew.`;
    case 'step.skipped':
      return `${STEP_NAMES[event.step]}: skipped (${event.reason}).`;
    case 'resource.removed':
      return `removed ${countResources(event.resources)}.`;
    case 'task.validated':
    case 'migration.validated':
      return tellResults(event.results);
    case 'hook.started':
      return `running the ${event.hook} hook.`;
    case 'hook.ended':
      return `${event.error ? `HOOK FAILED. ${quote(event.error)}` : `${event.hook} hook done in ${formatDuration(event.durationMs)}.`}${tellOutput(event.output)}`;
    case 'undo.failed':
      return `COULD NOT BE CLEANED UP after ${STEP_NAMES[event.step]}. ${quote(event.error)}`;
    default:
      // A newer version's journal has events that this one doesn't know.
      return (event as { readonly type: string }).type;
  }
}

function tellOutput(output: readonly string[]): string {
  return output.length === 0 ? '' : ` It printed: ${output.join(' | ')}.`;
}

function tellResults(results: readonly ValidationResult[]): string {
  const failed = results.filter(({ passed }) => !passed);
  const stage = results[0]?.stage === 'before' ? 'before the run' : 'after the run';
  if (failed.length === 0) return `${pluralize(results.length, 'test')} passed ${stage}.`;
  const errors = failed.map(
    ({ test, error, brokenBefore }) => `${test}: ${error ?? ''}${brokenBefore ? ' (as before the run)' : ''}`,
  );
  return `${failed.some(isTrouble) ? 'FAILED' : 'failed'} ${stage}: ${errors.join('; ')}`;
}

/** Only where source and target are one server. */
function describeInside({ rowsInside, againTravelled }: CopiedTable): string {
  const inside =
    rowsInside === undefined ? '' : `, ${pluralize(rowsInside, 'row')} of these inside the server`;
  const again = '; what was to be copied inside the server travelled, as the source was written to meanwhile';
  return againTravelled === undefined ? inside : inside + again;
}

function describeTreated({ treated = [] }: CopiedTable): string {
  const parts = treated.map(({ rule, rows, values }) =>
    rows > 0 ? `${rule} left ${pluralize(rows, 'row')}` : `${rule} changed ${pluralize(values, 'value')}`,
  );
  return parts.length > 0 ? `; ${parts.join(', ')}` : '';
}

/** Fewer than was asked for. */
function tellLimit(pace: Pace | undefined): string {
  if (!pace || pace.concurrency === 'auto' || pace.level >= pace.concurrency) return '';
  return ` At most ${pluralize(pace.level, 'site')} at once (limits.concurrency of the configuration).`;
}

function tellPace({ pace, by, change }: Extract<MigrationEvent, { type: 'migration.tuned' }>): string {
  const { startsPaused } = pace;
  if (startsPaused && change === 'concurrency')
    return `Tuned by ${by}: ${describePace(pace)}, as soon as it is continued.`;
  if (startsPaused) return `Paused by ${by}: what is in flight finishes, nothing new is started.`;
  return `${change === 'continue' ? 'Continued' : 'Tuned'} by ${by}: ${describePace(pace)}.`;
}

/** `4 sites at once`, `8 sites at once (auto)`, `16 sites at once (asked for 40)`. */
export function describePace({ concurrency, level }: Pace): string {
  const asked =
    concurrency === 'auto' ? ' (auto)' : concurrency === level ? '' : ` (asked for ${concurrency})`;
  return `${pluralize(level, 'site')} at once${asked}`;
}

function quote(error: { readonly message: string; readonly code: string }): string {
  return `${error.message} [${error.code}]`;
}

function listScope(event: { readonly taskIds: readonly TaskId[]; readonly network: boolean }): string {
  const parts = event.network ? ['the network tables'] : [];
  if (event.taskIds.length > 0) parts.push(pluralize(event.taskIds.length, 'site'));
  return parts.join(' and ');
}

function listUnits(taskIds: readonly TaskId[]): string {
  return listScope({ taskIds: taskIds.filter(id => id !== NETWORK), network: taskIds.includes(NETWORK) });
}

function countResources(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of resources) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, count]) => pluralize(count, RESOURCE_NAMES[kind as Resource['kind']]))
    .join(', ');
}
