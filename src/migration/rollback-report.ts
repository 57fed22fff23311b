import type { ValidationResult } from './validation.ts';
import type { MigrationId, MigrationStatus, TaskId } from './words.ts';

/** `to_roll_back`: it can be. `refused`: it was cut over, and can't be rolled back any more. `failed`: it was tried, and
 *  can be tried again. */
export type RollbackStatus = 'to_roll_back' | 'rolled_back' | 'refused' | 'not_cut_over' | 'failed';

export interface RollbackUnit {
  readonly taskId: TaskId;
  /** null: the network tables. */
  readonly address: string | null;
  readonly status: RollbackStatus;
  /** Why it is refused, or failed; of one that was rolled back before: what has become of it since. */
  readonly reason: string | null;
  /** It was rolled back before this command, at this time; absent: it wasn't. */
  readonly backSince?: string;
  /** Live tables that come back, and those that go. A site that was new to the target has none that come back. */
  readonly comesBack: readonly string[];
  readonly goesAway: readonly string[];
}

/** What `rollback` would do or has done; plain JSON. The text is made from it. */
export interface RollbackReport {
  readonly migrationId: MigrationId;
  readonly source: string;
  readonly target: string;
  /** Of the run. */
  readonly status: MigrationStatus;
  readonly carriedOut: boolean;
  /** Whether anything of the run can still be rolled back. */
  readonly rollbackAvailable: boolean;
  /** Of the flush of the target's object cache, where the configuration has one. */
  readonly validationResults: readonly ValidationResult[];
  readonly units: readonly RollbackUnit[];
}
