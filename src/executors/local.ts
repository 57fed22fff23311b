import type { Executor } from './executor.ts';

/** Runs the tasks in this process, `concurrency` of them at once. */
export function createLocalExecutor(concurrency: number): Executor {
  return {
    async run(tasks, { mayStart, runTask }) {
      // All lanes draw from one iterator: a task is made when its turn comes, not twenty thousand of them at the start.
      const queue = tasks[Symbol.iterator]();
      let failure: { error: unknown } | null = null;
      const runLane = async (): Promise<void> => {
        while (!failure && mayStart()) {
          const next = queue.next();
          if (next.done) return;
          await runTask(next.value).catch((error: unknown) => {
            failure ??= { error };
          });
        }
      };
      await Promise.all(Array.from({ length: concurrency }, runLane));
      if (failure) throw (failure as { error: unknown }).error;
    },
  };
}
