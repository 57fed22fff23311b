// Everything that happens in a migration, as past-tense facts. An event is appended to the journal (one JSON line),
// folded into the state, and told to the sinks, in this order; see recorder.ts.

import type { ErrorRecord } from '../errors.ts';
import type { RuleCount } from '../policy/row-rule.ts';
import type { Pace } from './concurrency.ts';
import type { SiteHook } from './hooks.ts';
import type { PlannedTable } from './plan.ts';
import { isTrouble, type ValidationResult } from './validation.ts';
import type { DriftKind, EndStatus, LeftReason, MigrationId, PhaseName, SiteId, StepName } from './words.ts';

/** A thing that the run made and that somebody may have to remove or swap back. `name` is `database.table`. */
export interface Resource {
  /** `leftover_table`: swapped out again by a rollback, and about to be dropped. */
  readonly kind: 'staging_table' | 'previous_table' | 'leftover_table' | 'database';
  readonly name: string;
}

/** The table of a resource, without its database. */
export function tableOf(resource: Resource): string {
  return resource.name.slice(resource.name.indexOf('.') + 1);
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

/** A table as copy_tables sent it. */
export interface CopiedTable {
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
  /** The least key in it, in decimal; null: none is too small. */
  readonly from: string | null;
  /** The least key that isn't in it any more; null: none is too large. */
  readonly to: string | null;
}

/** The source is no longer what the plan says, in a sentence that goes on after the site's name. */
export interface Drift {
  readonly siteId: SiteId;
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
      siteIds: readonly SiteId[];
      network: boolean;
      pid: number;
      host: string;
      /** Absent in journals of older versions, as is the fencing number of the target's lease. */
      pace?: Pace;
      fencing?: number;
      /** Whose journal this is, and the hashes of the files as they were written. Absent in journals of older versions. */
      migrationId?: MigrationId;
      files?: FileHashes;
    }
  /** An ended or broken off run goes on with the named sites. "forced": against what the state would allow. */
  | {
      type: 'migration.resumed';
      siteIds: readonly SiteId[];
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
  /** The named sites are about to be swapped back. `automatic`: by the run itself, of --auto-rollback. */
  | {
      type: 'rollback.started';
      siteIds: readonly SiteId[];
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
  | { type: 'site.started'; siteId: SiteId; attempt: number }
  | { type: 'site.completed'; siteId: SiteId; rows: number; bytes: number }
  | { type: 'site.failed'; siteId: SiteId; error: ErrorRecord }
  | { type: 'site.timed_out'; siteId: SiteId; error: ErrorRecord }
  | { type: 'site.aborted'; siteId: SiteId; reason: string }
  | { type: 'site.skipped'; siteId: SiteId; reason: string }
  /** `tables`: from now on these are the site's, in place of the plan's. Written before anything is done about it. */
  | ({ type: 'drift.found'; tables?: readonly PlannedTable[] } & Drift)
  /** What was live before is live again. */
  | { type: 'site.rolled_back'; siteId: SiteId }
  /** From now on the site can't be rolled back: its previous tables are about to be dropped. */
  | { type: 'site.rollback_closed'; siteId: SiteId }
  | { type: 'step.started'; siteId: SiteId; step: StepName; attempt: number; resources?: readonly Resource[] }
  | { type: 'step.completed'; siteId: SiteId; step: StepName; data?: StepData }
  | {
      type: 'step.retried';
      siteId: SiteId;
      step: StepName;
      attempt: number;
      waitMs: number;
      error: ErrorRecord;
    }
  | { type: 'step.failed'; siteId: SiteId; step: StepName; error: ErrorRecord }
  /** One table of copy_tables is complete in staging; `copied` is what verify_tables holds it against. */
  | { type: 'table.copied'; siteId: SiteId; copied: CopiedTable }
  /** A table in staging is about to be dropped: what was said of it and of its chunks counts no more. */
  | { type: 'table.discarded'; siteId: SiteId; table: string }
  /** Part of a big table is in staging; its `table.copied` takes the place of all of these. */
  | { type: 'chunk.copied'; siteId: SiteId; chunk: CopiedChunk }
  /** The rows of a chunk in staging are about to be deleted: what was said of it counts no more. */
  | { type: 'chunk.discarded'; siteId: SiteId; table: string; from: string | null; to: string | null }
  | { type: 'step.skipped'; siteId: SiteId; step: StepName; reason: string }
  | { type: 'resource.removed'; siteId: SiteId; resources: readonly Resource[] }
  /** What was tried of the target as a whole, and of one site. */
  | { type: 'migration.validated'; results: readonly ValidationResult[] }
  | { type: 'site.validated'; siteId: SiteId; results: readonly ValidationResult[] }
  /** A hook's command is about to be run. */
  | { type: 'hook.started'; hook: SiteHook; siteId: SiteId }
  | { type: 'hook.started'; hook: 'after_run' }
  | ({ type: 'hook.ended'; hook: SiteHook; siteId: SiteId } & HookEnd)
  | ({ type: 'hook.ended'; hook: 'after_run' } & HookEnd)
  | { type: 'undo.failed'; siteId: SiteId; step: StepName; error: ErrorRecord };

export type EventType = MigrationEvent['type'];
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the journal. `seq` counts from 1 without gaps. `at` is ISO 8601 in UTC. `correlationId` names the run
 *  and, for a site's events, the site: it is in every line, log text and error report of that piece of work. */
export type Recorded = {
  readonly seq: number;
  readonly at: string;
  readonly level: EventLevel;
  readonly correlationId: string;
  /** Hash of the line before; see chain.ts. Absent in journals of older versions. */
  readonly prev?: string;
} & MigrationEvent;

const LEVELS: Partial<Record<EventType, EventLevel>> = {
  'table.copied': 'debug',
  'table.discarded': 'debug',
  'chunk.copied': 'debug',
  'chunk.discarded': 'debug',
  'migration.draining': 'warn',
  'migration.closed': 'warn',
  'rollback.started': 'warn',
  'phase.failed': 'error',
  'site.failed': 'error',
  'site.timed_out': 'error',
  'site.aborted': 'warn',
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
  if (event.type === 'site.validated' || event.type === 'migration.validated')
    return event.results.some(isTrouble) ? 'error' : 'debug';
  if (event.type === 'migration.ended' && event.status !== 'completed') return 'warn';
  return LEVELS[event.type] ?? 'info';
}

/** Progress for displays. Never journaled: nothing that a resume needs may be a tick. `rows` and `bytes` are what
 *  has landed since the last tick of that site. */
export interface Tick {
  readonly siteId: SiteId;
  readonly step: StepName;
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}
