// Tables whose rows lie elsewhere: on another server, in a bucket, in other tables. Copied as other tables are, a FEDERATED
// table would be a second link to the same remote table, and what is written to the copy would arrive there.

import { list } from '../lib/text.ts';
import type { Hazard } from '../migration/plan.ts';
import type { TaskId } from '../migration/words.ts';
import type { CatalogTable } from '../mysql/catalog.ts';
import {
  describeNamed,
  hasRowsElsewhere,
  isMerge,
  keepsRows,
  type NamedTable,
} from '../mysql/definition/find-leads.ts';
import { isWordPressTable } from '../mysql/table-names.ts';
import type { EndFacts } from './read-ends.ts';

/** A table of a unit, with its name without prefix and blog id. */
export interface UnitTable {
  readonly table: CatalogTable;
  readonly suffix: string;
}

export interface LeftTable extends UnitTable {
  readonly taskId: TaskId;
  /** What its rows are, after "its". */
  readonly reason: string;
}

/** Tables of one unit, divided into those that travel and those that are left. A MERGE table travels with the tables that
 *  it is made of, without rows of its own. */
export function divideTables<T extends UnitTable>(
  taskId: TaskId,
  tables: readonly T[],
  { definitions }: EndFacts,
): { readonly travelling: T[]; readonly left: LeftTable[] } {
  const left: LeftTable[] = [];
  const names = new Set(tables.filter(({ table }) => keepsRows(table.engine)).map(({ table }) => table.name));
  const travelling = tables.filter(({ table, suffix }) => {
    const reason = explainElsewhere(
      table,
      names,
      definitions && (definitions.facts.get(table.name)?.union ?? []),
    );
    if (reason !== null) left.push({ table, suffix, taskId, reason });
    return reason === null;
  });
  return { travelling, left };
}

/** `union`: of a MERGE table the tables that it is made of, undefined where nobody knows. null: its rows, or those of the
 *  tables that it is made of, travel. */
function explainElsewhere(
  { engine, damage }: CatalogTable,
  names: ReadonlySet<string>,
  union: readonly NamedTable[] | undefined,
): string | null {
  if (hasRowsElsewhere(engine))
    return `rows lie elsewhere (${engine}${damage === undefined ? '' : `: ${damage}`})`;
  if (!isMerge(engine)) return null;
  const outside = union?.filter(({ database, name }) => database !== undefined || !names.has(name));
  if (outside?.length === 0) return null;
  const where = outside ? `: ${list(outside.map(describeNamed))}` : '';
  return `rows are those of tables that don't travel with it (${engine}${where})`;
}

/** Without one of WordPress's own tables a site isn't one; without a plugin's it is. */
export function findRowsElsewhere(left: readonly LeftTable[]): Hazard[] {
  const told = (isCore: boolean): LeftTable[] =>
    left.filter(({ suffix }) => isWordPressTable(suffix) === isCore);
  const describe = (tables: readonly LeftTable[]): string =>
    list(tables.map(({ table, reason }) => `${table.name}, whose ${reason}`));
  const sitesOf = (tables: readonly LeftTable[]): TaskId[] => [
    ...new Set(tables.map(({ taskId }) => taskId)),
  ];
  const [core, others] = [told(true), told(false)];
  const hazards: Hazard[] = [];
  if (core.length > 0) {
    hazards.push({
      code: 'core_rows_elsewhere',
      blocking: true,
      message: `WordPress's own tables can't be copied: ${describe(core)}.`,
      hint: 'Give them an engine of their own at the source, or leave these sites out with --accept core_rows_elsewhere.',
      taskIds: sitesOf(core),
    });
  }
  if (others.length > 0) {
    hazards.push({
      code: 'rows_elsewhere',
      blocking: false,
      message: `Left at the source, neither rows nor link: ${describe(others)}. What the target has under these names stays as it is.`,
      hint: 'Make them at the target by hand, with a link that leads where the target may write.',
      taskIds: sitesOf(others),
    });
  }
  return hazards;
}
