import type { Plan, PlannedTable } from '../migration/plan.ts';

/** Names of the table's columns that are copied as they are. `rewrite.skipColumns` has them as `options.secret`, without
 *  prefix and blog id; `*` stands for any text. */
export function skippedColumns(
  plan: Plan,
  table: PlannedTable,
  columns: readonly { readonly name: string }[],
): Set<string> {
  const logical = table.target.slice(plan.target.tablePrefix.length).replace(/^\d+_/, '');
  const patterns = plan.skipColumns.map(
    pattern => new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`, 'i'),
  );
  return new Set(
    columns
      .map(column => column.name)
      .filter(name => patterns.some(pattern => pattern.test(`${logical}.${name}`))),
  );
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
