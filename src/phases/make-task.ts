import type { PlannedTable } from '../migration/plan.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import type { StepName, TaskId } from '../migration/words.ts';
import type { SiteTask } from '../site/site-task.ts';

/** The task for one unit of the plan, with all that earlier attempts have done of it. */
export function makeTask(
  state: MigrationState,
  taskId: TaskId,
  tables: readonly PlannedTable[],
  steps: readonly StepName[],
): SiteTask {
  const task = readTask(state, taskId);
  return { taskId, tables: task.amended?.tables ?? tables, steps, state: task };
}
