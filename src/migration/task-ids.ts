// The tasks of a network: its own tables, and each of its sites.

import type { SiteId, TaskId } from './words.ts';

/** The network tables travel like a site. */
export const NETWORK = 'network' as TaskId;

export function taskOf(siteId: SiteId): TaskId {
  return `site:${siteId}` as TaskId;
}

/** null: a task that is no site. */
export function findSiteId(taskId: TaskId): SiteId | null {
  return taskId.startsWith('site:') ? Number(taskId.slice('site:'.length)) : null;
}

/** Of a task that is a site. */
export function siteIdOf(taskId: TaskId): SiteId {
  const siteId = findSiteId(taskId);
  if (siteId === null) throw new Error(`${taskId} is no site`);
  return siteId;
}

/** The number that the target's own tables know the task by. WordPress numbers its blogs from 1, so 0 is free for the
 *  network tables. */
export function rowIdOf(taskId: TaskId): number {
  return findSiteId(taskId) ?? 0;
}

export function taskOfRow(rowId: number): TaskId {
  return rowId === 0 ? NETWORK : taskOf(rowId);
}
