// What a copy left as it was in one table: counted by column and reason, with the keys of the first rows. However many
// values are left, the account stays small: it becomes one line of the journal.

import type { LeftReason as RewriterReason } from '../rewrite/rewriter.ts';
import type { Column } from './read-columns.ts';
import { describeKey, type Row } from './row.ts';

/** Why a column is never rewritten. `charset`: text in a character set such as utf16, in which the rewriter can't read;
 *  `enum`: its texts are part of the table's definition. */
export type UntouchedReason = 'skipped_column' | 'binary' | 'charset' | 'enum';

/** `too_long`: the new text doesn't fit the column. `hash`: by its name and look the hash of something, in a row in which
 *  something was rewritten, and nobody knows of what. `json_type`: JSON of MySQL with values in it that text can't carry. */
export type LeftReason = RewriterReason | UntouchedReason | 'too_long' | 'hash' | 'json_type';

/** Of one column, for one reason. Without values: a column that is never rewritten, and no source host was seen in it. */
export interface LeftValues {
  readonly column: string;
  readonly reason: LeftReason;
  readonly values: number;
  /** The first rows' keys, `option_id=12`; of a table without one their numbers in reading order. */
  readonly keys: readonly string[];
}

const KEYS_PER_GROUP = 10;
/** Of a table with very many columns only the first groups get more than one key. */
const KEYS_PER_TABLE = 200;

/** Of several parts of one table, in the order of its rows: what one copy of all of them would say. */
export function addLeft(parts: readonly (readonly LeftValues[])[]): LeftValues[] {
  const groups = new Map<string, { column: string; reason: LeftReason; values: number; keys: string[] }>();
  let keys = 0;
  for (const left of parts.flat()) {
    const name = `${left.reason} ${left.column}`;
    const group = groups.get(name) ?? { column: left.column, reason: left.reason, values: 0, keys: [] };
    groups.set(name, group);
    group.values += left.values;
    const most = keys < KEYS_PER_TABLE ? KEYS_PER_GROUP : 1;
    const added = left.keys.slice(0, Math.max(0, most - group.keys.length));
    group.keys.push(...added);
    keys += added.length;
  }
  return [...groups.values()];
}

export class LeftValuesCounter {
  readonly #columns: readonly Column[];
  readonly #groups = new Map<
    string,
    { column: string; reason: LeftReason; values: number; keys: string[] }
  >();
  #keys = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  get groups(): readonly LeftValues[] {
    return [...this.#groups.values()];
  }

  /** Says that the column is never rewritten, whether or not it will hold anything of the source. */
  declare(index: number, reason: UntouchedReason): void {
    this.#groupOf(index, reason);
  }

  /** Counts the row's value in the column of this index. Call it when the row has its new key. */
  add(row: Row, index: number, reason: LeftReason, rowNumber: number): void {
    const group = this.#groupOf(index, reason);
    group.values++;
    const most = this.#keys < KEYS_PER_TABLE ? KEYS_PER_GROUP : 1;
    if (group.keys.length >= most) return;
    group.keys.push(describeKey(row, this.#columns) ?? `row ${rowNumber} (no primary key)`);
    this.#keys++;
  }

  #groupOf(index: number, reason: LeftReason) {
    const name = `${index} ${reason}`;
    let group = this.#groups.get(name);
    if (!group) {
      group = { column: this.#columns[index]!.name, reason, values: 0, keys: [] };
      this.#groups.set(name, group);
    }
    return group;
  }
}
