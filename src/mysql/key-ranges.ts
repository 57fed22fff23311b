// Cuts a big table into ranges of its key with about as many rows each. Whatever the rows are, each is in exactly one
// range: the first is open below, the last above, and each begins where the one before ends. What is estimated decides
// only how large they are.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import type { RowFilter } from './row-filter.ts';
import { quoteName } from './table-names.ts';

/** Rows whose key is at least `from` and less than `to`, in decimal; null: without that limit. */
export interface KeyRange {
  readonly from: string | null;
  readonly to: string | null;
}

export interface RangeKey {
  readonly column: string;
  readonly index: string;
  /** No unique key can make rows of two ranges collide. */
  readonly isOnlyUniqueKey: boolean;
}

export const WHOLE: KeyRange = { from: null, to: null };

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);

interface KeyPart {
  readonly Key_name: string;
  readonly Non_unique: string | number;
  readonly Seq_in_index: string | number;
  readonly Column_name: string | null;
  readonly Sub_part: string | number | null;
  readonly Null: string;
  readonly Index_type: string;
}

/** The key by which the rows lie on the disk, if it begins with an integer: only by that one reading in ranges costs no
 *  more than reading all at once. null: there is none. Rejects with a MigrationError. */
export async function findRangeKey(
  connection: DatabaseConnection,
  table: TableName,
  columns: readonly Column[],
): Promise<RangeKey | null> {
  const parts = await ask<KeyPart>(
    connection,
    table,
    `SHOW KEYS FROM ${quoteName(table.database, table.name)}`,
  );
  const uniqueKeys = [
    ...Map.groupBy(
      parts.filter(part => Number(part.Non_unique) === 0),
      part => part.Key_name,
    ).values(),
  ];
  // The server names the primary key first, then, in the order in which it would take its place, the others.
  const rowKey = uniqueKeys.find(key => key.every(part => part.Null === ''));
  const first = rowKey?.find(part => Number(part.Seq_in_index) === 1);
  const column = columns.find(({ name }) => name === first?.Column_name);
  if (!first || !column || first.Sub_part !== null || first.Index_type !== 'BTREE') return null;
  // One that the server computes may be another on the target.
  if (!INTEGERS.has(column.dataType) || column.isGenerated) return null;
  return {
    column: column.name,
    index: first.Key_name,
    isOnlyUniqueKey: uniqueKeys.every(key =>
      key.some(part => Number(part.Seq_in_index) === 1 && part.Column_name === column.name),
    ),
  };
}

/** null: all rows. */
export function filterRange({ column }: RangeKey, { from, to }: KeyRange): RowFilter | null {
  const name = quoteName(column);
  const limits = [
    ...(from === null ? [] : [`${name} >= ${toInteger(from)}`]),
    ...(to === null ? [] : [`${name} < ${toInteger(to)}`]),
  ];
  // No values: a question mark in the column's name stands for itself.
  return limits.length === 0 ? null : { sql: limits.join(' AND '), values: [] };
}

/** Where to cut the table into about `count` ranges, in ascending order. Reads a few pages of the key for each, never
 *  the table. Rejects with a MigrationError. */
export async function chooseBoundaries(
  connection: DatabaseConnection,
  table: TableName,
  key: RangeKey,
  count: number,
): Promise<string[]> {
  if (count < 2) return [];
  const name = quoteName(key.column);
  const from = `FROM ${quoteName(table.database, table.name)}`;
  const [ends] = await ask<{ least: string | number | null; most: string | number | null }>(
    connection,
    table,
    `SELECT MIN(${name}) AS least, MAX(${name}) AS most ${from}`,
  );
  if (!ends || ends.least === null || ends.most === null) return [];
  const estimate = async (least: bigint, most: bigint): Promise<number> => {
    const [plan] = await ask<{ rows: string | number | null }>(
      connection,
      table,
      `EXPLAIN SELECT ${name} ${from} FORCE INDEX (${quoteName(key.index)}) WHERE ${name} >= ${least} AND ${name} <= ${most}`,
    );
    return Number(plan?.rows ?? 0);
  };
  const boundaries = await balance(BigInt(ends.least), BigInt(ends.most), count, estimate);
  return boundaries.map(String);
}

/** Ids that are close together share a piece so much smaller than a range that ranges come out equal. */
const PIECES_PER_RANGE = 4;
/** Ids may leap: from a hundred to 2^63 takes 56 halvings before the hundred are told apart. */
const EXTRA_HALVINGS = 128;

interface Piece {
  readonly least: bigint;
  readonly most: bigint;
  readonly rows: number;
}

/** Halves the fullest piece until none is too full, and puts neighbours together again. Exported for its test. */
export async function balance(
  least: bigint,
  most: bigint,
  count: number,
  estimate: (least: bigint, most: bigint) => number | Promise<number>,
): Promise<bigint[]> {
  const measure = async (from: bigint, to: bigint): Promise<Piece> => ({
    least: from,
    most: to,
    rows: Math.max(1, await estimate(from, to)),
  });
  let pieces: Piece[] = [await measure(least, most)];
  for (let halvings = 2 * PIECES_PER_RANGE * count + EXTRA_HALVINGS; halvings > 0; halvings--) {
    const fullest = pieces.reduce((a, b) => (canHalve(b) && (!canHalve(a) || b.rows > a.rows) ? b : a));
    if (!canHalve(fullest) || fullest.rows * PIECES_PER_RANGE * count <= countRows(pieces)) break;
    const middle = fullest.least + (fullest.most - fullest.least) / 2n;
    const halves = [await measure(fullest.least, middle), await measure(middle + 1n, fullest.most)];
    pieces = pieces.flatMap(piece => (piece === fullest ? halves : [piece]));
  }
  const boundaries: bigint[] = [];
  const share = countRows(pieces) / count;
  let rows = 0;
  for (const piece of pieces) {
    // Where half of it would be too much, it begins the next range.
    if (rows > 0 && rows + piece.rows / 2 > share) {
      boundaries.push(piece.least);
      rows = 0;
    }
    rows += piece.rows;
  }
  return boundaries;
}

const canHalve = (piece: Piece): boolean => piece.most > piece.least;
const countRows = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.rows, 0);

/** What `taken` leaves of the whole, cut at the boundaries. `taken` must not overlap; both in any order. */
export function cutRest(taken: readonly KeyRange[], boundaries: readonly string[]): KeyRange[] {
  const rest: KeyRange[] = [];
  let from: string | null = null;
  for (const range of taken.toSorted(byStart)) {
    if (range.from !== null && range.from !== from) rest.push(...cut({ from, to: range.from }, boundaries));
    if (range.to === null) return rest;
    from = range.to;
  }
  rest.push(...cut({ from, to: null }, boundaries));
  return rest;
}

/** Lowest first. */
export function byStart(a: KeyRange, b: KeyRange): number {
  if (a.from === b.from) return 0;
  if (a.from === null) return -1;
  if (b.from === null) return 1;
  return BigInt(a.from) < BigInt(b.from) ? -1 : 1;
}

function cut({ from, to }: KeyRange, boundaries: readonly string[]): KeyRange[] {
  const inside = boundaries
    .map(BigInt)
    .filter(at => (from === null || at > BigInt(from)) && (to === null || at < BigInt(to)))
    .sort((a, b) => (a < b ? -1 : 1))
    .map(String);
  const starts = [from, ...new Set(inside)];
  return starts.map((start, i) => ({ from: start, to: starts[i + 1] ?? to }));
}

/** A journal says so; nothing else may get into a statement. */
function toInteger(text: string): string {
  if (!/^-?\d+$/.test(text)) throw new Error(`Not the limit of a range: ${text}`);
  return text;
}

async function ask<T>(connection: DatabaseConnection, table: TableName, sql: string): Promise<T[]> {
  try {
    return await connection.query<T>(sql);
  } catch (error) {
    throw classifyDatabaseError(
      error,
      `finding key ranges of ${describeTable(table)} on ${connection.label}`,
    );
  }
}
