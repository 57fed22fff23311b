import type { Unit } from '../migration/list-units.ts';
import { findSiteId } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { sitePrefix } from '../mysql/table-names.ts';

/** Makes the function that tells with which unit a table of the target is swapped: of a numbered site all with its number
 *  are, also those that the plan doesn't know; else only those of the plan. undefined: it stays. */
export function createFindUnit(
  targetPrefix: string,
  units: readonly Pick<Unit, 'taskId' | 'tables'>[],
): (table: string) => TaskId | undefined {
  const planned = new Map(
    units.flatMap(unit => unit.tables.map(table => [table.target, unit.taskId] as const)),
  );
  const numbered = new Map(
    units
      .filter(({ tables }) => tables.length > 0)
      .flatMap(({ taskId }) => {
        const siteId = findSiteId(taskId) ?? 1;
        return siteId === 1 ? [] : [[sitePrefix(targetPrefix, siteId), taskId] as const];
      }),
  );
  return table => {
    const known = planned.get(table);
    if (known !== undefined || !table.startsWith(targetPrefix)) return known;
    const end = table.indexOf('_', targetPrefix.length);
    return numbered.get(table.slice(0, end + 1));
  };
}
