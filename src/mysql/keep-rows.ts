import type { DatabaseConnection } from './client.ts';
import { quoteName } from './table-names.ts';

export interface KeptRows {
  readonly live: string;
  readonly staging: string;
  /** In both databases. */
  readonly table: string;
  /** The only column of its primary key. */
  readonly key: string;
  /** Which rows of the live table, as a condition. */
  readonly stays: string;
  /** Those that both tables have. */
  readonly columns: readonly string[];
  /** By column, what its value becomes, as an expression; the others stay. */
  readonly become?: ReadonlyMap<string, string>;
}

/** Adds rows of the live table to the staged one, inside the server and as they are. Resolves with their number. They
 *  keep their key where it is free; where a row of the source has it they get a new one, which is right for a key that
 *  means nothing outside its table. */
export async function keepRows(target: DatabaseConnection, kept: KeptRows): Promise<number> {
  const staged = quoteName(kept.staging, kept.table);
  const key = quoteName(kept.key);
  const from = `${quoteName(kept.live, kept.table)} WHERE ${kept.stays}`;
  const taken = `${key} IN (SELECT k FROM (SELECT ${key} AS k FROM ${staged}) AS taken)`;
  const select = (columns: readonly string[]): string =>
    columns.map(column => kept.become?.get(column) ?? quoteName(column)).join(', ');
  const all = kept.columns;
  const rest = all.filter(column => column !== kept.key);
  const clashing = await target.execute(
    `INSERT INTO ${staged} (${listNames(rest)}) SELECT ${select(rest)} FROM ${from} AND ${taken}`,
  );
  const free = await target.execute(
    `INSERT INTO ${staged} (${listNames(all)}) SELECT ${select(all)} FROM ${from} AND NOT ${taken}`,
  );
  return clashing.affectedRows + free.affectedRows;
}

export const listNames = (columns: readonly string[]): string =>
  columns.map(column => quoteName(column)).join(', ');
