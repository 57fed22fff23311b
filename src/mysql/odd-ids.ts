// F29 Ids that can't be read as numbers without becoming others'. Rows that have one are read by nobody; they are told.

import { HIGHEST_ID } from '../lib/ids.ts';
import type { DatabaseConnection } from './client.ts';

/** Of rows whose ids are what they seem; as a condition. A blog's network may be 0, as it is by default. */
export function hasSafeId(id: string, network?: string): string {
  const isSafe = `${id} BETWEEN 1 AND ${HIGHEST_ID}`;
  return network === undefined ? isSafe : `(${isSafe} AND ${network} BETWEEN 0 AND ${HIGHEST_ID})`;
}

/** So many are told by name. */
const MOST = 100;

/** As text, of the rows of which that isn't so. */
export async function readOddIds(
  connection: Pick<DatabaseConnection, 'query'>,
  table: string,
  id: string,
  network?: string,
): Promise<string[]> {
  const rows = await connection.query<{ id: string | number }>(
    `SELECT CAST(${id} AS CHAR) AS id FROM ${table} WHERE NOT ${hasSafeId(id, network)} ORDER BY ${id} LIMIT ${MOST}`,
  );
  return rows.map(row => String(row.id));
}
