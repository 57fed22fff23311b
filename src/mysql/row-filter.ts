import type { DatabaseConnection } from './client.ts';
import { listPeriod } from './history.ts';
import type { TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import { quoteName } from './table-names.ts';

/** Only some rows of a table: the text of a WHERE clause, and what its question marks stand for. */
export interface RowFilter {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export const NO_ROWS: RowFilter = { sql: 'FALSE', values: [] };

/** The clause, empty without a filter. */
export function buildWhere(connection: DatabaseConnection, filter: RowFilter | null | undefined): string {
  return filter ? `WHERE ${connection.raw.format(filter.sql, filter.values as unknown[])}` : '';
}

/** The rest of a SELECT of these columns. With the table's period among them, the rows of all times. */
export function buildFrom(
  connection: DatabaseConnection,
  table: TableName,
  columns: readonly Column[],
  filter?: RowFilter | null,
): string {
  const from = `FROM ${quoteName(table.database, table.name)}`;
  const [start, end] = ['start', 'end'].map(
    period => listPeriod(columns).find(column => column.period === period)?.name,
  );
  if (start === undefined || end === undefined) return `${from} ${buildWhere(connection, filter)}`;
  // A row that one statement has made and replaced was there at no time, and no server takes it back.
  const lasted = `${quoteName(start)} < ${quoteName(end)}`;
  const sql = filter ? `(${filter.sql}) AND ${lasted}` : lasted;
  return `${from} FOR SYSTEM_TIME ALL ${buildWhere(connection, { sql, values: filter?.values ?? [] })}`;
}
