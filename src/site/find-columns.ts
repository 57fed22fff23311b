import { compileWildcard } from '../lib/wildcard.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';

/** Which of the table's columns some patterns of the configuration mean, by name. They read `options.secret`, without
 *  prefix and blog id; `*` stands for any text. */
export function findColumns(
  patterns: readonly string[],
  plan: Plan,
  table: PlannedTable,
  columns: readonly { readonly name: string }[],
): Set<string> {
  const logical = table.target.slice(plan.target.tablePrefix.length).replace(/^\d+_/, '');
  const expressions = patterns.map(pattern => compileWildcard(pattern));
  return new Set(
    columns
      .map(column => column.name)
      .filter(name => expressions.some(expression => expression.test(`${logical}.${name}`))),
  );
}
