// What `status` tells, as one object: the text is made from it, and `--json` prints it.

import { type ErrorRecord, MigrationError } from '../errors.ts';
import { formatAddress } from '../lib/format.ts';
import type { Pace } from '../migration/concurrency.ts';
import type { Resource, StepData } from '../migration/events.ts';
import { type FailureGroup, groupFailures } from '../migration/failures.ts';
import { canRollBack, type TaskState } from '../migration/fold-task.ts';
import { type HookFailure, listHookFailures } from '../migration/hooks.ts';
import { measureState, type StateProgress } from '../migration/measure-state.ts';
import type { Plan } from '../migration/plan.ts';
import { type KnownRun, type RunEntry, readRun } from '../migration/read-run.ts';
import {
  countRewrites,
  type LeftInTable,
  listLeft,
  type RewriteCounts,
} from '../migration/rewrite-counts.ts';
import {
  initialState,
  isRollbackAvailable,
  type MigrationState,
  type PhaseState,
} from '../migration/state.ts';
import { findNewestRun, findRun } from '../migration/store.ts';
import { NETWORK } from '../migration/task-ids.ts';
import {
  countValidation,
  selectResults,
  type ValidationCounts,
  type ValidationResult,
} from '../migration/validation.ts';
import {
  nameTask,
  PHASES,
  type PhaseName,
  STEPS,
  type StepName,
  type StepStatus,
  type TaskId,
  type TaskStatus,
} from '../migration/words.ts';
import { suggestCommands } from './next-commands.ts';

export interface PhaseReport extends PhaseState {
  readonly phase: PhaseName;
}

/** A unit of work that is in progress; in a run that nobody works on: that was, when it broke off. */
export interface InFlight {
  readonly taskId: TaskId;
  readonly address: string | null;
  /** null: between two steps. */
  readonly step: StepName | null;
  readonly startedAt: string | null;
}

export interface StepReport {
  readonly step: StepName;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Of the last attempt; null: it has no end. */
  readonly durationMs: number | null;
  readonly data: StepData | null;
  readonly error: ErrorRecord | null;
}

export interface SiteReport {
  readonly taskId: TaskId;
  readonly address: string | null;
  readonly status: TaskStatus;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly reason: string | null;
  readonly error: ErrorRecord | null;
  readonly steps: readonly StepReport[];
  /** What the run has made on the target for it and not removed. */
  readonly resources: readonly Resource[];
  /** What its tables still hold of the source, with the keys of the first rows. */
  readonly left: readonly LeftInTable[];
  readonly validationResults: readonly ValidationResult[];
  readonly hooks: TaskState['hooks'] | null;
  /** As far as the journal knows. */
  readonly rollbackAvailable: boolean;
}

export interface StatusReport extends RunEntry {
  readonly phases: readonly PhaseReport[];
  /** How many sites may be in flight; null: nobody works on it, or it isn't being migrated. */
  readonly pace: Pace | null;
  /** null: nobody works on it, or it isn't being migrated. */
  readonly progress: StateProgress | null;
  readonly inFlight: readonly InFlight[];
  readonly failures: readonly FailureGroup[];
  /** Of the units whose tables are all copied. */
  readonly rewritten: RewriteCounts;
  /** null: no page was asked for yet. */
  readonly validation: ValidationCounts | null;
  readonly validationResults: readonly ValidationResult[];
  readonly hookFailures: readonly HookFailure[];
  /** Of any site or the network tables, as far as the journal knows. */
  readonly rollbackAvailable: boolean;
  /** How many units can be rolled back, and of how many the previous tables were removed. */
  readonly wayBack: { readonly open: number; readonly closed: number };
  readonly nextCommands: readonly string[];
  /** The one that was asked for. */
  readonly site?: SiteReport;
}

export interface StatusQuestion {
  readonly logDir: string;
  /** Default: the newest run. */
  readonly id?: string | undefined;
  readonly taskId?: TaskId | undefined;
}

/** Finds the run, once. What it gives reads how the run stands now, as often as it is called. */
export async function createStatusReader({
  logDir,
  id,
  taskId,
}: StatusQuestion): Promise<() => Promise<StatusReport>> {
  const directory = id === undefined ? await findNewestRun(logDir) : await findRun(logDir, id);
  let plan: Plan | null = null;
  let thorough = true;
  return async () => {
    const run = await readRun(directory, { thorough });
    // Who watches a run reads its end only, every second.
    thorough = false;
    // It never changes once it is there; without it the addresses are missing, and no more.
    plan ??= await directory.readPlan().catch(() => null);
    return reportStatus(run, plan, taskId);
  };
}

export function reportStatus(
  { entry, state }: KnownRun,
  plan: Plan | null,
  taskId?: TaskId,
  now = new Date(),
): StatusReport {
  const addresses = new Map((plan?.sites ?? []).map(site => [site.taskId, formatAddress(site)]));
  const addressOf = (id: TaskId): string | null => addresses.get(id) ?? null;
  const site = taskId === undefined ? undefined : findSite(entry, state, taskId);
  return {
    ...entry,
    phases: state ? PHASES.map(phase => ({ phase, ...state.phases[phase] })) : [],
    pace: (entry.status === 'running' && state?.pace) || null,
    progress: entry.status === 'running' && state?.pace && plan ? measureState(plan, state, now) : null,
    inFlight: listUnits(state)
      .filter(([, unit]) => unit.status === 'in_progress')
      .map(([id, unit]) => describeInFlight(id, addressOf(id), unit)),
    failures: state ? groupFailures(plan ?? NO_PLAN, state) : [],
    rewritten: countRewrites(plan ?? NO_PLAN, state ?? initialState(entry.id)),
    validation: state && countValidation(state),
    validationResults: state ? selectResults(state) : [],
    hookFailures: state ? listHookFailures(state) : [],
    rollbackAvailable: state !== null && isRollbackAvailable(state),
    wayBack: countWaysBack(state),
    nextCommands: suggestCommands(entry, state),
    ...(site && taskId !== undefined ? { site: describeSite(taskId, addressOf(taskId), site) } : {}),
  };
}

/** Without the names in the plan failures and tables are merely told apart more finely. */
const NO_PLAN = {
  source: { tablePrefix: '' },
  target: { tablePrefix: '' },
  sites: [] as Plan['sites'],
} as Plan;

function listUnits(state: MigrationState | null): [TaskId, TaskState][] {
  const sites = Object.entries(state?.sites ?? {}).map(([id, unit]): [TaskId, TaskState] => [
    Number(id),
    unit,
  ]);
  return state?.network ? [[NETWORK, state.network], ...sites] : sites;
}

function findSite(entry: RunEntry, state: MigrationState | null, taskId: TaskId): TaskState {
  const unit = taskId === NETWORK ? state?.network : state?.sites[taskId];
  if (unit) return unit;
  const what = taskId === NETWORK ? 'does not move the network tables' : `has no ${nameTask(taskId)}`;
  throw new MigrationError('usage', `Run ${entry.id} ${what}.`, {
    hint: `Its sites are in ${entry.path}, migration-plan.json.`,
  });
}

function describeInFlight(taskId: TaskId, address: string | null, { steps, startedAt }: TaskState): InFlight {
  const step = STEPS.find(name => steps[name]?.status === 'in_progress') ?? null;
  return { taskId, address, step, startedAt: startedAt ?? null };
}

function describeSite(taskId: TaskId, address: string | null, site: TaskState): SiteReport {
  return {
    taskId,
    address,
    status: site.status,
    attempts: site.attempts,
    startedAt: site.startedAt ?? null,
    endedAt: site.endedAt ?? null,
    rows: site.rows ?? null,
    bytes: site.bytes ?? null,
    reason: site.reason ?? null,
    error: site.error ?? null,
    steps: STEPS.flatMap(step => describeStep(step, site)),
    resources: site.resources,
    left: listLeft(site),
    validationResults: site.validationResults ?? [],
    hooks: site.hooks ?? null,
    rollbackAvailable: canRollBack(site),
  };
}

function describeStep(name: StepName, site: TaskState): StepReport[] {
  const step = site.steps[name];
  if (!step) return [];
  const { status, attempts, startedAt = null, endedAt = null, data = null, error = null } = step;
  const durationMs = startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null;
  return [{ step: name, status, attempts, startedAt, endedAt, durationMs, data, error }];
}

function countWaysBack(state: MigrationState | null): StatusReport['wayBack'] {
  const units = state ? [...(state.network ? [state.network] : []), ...Object.values(state.sites)] : [];
  return {
    open: units.filter(canRollBack).length,
    closed: units.filter(unit => unit.rollbackClosed === true).length,
  };
}
