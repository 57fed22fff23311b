import type { PlannedSite } from '../migration/plan.ts';
import { NETWORK, type SiteId } from '../migration/words.ts';
import { sitePrefix } from '../mysql/table-names.ts';

/** Makes the function that tells with which unit a table of the target is swapped: of a numbered site all with its number
 *  are, also those that the plan doesn't know; else only those of the plan. undefined: it stays. */
export function createFindUnit(
  targetPrefix: string,
  units: readonly Pick<PlannedSite, 'siteId' | 'tables'>[],
): (table: string) => SiteId | undefined {
  const planned = new Map(
    units.flatMap(unit => unit.tables.map(table => [table.target, unit.siteId] as const)),
  );
  const numbered = new Map(
    units
      .filter(({ siteId, tables }) => siteId !== NETWORK && siteId !== 1 && tables.length > 0)
      .map(({ siteId }) => [sitePrefix(targetPrefix, siteId), siteId]),
  );
  return table => {
    const known = planned.get(table);
    if (known !== undefined || !table.startsWith(targetPrefix)) return known;
    const end = table.indexOf('_', targetPrefix.length);
    return numbered.get(table.slice(0, end + 1));
  };
}
