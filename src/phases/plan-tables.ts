// A site, and a table, as the plan has them.

import type { PlannedSite, PlannedTable } from '../migration/plan.ts';
import type { Blog, CatalogTable } from '../mysql/catalog.ts';
import { isMerge } from '../mysql/definition/find-leads.ts';
import { sitePrefix } from '../mysql/table-names.ts';
import { createFindEmptied } from '../policy/find-emptied.ts';
import type { PlanRequest } from './build-plan.ts';
import type { UnitTable } from './leave-elsewhere.ts';
import type { EndFacts } from './read-ends.ts';
import type { SpellTables } from './spell-tables.ts';

export interface Planning {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly spell: SpellTables['spell'];
}

export function planSite(
  blog: Blog,
  targetDomain: string,
  tables: readonly UnitTable[],
  planning: Planning,
): PlannedSite {
  const prefix = sitePrefix(planning.request.target.tablePrefix, blog.siteId);
  const planned = tables
    .map(({ table, suffix }) => planTable(table, prefix, suffix, planning))
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
  return {
    siteId: blog.siteId,
    domain: blog.domain,
    path: blog.path,
    targetDomain,
    tables: planned,
    ...addUp(planned),
  };
}

/** What travels of them. */
export function addUp(tables: readonly PlannedTable[]): { rows: number; sizeBytes: number } {
  const carried = tables.filter(table => table.emptiedBy === undefined);
  return { rows: sum(carried, table => table.rows), sizeBytes: sum(carried, table => table.sizeBytes) };
}

export function planTable(
  { name, engine, kind, rows, sizeBytes }: CatalogTable,
  targetPrefix: string,
  suffix: string,
  { request, source, spell }: Planning,
): PlannedTable {
  // A sequence has one row, which is its state.
  const emptiedBy = kind === 'sequence' ? null : createFindEmptied(request.treatment)(suffix);
  const { lost = [], refused = [] } = source.definitions?.facts.get(name) ?? {};
  const planned = {
    ...{ source: name, target: spell(targetPrefix + suffix), engine },
    ...(lost.length > 0 ? { lost } : {}),
    ...(refused.length > 0 ? { refused } : {}),
  };
  if (isMerge(engine)) return { ...planned, rows: 0, sizeBytes: 0, kind: 'merge' };
  return {
    ...planned,
    rows,
    sizeBytes,
    ...(kind === 'sequence' ? { kind } : {}),
    ...(emptiedBy === null ? {} : { emptiedBy }),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
