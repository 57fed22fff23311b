import type { SiteTask } from '../site/site-task.ts';
import type { Executor } from './executor.ts';
import type { Slot, Slots } from './slots.ts';

/** Runs the tasks in this process, as many at once as there are slots. */
export function createLocalExecutor(slots: Slots): Executor {
  return {
    async run(tasks, { mayStart, runTask, signal }) {
      // Whoever waits for a slot may wait for hours, while starts are paused; a reason to stop must reach it.
      const stop = new AbortController();
      const stopped = AbortSignal.any([signal, stop.signal]);
      const running = new Set<Promise<void>>();
      let failure: { error: unknown } | null = null;
      const runIn = async (held: Slot, task: SiteTask): Promise<void> => {
        using _slot = held;
        await runTask(task).catch((error: unknown) => {
          failure ??= { error };
        });
        if (failure || !mayStart()) stop.abort();
      };
      for (const task of tasks) {
        const slot = await slots.take(stopped);
        if (!slot) break;
        if (failure || !mayStart()) {
          slot[Symbol.dispose]();
          break;
        }
        const run = runIn(slot, task).finally(() => running.delete(run));
        running.add(run);
      }
      await Promise.all(running);
      if (failure) throw (failure as { error: unknown }).error;
    },
  };
}
