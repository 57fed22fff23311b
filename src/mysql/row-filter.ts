import type { DatabaseConnection } from './client.ts';

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
