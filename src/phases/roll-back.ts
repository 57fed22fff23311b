// The way back: what was live before is live again, unit by unit. Asked for by hand, or by a run that has gone wrong.

import { hostname } from 'node:os';
import { canRollBack } from '../migration/fold-task.ts';
import { listUnits } from '../migration/list-units.ts';
import { listTasks, type MigrationState } from '../migration/state.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { ROLLBACK_STEPS, type SiteTask } from '../site/site-task.ts';
import { makeTask } from './make-task.ts';
import type { PhaseContext } from './phase.ts';

export type RollbackContext = Pick<PhaseContext, 'plan' | 'recorder' | 'executor' | 'runSite' | 'signal'>;

export interface RollbackOptions {
  /** By the run itself, of --auto-rollback. */
  readonly automatic: boolean;
  /** Told of each unit when it is through. */
  onEnd?(taskId: TaskId, isRolledBack: boolean): void;
}

/** Rolls the named units back, several at once. One that fails doesn't stop the others, and stays as it is. The network
 *  tables come first: a site that is about to go should not be offered any more. Resolves with what is not rolled back. */
export async function rollBack(
  context: RollbackContext,
  taskIds: readonly TaskId[],
  { automatic, onEnd }: RollbackOptions,
): Promise<TaskId[]> {
  const { plan, recorder, executor, runSite, signal } = context;
  const wanted = new Set(taskIds);
  const whoami = { pid: process.pid, host: hostname() };
  await recorder.record({ type: 'rollback.started', taskIds, automatic, ...whoami });
  const tasks = listUnits(plan)
    .filter(unit => wanted.has(unit.taskId))
    .map(({ taskId, tables }): SiteTask => {
      const task = makeTask(recorder.state, taskId, tables, ROLLBACK_STEPS);
      return { ...task, takesBack: true };
    });
  const left = new Set(taskIds);
  const runTask = async (task: SiteTask): Promise<void> => {
    const outcome = await runSite(task);
    if (outcome === 'completed') left.delete(task.taskId);
    if (outcome !== 'aborted') onEnd?.(task.taskId, outcome === 'completed');
  };
  const [first] = tasks;
  if (first?.taskId === NETWORK && !signal.aborted) await runTask(first);
  await executor.run(
    tasks.filter(task => task.taskId !== NETWORK),
    { mayStart: () => !signal.aborted, runTask, signal },
  );
  signal.throwIfAborted();
  return [...left];
}

/** What the run has cut over and can take back, as far as its journal knows. */
export function listRollable(state: MigrationState): TaskId[] {
  return listTasks(state).flatMap(([taskId, task]) => (canRollBack(task) ? [taskId] : []));
}
