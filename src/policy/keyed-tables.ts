// The tables in which WordPress keeps anything by name.

import { compileMatcher } from './match-value.ts';
import { findColumn, type RowAction, type TreatedRow, type TreatedTable } from './row-rule.ts';

const COLUMNS: ReadonlyMap<string, readonly [name: string, value: string]> = new Map([
  ['options', ['option_name', 'option_value']],
  ...['sitemeta', 'blogmeta', 'postmeta', 'usermeta', 'commentmeta', 'termmeta'].map(
    (table): [string, [string, string]] => [table, ['meta_key', 'meta_value']],
  ),
]);

/** The settings of a site and of the network. */
export const SETTINGS: readonly string[] = ['options', 'sitemeta', 'blogmeta'];

/** What becomes of a value: the same object, or what takes its place. */
export type EditValue = (value: Buffer, name: string, row: TreatedRow) => Buffer;

/** An action on the values with one of these names (`*` stands for any text; null: all of them), in one of these tables;
 *  null: this table is none of them. */
export function editKeyed(
  table: TreatedTable,
  tables: readonly string[],
  names: readonly string[] | null,
  edit: EditValue,
): RowAction | null {
  const [nameColumn, valueColumn] = (tables.includes(table.name) && COLUMNS.get(table.name)) || ['', ''];
  const nameAt = findColumn(table, table.name, nameColumn);
  const valueAt = findColumn(table, table.name, valueColumn);
  if (nameAt === null || valueAt === null) return null;
  const matches = names === null ? null : compileMatcher(names);
  return row => {
    if (row.isNull(nameAt) || row.isNull(valueAt) || row.starts[valueAt] === row.ends[valueAt]) return 0;
    if (matches && !matches(row, nameAt)) return 0;
    const value = row.value(valueAt);
    const edited = edit(value, row.value(nameAt).toString('latin1'), row);
    if (edited === value) return 0;
    row.replace(valueAt, edited);
    return 1;
  };
}

export const NOTHING = Buffer.alloc(0);

export const blank: EditValue = () => NOTHING;

/** null: none of them has anything to do. */
export function joinActions(actions: readonly (RowAction | null)[]): RowAction | null {
  const all = actions.filter(action => action !== null);
  if (all.length <= 1) return all[0] ?? null;
  return row => {
    let values = 0;
    for (const act of all) {
      const done = act(row);
      if (done < 0) return done;
      values += done;
    }
    return values;
  };
}
