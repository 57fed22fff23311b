import type { ValidationResult } from './validation.ts';
import type { TaskId } from './words.ts';

/** The object cache of the target's WordPress, as the configuration says that it is flushed. */
export interface ObjectCache {
  /** Also flush it after each site. */
  readonly eachSite: boolean;
  /** A flush that fails fails the run. */
  readonly required: boolean;
  /** Flushes it, and looks whether it is. `taskId` null: of the whole target. Rejects only with the signal's reason. */
  flush(taskId: TaskId | null, signal?: AbortSignal): Promise<ValidationResult[]>;
}
