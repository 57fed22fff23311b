// What becomes of rows on their way, besides the rewriting of hosts: some are left at the source, of others values are
// changed. A rule knows names and bytes, no server and no plan, and is asked once per table what it does there.
//
// To add a rule: write a `RowRule` in a file of its own, make it in list-rules.ts from what the plan says
// (planned-treatment.ts), and add that part to the plan where build-plan.ts gets its request. Nothing else: that it is
// counted, proven, part of the plan's digest and of what `--only-changed` compares follows from there.
//
//   const tagRule: RowRule = {
//     name: 'my_rule',
//     compile: table => {
//       const at = findColumn(table, 'posts', 'post_author');   // null: another table
//       return at === null ? null : row => (changeInteger(row, at, authors) ? 1 : 0);
//     },
//   };

import type { Buffer } from 'node:buffer';

/** A column, as far as rules look at it. */
export interface TreatedColumn {
  readonly name: string;
  /** Lower case, without length: `varchar`, `bigint`. */
  readonly dataType: string;
  /** In full: `decimal(10,2)`. */
  readonly columnType: string;
  readonly isText: boolean;
  /** Text in which ASCII characters stand as single bytes. */
  readonly isRewritable: boolean;
  readonly isBinary: boolean;
  readonly maxLength: number | null;
  readonly isGenerated: boolean;
}

/** A table whose rows are about to travel. */
export interface TreatedTable {
  /** As WordPress calls it, without prefix and blog id: `options`. */
  readonly name: string;
  /** Those that travel, in the row's order. */
  readonly columns: readonly TreatedColumn[];
}

/** A row between reading and rewriting: value i lies in `buffers[i][starts[i]..ends[i])`, of NULL `starts[i]` is -1.
 *  Numbers and times are decimal text. */
export interface TreatedRow {
  readonly buffers: readonly Buffer[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  isNull(column: number): boolean;
  /** The value's bytes, not a copy of them: valid until the next row is read. */
  value(column: number): Buffer;
  replace(column: number, value: Buffer): void;
}

/** What an action answers when the row is to be left at the source. */
export const DROPPED = -1;

/** Treats one row: the number of values it replaced, or DROPPED. What it writes must fit the column, read as the
 *  server will print it (else the proof fails), be the same for the same row each time, and hold no source host: the rewriter, which comes after it, searches the row as it was read. */
export type RowAction = (row: TreatedRow) => number;

export interface RowRule {
  /** snake_case: the plan, the journal and the summary speak of it by this. */
  readonly name: string;
  /** null: it has nothing to do with this table, whose rows then cost nothing. Throws a MigrationError where it can't do
   *  what it promises. */
  compile(table: TreatedTable): RowAction | null;
}

/** What a rule did in one table. */
export interface RuleCount {
  readonly rule: string;
  /** Left at the source. */
  readonly rows: number;
  /** Changed. */
  readonly values: number;
}

export type RowOutcome = 'same' | 'changed' | 'dropped';

/** All that rules do to the rows of one table. Of one copy of it alone: it counts. */
export interface TableTreatment {
  /** Values are changed in place. */
  treat(row: TreatedRow): RowOutcome;
  /** So far; rules that did nothing are missing. */
  readonly counts: readonly RuleCount[];
}

/** Where the column of that name is, in the table of that name; null: this isn't it, or it has none. */
export function findColumn({ name, columns }: TreatedTable, table: string, column: string): number | null {
  if (name !== table) return null;
  const index = columns.findIndex(candidate => candidate.name.toLowerCase() === column.toLowerCase());
  return index < 0 ? null : index;
}
