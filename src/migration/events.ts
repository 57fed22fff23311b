// Everything that happens in a migration, as past-tense facts. An event is appended to the journal (one JSON line),
// folded into the state, and told to the sinks, in this order; see recorder.ts.

import type { ErrorRecord } from '../errors.ts';
import type { RuleCount } from '../policy/row-rule.ts';
import type { Pace } from './concurrency.ts';
import type { SiteHook } from './hooks.ts';
import type { PlannedTable } from './plan.ts';
import { isTrouble, type ValidationResult } from './validation.ts';
import type { DriftKind, EndStatus, LeftReason, MigrationId, PhaseName, StepName, TaskId } from './words.ts';

/** A thing that the run made and that somebody may have to remove or swap back. `name` is `database.table`. */
export interface Resource {
  /** `leftover_table`: swapped out again by a rollback, and about to be dropped. */
  readonly kind: 'staging_table' | 'previous_table' | 'leftover_table' | 'database';
  readonly name: string;
  /** `draft`: built beside what is live, and live itself once the change is made. `kept`: what the change has replaced,
   *  needed to take it back. Absent: neither. */
  readonly role?: 'draft' | 'kept';
}

/** The table of a resource, without its database. */
export function tableOf(resource: Resource): string {
  return resource.name.slice(resource.name.indexOf('.') + 1);
}

/** How a step stands to the change that its task is there for. */
export interface StepTraits {
  /** It makes the change, or takes it back. */
  readonly change?: 'makes' | 'takes_back';
  /** It works on the drafts: without them it would have to be done again. */
  readonly onDrafts?: true;
  /** It is done in each attempt anew, whatever an earlier one has done. */
  readonly everyAttempt?: true;
}

/** What holds of a task in place of its plan; its shape belongs to the recipe. */
export interface Amendment {
  readonly tables?: readonly PlannedTable[];
}

/** Facts a step leaves for later steps, for a resume and for the summary: plain JSON, its shape belongs to the step. */
export type StepData = Readonly<Record<string, unknown>>;

/** Values of one column that still hold something of the source, for one reason. A value with two reasons counts for
 *  both. Without values: a column that is never rewritten, and in which no source host was seen. */
export interface LeftValues {
  readonly column: string;
  readonly reason: LeftReason;
  /** All of them, however few keys are kept. */
  readonly values: number;
  /** The rows of the first few: `option_id=12`; without a primary key their number in reading order. */
  readonly keys: readonly string[];
}

/** A piece of a step that needn't be done again: a table, a chunk of one. What else it holds is the step's own. */
export interface Part {
  readonly key: string;
  /** Of a piece of a larger one: its key. Once that is done, its pieces count no more. */
  readonly within?: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A table as copy_tables sent it. */
export interface CopiedTable extends Part {
  readonly table: string;
  /** As they were sent. */
  readonly rows: number;
  /** As they were read, where rules left some at the source; absent: as many. */
  readonly sourceRows?: number;
  readonly bytes: number;
  /** Of the rows as they were sent, rewritten. */
  readonly checksum: string;
  /** Of the rows as they were read: says later whether the source's table is still the same. */
  readonly sourceChecksum: string;
  /** Digest of the source's definition that it was made from. Absent in journals of older versions. */
  readonly sourceDefinition?: string;
  readonly changedByColumn: Readonly<Record<string, number>>;
  readonly left: readonly LeftValues[];
  /** What rules did besides rewriting. Absent: nothing. */
  readonly treated?: readonly RuleCount[];
  /** How many of the rows were copied inside the server; `bytes` is without these. Absent: none. */
  readonly rowsInside?: number;
  /** How many parts should have been copied inside, but were written to meanwhile. Absent: none. */
  readonly againTravelled?: number;
}

/** The rows of a big table whose key lies in a range, as copy_tables sent them. */
export interface CopiedChunk extends CopiedTable {
  /** Its table. */
  readonly within: string;
  /** The least key in it, in decimal; null: none is too small. */
  readonly from: string | null;
  /** The least key that isn't in it any more; null: none is too large. */
  readonly to: string | null;
}

/** The source is no longer what the plan says, in a sentence that goes on after the task's name. */
export interface Drift {
  readonly taskId: TaskId;
  readonly kind: DriftKind;
  readonly message: string;
}

/** `continue`: all that is not completed. `retry_failed`: only sites that failed or timed out. */
export type ResumeMode = 'continue' | 'retry_failed';

/** Of the files that say what the run does; see seal.ts. */
export interface FileHashes {
  readonly plan: string;
  readonly options: string;
  /** Where users are merged. */
  readonly users?: string;
}

export interface HookEnd {
  readonly durationMs: number;
  /** The last lines that the command has printed, without secrets. */
  readonly output: readonly string[];
  /** It failed. */
  readonly error?: ErrorRecord;
}

export type MigrationEvent =
  | {
      type: 'migration.started';
      source: string;
      target: string;
      planDigest: string;
      taskIds: readonly TaskId[];
      /** In the order in which they come. */
      phases: readonly PhaseName[];
      pid: number;
      host: string;
      /** Absent in journals of older versions, as is the fencing number of the target's lease. */
      pace?: Pace;
      fencing?: number;
      /** Whose journal this is, and the hashes of the files as they were written. Absent in journals of older versions. */
      migrationId?: MigrationId;
      files?: FileHashes;
    }
  /** An ended or broken off run goes on with the named tasks. `phases`: these begin anew, even if they had ended.
   *  "forced": against what the state would allow. */
  | {
      type: 'migration.resumed';
      taskIds: readonly TaskId[];
      phases: readonly PhaseName[];
      mode: ResumeMode;
      forced: boolean;
      pid: number;
      host: string;
      /** Absent in journals of older versions, as is the fencing number of the target's lease. */
      pace?: Pace;
      fencing?: number;
    }
  /** An operator's request (tune, pause, continue) is obeyed: this holds from now on. */
  | {
      type: 'migration.tuned';
      request: string;
      by: string;
      /** What of the pace the request has changed. Absent in journals of older versions. */
      change?: 'pause' | 'continue' | 'concurrency';
      pace: Pace;
    }
  /** So many sites may be in flight from now on; 0: nothing is started. Found out by the run itself. */
  | {
      type: 'concurrency.changed';
      from: number;
      to: number;
      cause: 'throughput' | 'source';
      reason: string;
    }
  | { type: 'migration.draining'; reason: string }
  /** The named tasks are about to be taken back. `automatic`: by the run itself, of --auto-rollback. */
  | {
      type: 'rollback.started';
      taskIds: readonly TaskId[];
      automatic: boolean;
      pid: number;
      host: string;
    }
  | { type: 'migration.ended'; status: EndStatus; error?: ErrorRecord }
  /** What the run has left to do is given up for good: nothing resumes it from now on. */
  | { type: 'migration.closed'; by: string }
  /** Tables that the run no longer needs are about to be removed. */
  | { type: 'cleanup.started'; by: string; pid: number; host: string }
  | { type: 'phase.started'; phase: PhaseName }
  | { type: 'phase.completed'; phase: PhaseName }
  | { type: 'phase.failed'; phase: PhaseName; error: ErrorRecord }
  | { type: 'phase.skipped'; phase: PhaseName; reason: string }
  /** `lasting`: true of the run as a whole and not in its plan, so the summary tells it as well. */
  | {
      type: 'check.reported';
      code: string;
      outcome: 'passed' | 'warning' | 'failed';
      message: string;
      lasting?: true;
    }
  | { type: 'task.started'; taskId: TaskId; attempt: number }
  | { type: 'task.completed'; taskId: TaskId; rows: number; bytes: number }
  | { type: 'task.failed'; taskId: TaskId; error: ErrorRecord }
  | { type: 'task.timed_out'; taskId: TaskId; error: ErrorRecord }
  | { type: 'task.aborted'; taskId: TaskId; reason: string }
  | { type: 'task.skipped'; taskId: TaskId; reason: string }
  /** Nothing of its drafts counts any more, and a change that was begun was certainly not made. */
  | { type: 'task.reset'; taskId: TaskId }
  /** `amends`: from now on this holds of the task, in place of what the plan says. Written before anything is done
   *  about it. */
  | ({ type: 'drift.found'; amends?: Amendment } & Drift)
  /** What was live before is live again. */
  | { type: 'task.rolled_back'; taskId: TaskId }
  /** From now on the task can't be rolled back: what it keeps is about to be dropped. */
  | { type: 'task.rollback_closed'; taskId: TaskId }
  | {
      type: 'step.started';
      taskId: TaskId;
      step: StepName;
      attempt: number;
      /** Absent: it has none. */
      traits?: StepTraits;
      /** It was found done already: nothing more is made. */
      isDone?: true;
      resources?: readonly Resource[];
    }
  | { type: 'step.completed'; taskId: TaskId; step: StepName; data?: StepData }
  | {
      type: 'step.retried';
      taskId: TaskId;
      step: StepName;
      attempt: number;
      waitMs: number;
      error: ErrorRecord;
    }
  | { type: 'step.failed'; taskId: TaskId; step: StepName; error: ErrorRecord }
  | { type: 'step.skipped'; taskId: TaskId; step: StepName; reason: string }
  /** Takes the place of what was said of the part, and of parts within it. */
  | { type: 'part.done'; taskId: TaskId; step: StepName; part: Part }
  /** It is about to be removed, to be made again: what was said of it, and of parts within it, counts no more. */
  | { type: 'part.dropped'; taskId: TaskId; step: StepName; key: string }
  | { type: 'resource.removed'; taskId: TaskId; resources: readonly Resource[] }
  /** What was tried of the target as a whole, and of one task's. */
  | { type: 'migration.validated'; results: readonly ValidationResult[] }
  | { type: 'task.validated'; taskId: TaskId; results: readonly ValidationResult[] }
  /** A hook's command is about to be run. */
  | { type: 'hook.started'; hook: SiteHook; taskId: TaskId }
  | { type: 'hook.started'; hook: 'after_run' }
  | ({ type: 'hook.ended'; hook: SiteHook; taskId: TaskId } & HookEnd)
  | ({ type: 'hook.ended'; hook: 'after_run' } & HookEnd)
  | { type: 'undo.failed'; taskId: TaskId; step: StepName; error: ErrorRecord };

export type EventType = MigrationEvent['type'];
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the journal. `seq` counts from 1 without gaps. `at` is ISO 8601 in UTC. `correlationId` names the run
 *  and, for a task's events, the task: it is in every line, log text and error report of that piece of work. */
export type Recorded = {
  readonly seq: number;
  readonly at: string;
  readonly level: EventLevel;
  readonly correlationId: string;
  /** Hash of the line before; see chain.ts. Absent in journals of older versions. */
  readonly prev?: string;
} & MigrationEvent;

const LEVELS: Partial<Record<EventType, EventLevel>> = {
  'part.done': 'debug',
  'part.dropped': 'debug',
  'migration.draining': 'warn',
  'migration.closed': 'warn',
  'rollback.started': 'warn',
  'phase.failed': 'error',
  'task.failed': 'error',
  'task.timed_out': 'error',
  'task.aborted': 'warn',
  'drift.found': 'warn',
  'step.started': 'debug',
  'step.completed': 'debug',
  'step.skipped': 'debug',
  'step.retried': 'warn',
  'step.failed': 'error',
  'resource.removed': 'debug',
  'hook.started': 'debug',
  'undo.failed': 'error',
};

export function levelOf(event: MigrationEvent): EventLevel {
  if (event.type === 'check.reported' && event.outcome !== 'passed') {
    return event.outcome === 'failed' ? 'error' : 'warn';
  }
  if (event.type === 'concurrency.changed') {
    if (event.cause === 'throughput') return 'debug';
    return event.to < event.from ? 'warn' : 'info';
  }
  if (event.type === 'hook.ended') return event.error ? 'error' : 'info';
  if (event.type === 'task.validated' || event.type === 'migration.validated')
    return event.results.some(isTrouble) ? 'error' : 'debug';
  if (event.type === 'migration.ended' && event.status !== 'completed') return 'warn';
  return LEVELS[event.type] ?? 'info';
}

/** Progress for displays. Never journaled: nothing that a resume needs may be a tick. `rows` and `bytes` are what
 *  has landed since the last tick of that task. */
export interface Tick {
  readonly taskId: TaskId;
  readonly step: StepName;
  /** The part that it is about. */
  readonly part: string;
  readonly rows: number;
  readonly bytes: number;
}
