import type { Plan, PlannedTable } from '../migration/plan.ts';
import { NETWORK } from '../migration/words.ts';
import { readTableNames } from '../mysql/catalog.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { sitePrefix } from '../mysql/table-names.ts';

/** The site's tables in a database of the target: live or previous ones. Of a numbered site all with its number, also
 *  those that the plan doesn't know. Site 1 and the network share their prefix with every other table, so there only
 *  those of the plan. */
export async function listSiteTables(
  target: DatabaseConnection,
  database: string,
  plan: Plan,
  site: { readonly siteId: number; readonly tables: readonly PlannedTable[] },
): Promise<string[]> {
  const planned = site.tables.map(table => table.target);
  const names = await readTableNames(target, database, planned);
  if (site.siteId === NETWORK || site.siteId === 1) return [...names];
  const all = await readTableNames(target, database, {
    prefix: sitePrefix(plan.target.tablePrefix, site.siteId),
  });
  return [...new Set([...names, ...all])];
}
