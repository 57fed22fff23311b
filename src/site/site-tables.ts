import type { Plan, PlannedTable } from '../migration/plan.ts';
import { findSiteId } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { readTableNames } from '../mysql/catalog.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { RecentTableNames } from '../mysql/recent-table-names.ts';
import { sitePrefix } from '../mysql/table-names.ts';
import { listStaying } from './staying-tables.ts';

/** The site's tables in a database of the target: live or previous ones. Of a numbered site all with its number, also
 *  those that the plan doesn't know, but for those that the plan says will stay. Site 1 and the network share their prefix with every other table, so there only
 *  those of the plan. `recent`: of those that the plan doesn't know, what was there a moment ago will do. */
export async function listSiteTables(
  target: DatabaseConnection,
  database: string,
  plan: Plan,
  site: { readonly taskId: TaskId; readonly tables: readonly PlannedTable[] },
  recent?: RecentTableNames,
): Promise<string[]> {
  const planned = site.tables.map(table => table.target);
  const names = await readTableNames(target, database, planned);
  const siteId = findSiteId(site.taskId);
  if (siteId === null || siteId === 1) return [...names];
  const prefix = sitePrefix(plan.target.tablePrefix, siteId);
  const all = recent
    ? await recent.startingWith(target, database, prefix)
    : await readTableNames(target, database, { prefix });
  const staying = listStaying(plan);
  return [...new Set([...names, ...all])].filter(name => !staying.has(name));
}
