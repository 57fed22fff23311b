import type {
  CopiedChunk,
  CopiedTable,
  Drift,
  Resource,
  StepData,
  StepTraits,
  Tick,
} from '../migration/events.ts';
import type { SiteHook } from '../migration/hooks.ts';
import type { Plan, PlannedTable, VerifyMode } from '../migration/plan.ts';
import type { StepName } from '../migration/words.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { KeyRange } from '../mysql/key-ranges.ts';
import type { KnownColumns } from '../mysql/known-columns.ts';
import type { TableName } from '../mysql/loader.ts';
import type { RecentTableNames } from '../mysql/recent-table-names.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import type { TreatTable } from './create-treat-table.ts';
import type { OwnTables } from './own-tables.ts';
import type { SiteConnections } from './site-connections.ts';
import type { SiteTask } from './site-task.ts';
import type { StagedDefinitions } from './staged-definitions.ts';
import type { StagedProof } from './staged-proof.ts';

/** One deed of a site's migration. A step may be run again after it failed or was cut off at any point: it begins by
 *  removing its own leavings. It runs once at a time for a site. */
export interface Step {
  readonly name: StepName;
  /** Goes on when the run drains or the deadline passes: broken off, nobody would know how far it came. Only when it
   *  stands still is it broken off, and then isDone tells. Or it ends by itself when `signal` aborts. */
  readonly uninterruptible?: true;
  /** Changes nothing, unless an event of its own is on the disk before: that the step has begun needn't be. */
  readonly readsOnly?: true;
  /** Absent: it has none. */
  readonly traits?: StepTraits;
  /** What the step will make. Written to the journal before the step runs, so that nothing is ever made that the
   *  journal doesn't know. */
  resources?(context: StepContext): readonly Resource[] | Promise<readonly Resource[]>;
  /** Rejects with a MigrationError or the driver's error. On abort of `context.signal` it rejects soon. */
  run(context: StepContext): Promise<StepData | undefined>;
  /** Only for a deed that must not be repeated: was it done already? Asks the database, not the journal. Called before
   *  `resources`. */
  isDone?(context: StepContext): Promise<boolean>;
}

/** What is left of the run's concurrency when no site waits for it. */
export interface SpareSlots {
  /** null: there is none. Disposing of it gives it back. */
  tryTake(): Disposable | null;
  /** Somebody waits for one, or there are fewer now: one that was taken here should be given back soon. */
  readonly isScarce: boolean;
}

export interface StepContext {
  readonly plan: Plan;
  readonly task: SiteTask;
  /** Steps that are done, with what they left: they are not run again. */
  readonly finished: Readonly<Partial<Record<StepName, StepData>>>;
  /** Which time this task is tried, from 1. */
  readonly attempt: number;
  readonly connections: SiteConnections;
  readonly rewriter: Rewriter;
  readonly treatTable: TreatTable;
  readonly ownTables: OwnTables;
  readonly proof: StagedProof;
  /** Shared by all sites of the run. */
  readonly knownColumns: KnownColumns;
  /** Of the target, shared as well. */
  readonly recentNames: RecentTableNames;
  readonly recentSourceNames: RecentTableNames;
  readonly verify: VerifyMode;
  readonly skipBackup: boolean;
  readonly signal: AbortSignal;
  /** The tables that are complete in staging, by name; copy_tables fills it, through `copied` and `discarded`. */
  readonly copiedTables: ReadonlyMap<string, CopiedTable>;
  readonly stagedDefinitions: StagedDefinitions;
  /** The parts that are in staging of a table that isn't complete there; copy_tables keeps them, through `chunkCopied`,
   *  `chunkDiscarded`, `copied` and `discarded`. */
  copiedChunks(table: string): readonly CopiedChunk[];
  /** Tables larger than a few times this are copied in parts of about this size. */
  readonly chunkBytes: number;
  readonly spareSlots: SpareSlots;
  /** Of the cutover that was begun last, the live tables that it was to move away; null: none was begun. */
  readonly outgoing: readonly string[] | null;
  /** An attempt at taking the cutover back was announced. */
  readonly undoBegun: boolean;
  /** Says that a table is complete in staging. */
  copied(table: Omit<CopiedTable, 'key'>): void;
  /** Says that a complete table, or one with chunks, is about to be dropped. Resolves when that is on the disk. */
  discarded(table: string): Promise<void>;
  /** Says that a part of a table is in staging, and stays there. */
  chunkCopied(chunk: Omit<CopiedChunk, 'key' | 'within'>): void;
  /** Says that the rows of a part are about to be deleted. Resolves when that is on the disk. */
  chunkDiscarded(table: string, range: KeyRange): Promise<void>;
  /** For the cutover: a table that must be part of the same RENAME, and that is gone once another run has taken over. */
  useFence<T>(deed: (fence: TableName) => Promise<T>): Promise<T>;
  tick(tick: Omit<Tick, 'taskId' | 'step'>): void;
  /** For statements that take the target's server long: as long as it is at work on one, the step doesn't stand still. */
  watchTarget<T>(deed: (target: DatabaseConnection) => Promise<T>): Promise<T>;
  /** Runs the hook's command for this site, if there is one. It has a time limit of its own. */
  runHook(hook: SiteHook): Promise<void>;
  /** Says that the source is no longer what the plan says. `tables`: the site's for the steps that follow, and for every
   *  later attempt. Resolves when that is on the disk. */
  drifted(drift: Omit<Drift, 'taskId'> & { readonly tables?: readonly PlannedTable[] }): Promise<void>;
  /** Ends the site's task after this step: there is nothing to do. */
  skipSite(reason: string): void;
  /** Says that resources are gone. */
  removed(resources: readonly Resource[]): Promise<void>;
}
