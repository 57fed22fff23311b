// The state of a migration, folded from its journal. `foldEvent` is the only code that changes it; there is no setter
// anywhere else. Folding the same journal always gives the same state.

import type { ErrorRecord } from '../errors.ts';
import type { Pace } from './concurrency.ts';
import type { Drift, Recorded } from './events.ts';
import { canRollBack, foldTask, NEW_TASK, type TaskState } from './fold-task.ts';
import type { HookState } from './hooks.ts';
import { mergeResults, type ValidationResult } from './validation.ts';
import type {
  HookName,
  MigrationId,
  MigrationStatus,
  PhaseName,
  PhaseStatus,
  TaskId,
  TaskStatus,
} from './words.ts';
import { UNCHANGED } from './words.ts';

export interface PhaseState {
  readonly status: PhaseStatus;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly error?: ErrorRecord;
}

/** Only its recorder changes it; for everybody else it is a MigrationState. */
export interface RecordedState {
  version: 3;
  migrationId: MigrationId;
  source: string;
  target: string;
  status: MigrationStatus;
  planDigest: string;
  startedAt: string;
  updatedAt: string;
  endedAt?: string;
  /** Sequence number of the last event folded in. */
  lastSeq: number;
  /** Of the lease under which the run has last migrated. Absent: it never did, or by an older version. */
  fencing?: number;
  /** Hash of its line in the journal; absent where it wasn't said. */
  lastHash?: string;
  /** Time that processes have worked on the migration: without what lies between an end and a resume. Absent in
   *  snapshots of older versions. */
  workedMs?: number;
  error?: ErrorRecord;
  /** While the run goes on: how many sites may be in flight. */
  pace?: Pace;
  /** In the order in which they come. */
  phases: Partial<Record<PhaseName, PhaseState>>;
  /** In the order in which they were told of. */
  tasks: Record<TaskId, TaskState>;
  /** What was tried of the target as a whole. */
  validationResults?: readonly ValidationResult[];
  hooks?: Partial<Record<HookName, HookState>>;
  /** What was found beside the plan's warnings, in a run or a resume. */
  warnings?: readonly { readonly code: string; readonly message: string }[];
  /** How the source has changed since the plan was made. Absent: not that anybody knows. */
  drift?: readonly Drift[];
}

export type MigrationState = Readonly<Omit<RecordedState, 'phases' | 'tasks' | 'hooks'>> & {
  readonly phases: Readonly<RecordedState['phases']>;
  readonly tasks: Readonly<RecordedState['tasks']>;
  readonly hooks?: Readonly<RecordedState['hooks']>;
};

export function initialState(migrationId: MigrationId): RecordedState {
  return {
    version: 3,
    migrationId,
    source: '',
    target: '',
    status: 'running',
    planDigest: '',
    startedAt: '',
    updatedAt: '',
    lastSeq: 0,
    phases: {},
    tasks: {},
  };
}

/** How far the task is. One that was never told of has done nothing; asking for it makes nothing. */
export function readTask(state: MigrationState, taskId: TaskId): TaskState {
  return state.tasks[taskId] ?? NEW_TASK;
}

/** The same of a phase. */
export function readPhase(state: MigrationState, phase: PhaseName): PhaseState {
  return state.phases[phase] ?? PENDING;
}

const PENDING: PhaseState = { status: 'pending' };

export function listTasks(state: Pick<MigrationState, 'tasks'>): [TaskId, TaskState][] {
  return Object.entries(state.tasks) as [TaskId, TaskState][];
}

/** Folds one journal line into `state`, in place. Lines must come in order. `hash`: of the line as it is written. */
export function foldEvent(state: RecordedState, line: Recorded, hash?: string): void {
  addWork(state, line);
  state.lastSeq = line.seq;
  if (hash === undefined) delete state.lastHash;
  else state.lastHash = hash;
  state.updatedAt = line.at;
  if ('taskId' in line) state.tasks[line.taskId] = foldTask(readTask(state, line.taskId), line);
  switch (line.type) {
    case 'migration.started':
      state.source = line.source;
      state.target = line.target;
      state.planDigest = line.planDigest;
      state.status = 'running';
      state.startedAt ||= line.at;
      delete state.endedAt;
      delete state.error;
      setPace(state, line.pace);
      setFencing(state, line.fencing);
      for (const phase of line.phases) state.phases[phase] ??= PENDING;
      for (const taskId of line.taskIds) state.tasks[taskId] ??= NEW_TASK;
      break;
    case 'migration.resumed':
      reopen(state, line.taskIds, line.phases);
      setPace(state, line.pace);
      setFencing(state, line.fencing);
      break;
    case 'migration.tuned':
      setPace(state, line.pace);
      break;
    case 'concurrency.changed':
      if (state.pace) setPace(state, { ...state.pace, level: line.to, reason: line.reason });
      break;
    case 'migration.ended':
      state.status = line.status;
      state.endedAt = line.at;
      setPace(state, undefined);
      if (line.error) state.error = line.error;
      break;
    case 'migration.closed':
      state.status = 'closed';
      state.endedAt ??= line.at;
      setPace(state, undefined);
      break;
    case 'phase.started':
      state.phases[line.phase] = { status: 'in_progress', startedAt: line.at };
      break;
    case 'phase.completed':
      state.phases[line.phase] = { ...readPhase(state, line.phase), status: 'completed', endedAt: line.at };
      break;
    case 'phase.failed':
      state.phases[line.phase] = {
        ...readPhase(state, line.phase),
        ...{ status: 'failed', endedAt: line.at, error: line.error },
      };
      break;
    case 'phase.skipped':
      state.phases[line.phase] = { status: 'skipped', reason: line.reason };
      break;
    case 'check.reported':
      if (line.lasting) addWarning(state, line);
      break;
    case 'drift.found':
      addDrift(state, line);
      break;
    case 'task.rolled_back':
      if (isWhollyRolledBack(state)) state.status = 'rolled_back';
      break;
    case 'migration.validated':
      state.validationResults = mergeResults(state.validationResults, line.results);
      break;
    case 'hook.ended':
      if (line.hook === 'after_run') {
        const { durationMs, error } = line;
        const ended: HookState = { endedAt: line.at, durationMs, ...(error ? { error } : {}) };
        state.hooks = { ...state.hooks, [line.hook]: ended };
      }
      break;
  }
}

/** What a process writes first. A rollback may also be a part of the run (`automatic`). */
function isFirstOfProcess(line: Recorded): boolean {
  switch (line.type) {
    case 'migration.started':
    case 'migration.resumed':
    case 'cleanup.started':
      return true;
    case 'rollback.started':
      return !line.automatic;
    default:
      return false;
  }
}

/** Between the first line of a process and the last of the one before it nobody has worked, and the two may have had
 *  other clocks. */
function addWork(state: RecordedState, line: Recorded): void {
  if (isFirstOfProcess(line) || state.endedAt || state.updatedAt === '') return;
  const passedMs = Date.parse(line.at) - Date.parse(state.updatedAt);
  state.workedMs = (state.workedMs ?? 0) + (Math.max(0, passedMs) || 0);
}

/** The same is found again by another attempt; of a site's row only the last look counts. */
function addDrift(state: RecordedState, { taskId, kind, message }: Drift): void {
  const others = (state.drift ?? []).filter(
    known =>
      known.taskId !== taskId ||
      known.kind !== kind ||
      (kind === 'tables_changed' && known.message !== message),
  );
  state.drift = [...others, { taskId, kind, message }];
}

function addWarning(state: RecordedState, { code, message }: { code: string; message: string }): void {
  const known = state.warnings ?? [];
  if (!known.some(warning => warning.code === code && warning.message === message))
    state.warnings = [...known, { code, message }];
}

function setFencing(state: RecordedState, fencing: number | undefined): void {
  if (fencing !== undefined) state.fencing = fencing;
}

function setPace(state: RecordedState, pace: Pace | undefined): void {
  if (pace) state.pace = pace;
  else delete state.pace;
}

/** Has the run come to an end of its own, or been closed? As long as it hasn't, what it keeps is still needed. */
export function isOver({ status }: MigrationState): boolean {
  return status !== 'running' && status !== 'paused' && status !== 'failed';
}

/** All that had been completed is as it was before. */
function isWhollyRolledBack({ tasks }: MigrationState): boolean {
  return !Object.values(tasks).some(task => task.status === 'completed' || canRollBack(task));
}

/** Can anything of the run be rolled back, as far as the journal knows? */
export function isRollbackAvailable({ tasks }: MigrationState): boolean {
  return Object.values(tasks).some(canRollBack);
}

/** The one way back from an ended run: what has to run again is pending again; what was done stays done. */
function reopen(state: RecordedState, taskIds: readonly TaskId[], phases: readonly PhaseName[]): void {
  state.status = 'running';
  delete state.endedAt;
  delete state.error;
  for (const [phase, { status }] of Object.entries(state.phases) as [PhaseName, PhaseState][])
    if (status !== 'completed' && status !== 'skipped') state.phases[phase] = PENDING;
  for (const phase of phases) state.phases[phase] = PENDING;
  for (const taskId of taskIds) state.tasks[taskId] = { ...readTask(state, taskId), status: 'pending' };
}

/** `unchanged`: of the skipped ones, those that --only-changed has skipped. */
export type TaskCounts = Record<TaskStatus, number> & { total: number; unchanged: number };

/** How many of these tasks stand in which status. */
export function countTasks(tasks: Iterable<TaskState>): TaskCounts {
  const counts: TaskCounts = {
    total: 0,
    pending: 0,
    in_progress: 0,
    completed: 0,
    failed: 0,
    timeout: 0,
    skipped: 0,
    rolled_back: 0,
    unchanged: 0,
  };
  for (const task of tasks) {
    counts[task.status] += 1;
    if (task.status === 'skipped' && task.reason === UNCHANGED) counts.unchanged += 1;
    counts.total += 1;
  }
  return counts;
}
