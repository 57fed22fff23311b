import type { Executor } from '../executors/executor.ts';
import type { Finding } from '../lib/finding.ts';
import type { ObjectCache } from '../migration/cache.ts';
import type { Pace } from '../migration/concurrency.ts';
import type { FileHashes, ResumeMode } from '../migration/events.ts';
import type { Hooks } from '../migration/hooks.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import type { Recorder } from '../migration/recorder.ts';
import type { PhaseName, TaskId } from '../migration/words.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { OwnTables } from '../site/own-tables.ts';
import type { SiteOutcome } from '../site/run-site.ts';
import type { SiteTask } from '../site/site-task.ts';
import type { ProbeSettings } from './probe-sites.ts';

/** One of the five stages of a migration. Runs once in a run, after the one before it has ended. */
export interface Phase {
  readonly name: PhaseName;
  /** The reason to leave the phase out, or null. */
  reasonToSkip?(context: PhaseContext): string | null;
  /** Rejects when the migration can't go on. */
  run(context: PhaseContext): Promise<void>;
}

export interface PhaseContext {
  readonly plan: Plan;
  /** What to work on now: all of the plan, or what a resume has left. In the plan's order. */
  readonly taskIds: readonly TaskId[];
  /** How a resume was asked for; null for a new run. */
  readonly resumed: {
    readonly mode: ResumeMode;
    readonly forced: boolean;
    /** What was accepted to resume it. */
    readonly warnings: readonly Finding[];
  } | null;
  readonly policy: RunPolicy;
  /** How many sites may be in flight when it begins. */
  readonly pace: Pace;
  readonly findings: readonly Finding[];
  readonly recorder: Recorder;
  /** Of the files that say what the run does. */
  readonly files: FileHashes;
  /** Tells the target how far the journal is. */
  announce(): Promise<void>;
  readonly executor: Executor;
  /** Carries out at the target what belongs to no site. Waits for a server that is gone, so the deed may be called
   *  several times. */
  onTarget<T>(deed: (target: DatabaseConnection) => Promise<T>): Promise<T>;
  readonly ownTables: OwnTables;
  readonly hooks: Hooks;
  /** null: without --health-check. */
  readonly probes: ProbeSettings | null;
  /** null: the target has none that the configuration knows. */
  readonly cache: ObjectCache | null;
  /** Reads at the source what belongs to no site. Tried once. */
  onSource<T>(deed: (source: DatabaseConnection) => Promise<T>): Promise<T>;
  runSite(task: SiteTask): Promise<SiteOutcome>;
  /** Aborts when the run drains: start nothing more. */
  readonly signal: AbortSignal;
}
