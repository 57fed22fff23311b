// F16 Columns that only the target has, as its extensions make them: rows of it that stay keep their values of them.

import type { DatabaseConnection } from '../mysql/client.ts';
import { parseDefinition } from '../mysql/definition/parse-definition.ts';
import type { TableName } from '../mysql/loader.ts';
import type { Column } from '../mysql/read-columns.ts';
import { readDefinition } from '../mysql/read-definition.ts';
import { quoteName } from '../mysql/table-names.ts';

/** Names of columns are the same in any letter case. */
export const fold = (name: string): string => name.toLowerCase();

/** Those of `live` that `staged` lacks. When a row came and went there says nothing about a row that travels. */
export function findOwnColumns(live: readonly Column[], staged: readonly Column[]): Column[] {
  const known = new Set(staged.map(column => fold(column.name)));
  return live.filter(column => column.period === undefined && !known.has(fold(column.name)));
}

/** Gives the staged table these columns of the live one, defined as they are there, with the keys that they are in. An
 *  ALTER, so no part of a transaction. */
export async function addOwnColumns(
  target: DatabaseConnection,
  { live, staged }: { readonly live: TableName; readonly staged: TableName },
  own: readonly Column[],
): Promise<void> {
  const text = await readDefinition(target, live);
  const { columns, keys } = parseDefinition(text);
  const names = new Set(own.map(column => fold(column.name)));
  const clauses = [
    ...columns.filter(({ name }) => names.has(fold(name))).map(part => ({ what: 'ADD COLUMN', part })),
    ...keys
      .filter(({ kind, over }) => kind !== 'primary' && over.some(parts => isNamed(parts[0]?.value ?? '')))
      .map(part => ({ what: 'ADD', part })),
  ].map(({ what, part }) => `${what} ${text.slice(part.start, part.end)}`);
  await target.execute(`ALTER TABLE ${quoteName(staged.database, staged.name)} ${clauses.join(', ')}`);

  function isNamed(column: string): boolean {
    return names.has(fold(column));
  }
}
