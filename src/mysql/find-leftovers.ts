// Which values of a table still hold something of the source: those that the rules would change, and those that are
// left for a reason. The server looks for rows that may have one; the rewriter itself decides. Only reads.

import type { Rewriter } from '../rewrite/rewriter.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { readRows } from './driver.ts';
import { buildHostSearch } from './host-search.ts';
import type { LeftValues } from './left-values.ts';
import { describeTable, type TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import { describeKey, Row } from './row.ts';
import { buildFrom } from './row-filter.ts';
import { mayHoldHost, RowRewriter } from './row-rewriter.ts';
import { quoteName } from './table-names.ts';

export interface LeftoverSearch {
  readonly connection: DatabaseConnection;
  readonly table: TableName;
  readonly columns: readonly Column[];
  readonly rewriter: Rewriter;
  readonly skipColumns: ReadonlySet<string>;
  readonly base64Columns: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Values of one column that the rules would change. */
export interface LeftoverValues {
  readonly column: string;
  readonly values: number;
  /** The rows of the first few. */
  readonly keys: readonly string[];
}

export interface Leftovers {
  readonly found: readonly LeftoverValues[];
  /** Values that a copy would leave as well, by column and reason. */
  readonly left: readonly LeftValues[];
}

const MOST_KEYS = 10;

/** Rejects with a MigrationError, or with the signal's reason; then the caller destroys the connection. */
export async function findLeftovers(search: LeftoverSearch): Promise<Leftovers> {
  const { connection, table, signal } = search;
  const columns = search.columns.filter(mayHoldHost).length > 0 ? search.columns : [];
  if (columns.length === 0) return { found: [], left: [] };
  signal.throwIfAborted();
  const reader = new LeftoverReader(search);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([readRows(connection.raw, buildSelect(search), reader.take), aborted.promise]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw classifyDatabaseError(
      error,
      `looking for source hosts in ${describeTable(table)} on ${connection.label}`,
    );
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return reader.result();
}

/** The server's search doesn't see into base64: of a table with such columns every row is looked at here. */
function buildSelect({ connection, table, columns, rewriter, base64Columns }: LeftoverSearch): string {
  const names = columns.map(column => quoteName(column.name)).join(', ');
  const hit =
    base64Columns.size > 0 ? 'TRUE' : buildHostSearch(connection, rewriter, columns.filter(mayHoldHost));
  return `SELECT ${names} ${buildFrom(connection, table, columns, { sql: hit, values: [] })}`;
}

class LeftoverReader {
  readonly #columns: readonly Column[];
  readonly #row: Row;
  readonly #rewriter: RowRewriter;
  readonly #found = new Map<string, { column: string; values: number; keys: string[] }>();
  #rows = 0;

  constructor(search: LeftoverSearch) {
    this.#columns = search.columns;
    this.#row = new Row(search.columns.length);
    this.#rewriter = new RowRewriter(search);
  }

  readonly take = (packet: Buffer, start: number, end: number): undefined => {
    const row = this.#row;
    row.read(packet, start);
    this.#rows++;
    // As it is now: rewriting may change it.
    const key = describeKey(row, this.#columns) ?? 'a row without a primary key';
    if (!this.#rewriter.rewrite(row, packet, start, end, this.#rows)) return;
    for (const [column, values] of Object.entries(this.#rewriter.changedByColumn)) {
      const known = this.#found.get(column) ?? { column, values: 0, keys: [] };
      this.#found.set(column, known);
      if (known.values < values && known.keys.length < MOST_KEYS) known.keys.push(key);
      known.values = values;
    }
  };

  result(): Leftovers {
    return {
      found: [...this.#found.values()],
      left: this.#rewriter.left.filter(({ values }) => values > 0),
    };
  }
}
