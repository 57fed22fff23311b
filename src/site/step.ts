import type { CopiedTable, Resource, StepData, Tick } from '../migration/events.ts';
import type { Plan, VerifyMode } from '../migration/plan.ts';
import type { StepName } from '../migration/words.ts';
import type { TableName } from '../mysql/loader.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import type { SiteConnections } from './site-connections.ts';
import type { SiteTask } from './site-task.ts';

/** One deed of a site's migration. A step may be run again after it failed or was cut off at any point: it begins by
 *  removing its own leavings. It runs once at a time for a site. */
export interface Step {
  readonly name: StepName;
  /** Goes on when the run drains or the deadline passes: broken off, nobody would know how far it came. It must bound
   *  its own time. */
  readonly uninterruptible?: true;
  /** What the step will make. Written to the journal before the step runs, so that nothing is ever made that the
   *  journal doesn't know. */
  resources?(context: StepContext): readonly Resource[] | Promise<readonly Resource[]>;
  /** Rejects with a MigrationError or the driver's error. On abort of `context.signal` it rejects soon. */
  run(context: StepContext): Promise<StepData | undefined>;
  /** Only for a deed that must not be repeated: was it done already? Asks the database, not the journal. Called before
   *  `resources`. */
  isDone?(context: StepContext): Promise<boolean>;
}

export interface StepContext {
  readonly plan: Plan;
  readonly task: SiteTask;
  readonly connections: SiteConnections;
  readonly rewriter: Rewriter;
  readonly verify: VerifyMode;
  readonly skipBackup: boolean;
  readonly signal: AbortSignal;
  /** The tables that are complete in staging, by name; copy_tables fills it, through `copied` and `discarded`. */
  readonly copiedTables: ReadonlyMap<string, CopiedTable>;
  /** Of the cutover that was begun last, the live tables that it was to move away; null: none was begun. */
  readonly outgoing: readonly string[] | null;
  /** An attempt at taking the cutover back was announced. */
  readonly undoBegun: boolean;
  /** Says that a table is complete in staging. */
  copied(table: CopiedTable): void;
  /** Says that a complete table is about to be dropped. Resolves when that is on the disk. */
  discarded(table: string): Promise<void>;
  /** For the cutover: a table that must be part of the same RENAME, and that is gone once another run has taken over. */
  useFence<T>(deed: (fence: TableName) => Promise<T>): Promise<T>;
  tick(tick: Omit<Tick, 'siteId' | 'step'>): void;
  /** Says that resources are gone. */
  removed(resources: readonly Resource[]): Promise<void>;
}
