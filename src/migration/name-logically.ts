import type { Plan } from './plan.ts';
import { findSiteId } from './task-ids.ts';
import type { TaskId } from './words.ts';

/** `wp_43_posts` of site 43 → `posts`. What looks like a number in a table of site 1 or of the network is none. */
export function nameLogically(
  table: string,
  taskId: TaskId,
  { target }: { readonly target: Pick<Plan['target'], 'tablePrefix'> },
): string {
  const withoutPrefix = table.startsWith(target.tablePrefix) ? table.slice(target.tablePrefix.length) : table;
  const siteId = findSiteId(taskId) ?? 1;
  const number = `${siteId}_`;
  return siteId > 1 && withoutPrefix.startsWith(number) ? withoutPrefix.slice(number.length) : withoutPrefix;
}
