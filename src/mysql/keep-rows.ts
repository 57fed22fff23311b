import { MigrationError } from '../errors.ts';
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
  const rest = all.filter(column => column.toLowerCase() !== kept.key.toLowerCase());
  const clashing = await insertKept(
    target,
    `INSERT INTO ${staged} (${listNames(rest)}) SELECT ${select(rest)} FROM ${from} AND ${taken}`,
  );
  const free = await insertKept(
    target,
    `INSERT INTO ${staged} (${listNames(all)}) SELECT ${select(all)} FROM ${from} AND NOT ${taken}`,
  );
  return clashing + free;
}

/** Out of range, truncated, no such value, too long, NULL for NOT NULL. */
const CUT = new Set([1048, 1263, 1264, 1265, 1292, 1366, 1406]);

/** Runs the INSERT … SELECT, and resolves with the number of rows. Rejects with `data` where a value doesn't fit the staged
 *  column, which is the source's: the server only warns, and the target's own value would be cut. */
export async function insertKept(target: DatabaseConnection, sql: string): Promise<number> {
  const { affectedRows, warnings } = await target.execute(sql);
  if (warnings === 0) return affectedRows;
  const told = await target.query<{ Code: number | string; Message: string }>('SHOW WARNINGS');
  const cut = told.find(({ Code }) => CUT.has(Number(Code)));
  if (!cut) return affectedRows;
  throw new MigrationError(
    'data',
    `A value of the target that is to stay doesn't fit the column as the source defines it: ${cut.Message}.`,
    {
      hint: "Make the source's column as wide as the target's, or fix the value; then --resume ID --retry-failed.",
    },
  );
}

export const listNames = (columns: readonly string[]): string =>
  columns.map(column => quoteName(column)).join(', ');
