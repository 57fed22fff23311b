// Network tables that rows of the target's own are to stay in, beside those that were copied.

import type { Plan, PlannedTable } from './plan.ts';
import { NETWORK } from './task-ids.ts';
import type { TaskId } from './words.ts';

interface UsersPlan extends Pick<Plan, 'users'> {
  readonly target: Pick<Plan['target'], 'tablePrefix'>;
}

const BLOG_TABLES = new Set(['blogs', 'blogmeta']);
const MERGED = new Set(['site', 'sitemeta']);
const MERGED_USERS = new Set(['users', 'usermeta']);

const suffixOf = ({ target }: UsersPlan, table: PlannedTable): string =>
  table.target.slice(target.tablePrefix.length);

/** May it also hold rows of blogs that stayed, which their id tells from the others? */
export function holdsRowsOfBlogs(plan: UsersPlan, taskId: TaskId, table: PlannedTable): boolean {
  return taskId === NETWORK && BLOG_TABLES.has(suffixOf(plan, table));
}

/** May rows of the target's own (networks, protected settings, users) stand among the copied ones or in their place, so
 *  that nobody can tell what it should hold? */
export function holdsRowsOfTarget(plan: UsersPlan, taskId: TaskId, table: PlannedTable): boolean {
  const suffix = suffixOf(plan, table);
  if (taskId !== NETWORK) return false;
  return MERGED.has(suffix) || (plan.users?.merge !== undefined && MERGED_USERS.has(suffix));
}

/** Do rows of the target's own join those that were copied, whether or not they can be told from them? Then it has the
 *  target's own columns as well. */
export function isJoinedByTarget(plan: UsersPlan, taskId: TaskId, table: PlannedTable): boolean {
  return holdsRowsOfBlogs(plan, taskId, table) || holdsRowsOfTarget(plan, taskId, table);
}
