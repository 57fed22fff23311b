import pLimit from 'p-limit';
import type { Executor } from './executor.ts';

/** Runs the tasks in this process, `concurrency` of them at once. */
export function createLocalExecutor(concurrency: number): Executor {
  return {
    async run(tasks, { mayStart, runTask }) {
      const limit = pLimit(concurrency);
      let failure: { error: unknown } | null = null;
      await limit.map(tasks, async task => {
        if (failure || !mayStart()) return;
        await runTask(task).catch((error: unknown) => {
          failure ??= { error };
        });
      });
      if (failure) throw (failure as { error: unknown }).error;
    },
  };
}
