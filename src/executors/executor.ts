import type { SiteTask } from '../site/site-task.ts';

/** Decides where and when site tasks run; what they do is not its business. */
export interface Executor {
  /** Starts the tasks in order, as many at once as it thinks right, and resolves when none is running any more. Takes a
   *  task from `tasks` only when the one before it was started. Before each start `mayStart` is asked; after a "no", or
   *  when `signal` aborts, nothing more is started. A task that rejects stops the starting too, and its error is thrown
   *  once the others have ended. Called again only after it has resolved or rejected. */
  run(tasks: Iterable<SiteTask>, work: ExecutorWork): Promise<void>;
}

export interface ExecutorWork {
  /** Also asked when a task ends: a "no" must not wait for the next start. */
  mayStart(): boolean;
  runTask(task: SiteTask): Promise<void>;
  /** Aborts when the run drains. */
  readonly signal: AbortSignal;
}
