import type { TaskState } from './fold-task.ts';
import { countTasks, listTasks, type MigrationState, type TaskCounts } from './state.ts';
import { findSiteId } from './task-ids.ts';
import type { TaskId } from './words.ts';

export type SiteCounts = TaskCounts;

/** The tasks that are sites. */
export function listSiteTasks(state: Pick<MigrationState, 'tasks'>): [TaskId, TaskState][] {
  return listTasks(state).filter(([taskId]) => findSiteId(taskId) !== null);
}

/** How many sites stand in which status. The network tables are not counted. */
export function countSites(state: Pick<MigrationState, 'tasks'>): SiteCounts {
  return countTasks(listSiteTasks(state).map(([, task]) => task));
}
