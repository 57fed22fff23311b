import { compileWildcard } from '../lib/wildcard.ts';

/** Which of the table's columns some patterns of the configuration mean, by name. They read `options.secret`; `*` stands
 *  for any text. `table`: without prefix and blog id, as nameLogically has it. */
export function findColumns(
  patterns: readonly string[],
  table: string,
  columns: readonly { readonly name: string }[],
): Set<string> {
  const expressions = patterns.map(pattern => compileWildcard(pattern));
  return new Set(
    columns
      .map(column => column.name)
      .filter(name => expressions.some(expression => expression.test(`${table}.${name}`))),
  );
}
