// What migration-summary.json says when a run ends: how it went, what to look at and what to type next. Pure: the same
// plan and state always give the same summary.

import type { ErrorRecord } from '../errors.ts';
import { formatAddress } from '../lib/format.ts';
import { countSites, listSiteTasks, type SiteCounts } from './count-sites.ts';
import type { Drift } from './events.ts';
import { type FailureGroup, groupFailures } from './failures.ts';
import type { TaskState } from './fold-task.ts';
import { type HookFailure, listHookFailures } from './hooks.ts';
import type { Hazard, LeftOut, Plan } from './plan.ts';
import { countRewrites, type RewriteCounts } from './rewrite-counts.ts';
import { isRollbackAvailable, listTasks, type MigrationState, readTask } from './state.ts';
import { NETWORK, siteIdOf, taskOf } from './task-ids.ts';
import { countTreatment, type TreatmentCounts } from './treatment-counts.ts';
import {
  countValidation,
  selectResults,
  type ValidationCounts,
  type ValidationResult,
} from './validation.ts';
import { type MigrationId, type MigrationStatus, type SiteId, type TaskStatus, UNCHANGED } from './words.ts';

const SLOWEST = 5;

export interface SlowSite {
  readonly siteId: SiteId;
  readonly address: string;
  readonly durationMs: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface Summary {
  readonly version: 1;
  readonly migrationId: MigrationId;
  readonly source: string;
  readonly target: string;
  /** The event of the journal that it was made after. */
  readonly lastSeq: number;
  readonly status: MigrationStatus;
  /** Why it stopped before its end. */
  readonly error: ErrorRecord | null;
  readonly startedAt: string;
  readonly endedAt: string;
  /** How long processes have worked on it: without the time it stood still before a resume. */
  readonly durationMs: number;
  /** Sites of the plan. */
  readonly sites: SiteCounts;
  /** null: the network tables are no part of this run. */
  readonly network: TaskStatus | null;
  /** Of sites and network tables that are completed. */
  readonly rows: number;
  readonly bytes: number;
  /** Over the time in which something was in flight. */
  readonly throughput: { readonly sitesPerMinute: number; readonly bytesPerSecond: number };
  readonly slowest: readonly SlowSite[];
  readonly rewritten: RewriteCounts;
  /** What stayed at the source, and what was made safe on the way. */
  readonly treatment: TreatmentCounts;
  readonly failures: readonly FailureGroup[];
  /** null: no page was asked for (--health-check). */
  readonly validation: ValidationCounts | null;
  /** Of the target as a whole, and what failed of single sites, before the run and after. */
  readonly validationResults: readonly ValidationResult[];
  /** Of after_site and after_run: they change nothing but the exit code. */
  readonly hookFailures: readonly HookFailure[];
  /** What the plan warned of. */
  readonly warnings: readonly Hazard[];
  readonly leftOut: readonly LeftOut[];
  /** How the source has changed since the plan was made. */
  readonly drift: readonly Drift[];
  /** Skipped by --only-changed: on neither side has anything changed since they were last migrated. */
  readonly unchanged: readonly SiteId[];
  /** As far as the journal knows: something was cut over, and its previous tables are still kept. */
  readonly rollbackAvailable: boolean;
  readonly nextCommands: readonly string[];
}

export function summarize(plan: Plan, state: MigrationState): Summary {
  const planned = withoutLeftOut(plan, state);
  const sites = countSites(planned);
  const units = Object.values(planned.tasks);
  const completed = units.filter(unit => unit.status === 'completed');
  const bytes = sum(completed, unit => unit.bytes ?? 0);
  // Finding out that nothing has changed is no part of the pace at which sites are migrated.
  const busyMs = measureBusyTime(units.filter(unit => unit.status !== 'skipped'));
  const endedAt = state.endedAt ?? state.updatedAt;
  return {
    version: 1,
    migrationId: state.migrationId,
    source: plan.source.environment,
    target: plan.target.environment,
    lastSeq: state.lastSeq,
    status: state.status,
    error: state.error ?? null,
    startedAt: state.startedAt,
    endedAt,
    durationMs: state.workedMs ?? 0,
    sites,
    network: state.tasks[NETWORK]?.status ?? null,
    rows: sum(completed, unit => unit.rows ?? 0),
    bytes,
    throughput: {
      sitesPerMinute: round(sites.completed, busyMs / 60_000),
      bytesPerSecond: Math.round(round(bytes, busyMs / 1_000)),
    },
    slowest: findSlowest(plan, planned),
    rewritten: countRewrites(plan, state),
    treatment: countTreatment(plan, state),
    failures: groupFailures(plan, state),
    validation: countValidation(state),
    validationResults: selectResults(state),
    hookFailures: listHookFailures(state),
    warnings: [
      ...plan.hazards.filter(hazard => !hazard.blocking),
      ...(state.warnings ?? []).map(warning => ({ ...warning, blocking: false })),
    ],
    leftOut: plan.leftOut,
    drift: state.drift ?? [],
    unchanged: listUnchanged(planned),
    rollbackAvailable: isRollbackAvailable(state),
    nextCommands: suggestCommands(state, sites),
  };
}

/** What the plan leaves out stands in the state as skipped; here it has a list of its own. */
function withoutLeftOut(plan: Plan, state: MigrationState): MigrationState {
  const planned = new Set(plan.tasks.map(({ taskId }) => taskId));
  return { ...state, tasks: Object.fromEntries(listTasks(state).filter(([taskId]) => planned.has(taskId))) };
}

function listUnchanged(state: MigrationState): SiteId[] {
  return listSiteTasks(state)
    .filter(([, task]) => task.status === 'skipped' && task.reason === UNCHANGED)
    .map(([taskId]) => siteIdOf(taskId));
}

function measure({ startedAt, endedAt }: TaskState): [start: number, end: number] | null {
  return startedAt && endedAt ? [Date.parse(startedAt), Date.parse(endedAt)] : null;
}

/** The time in which at least one unit was in flight: a pause of a night doesn't make a migration slow. */
function measureBusyTime(units: readonly TaskState[]): number {
  const spans = units.map(measure).filter(span => span !== null);
  let busyMs = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    busyMs += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return busyMs;
}

function findSlowest(plan: Plan, state: MigrationState): SlowSite[] {
  return plan.sites
    .flatMap((planned): SlowSite[] => {
      const task = readTask(state, taskOf(planned.siteId));
      const span = task.status === 'completed' ? measure(task) : null;
      if (!span) return [];
      const { rows = 0, bytes = 0 } = task;
      return [
        {
          siteId: planned.siteId,
          address: formatAddress(planned),
          durationMs: span[1] - span[0],
          rows,
          bytes,
        },
      ];
    })
    .sort((a, b) => b.durationMs - a.durationMs || a.siteId - b.siteId)
    .slice(0, SLOWEST);
}

/** The next thing to do first. */
function suggestCommands(state: MigrationState, sites: SiteCounts): string[] {
  const id = state.migrationId;
  const isUnfinished = state.status === 'paused' || state.status === 'failed' || state.status === 'running';
  const hasFailures =
    sites.failed + sites.timeout > 0 ||
    state.tasks[NETWORK]?.status === 'failed' ||
    state.tasks[NETWORK]?.status === 'timeout';
  const canUndo = isRollbackAvailable(state);
  return [
    ...(isUnfinished ? [`wfuwp env-migrate --resume ${id}`] : []),
    ...(hasFailures ? [`wfuwp env-migrate --resume ${id} --retry-failed`] : []),
    ...(canUndo ? [`wfuwp env-migrate rollback ${id}`] : []),
    ...(state.status === 'completed' && canUndo ? [`wfuwp env-migrate cleanup ${id}`] : []),
  ];
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}

/** A rate with one decimal; 0 when no time has passed. */
function round(amount: number, time: number): number {
  return time > 0 ? Math.round((amount / time) * 10) / 10 : 0;
}
