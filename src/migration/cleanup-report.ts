import type { MigrationId, TaskId } from './words.ts';

export interface RemovableUnit {
  readonly taskId: TaskId;
  /** null: the network tables. */
  readonly address: string | null;
  /** Tables in the previous database. Without them the unit can't be rolled back. */
  readonly previous: readonly string[];
  /** Tables in the staging database that the run left there. */
  readonly staging: readonly string[];
  /** With its removal a rollback of the unit ends. */
  readonly endsRollback: boolean;
}

/** What a run has made on its target and no longer needs. */
export interface Removable {
  /** Units that the run has made something for. */
  readonly units: readonly RemovableUnit[];
  /** `database.table` of tables that belong to no site any more: a crash kept them from being dropped. */
  readonly discarded: readonly string[];
  /** Why some of what the run made is not on the list. */
  readonly notices: readonly string[];
}

/** What `cleanup` would remove or has removed; plain JSON. The text is made from it. */
export interface CleanupReport extends Removable {
  readonly migrationId: MigrationId;
  readonly source: string;
  readonly target: string;
  readonly stagingDatabase: string;
  readonly previousDatabase: string;
  readonly carriedOut: boolean;
  /** What the run has left to do is given up with it: it can't be resumed any more. */
  readonly closes: boolean;
  /** Whether anything of the run can still be rolled back. */
  readonly rollbackAvailable: boolean;
}
