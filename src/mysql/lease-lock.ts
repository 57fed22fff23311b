// The server's named lock that stands beside the lease's row. It makes takers wait for each other, and goes with its
// connection.

import type { DatabaseConnection } from './client.ts';

/** Named locks are the whole server's, and their names have at most 64 characters. A database has one, in whatever letter
 *  case it is named to a server that doesn't mind. Twice a parameter: its name. */
export const LOCK_NAME =
  "CONCAT('wfuwp:', LEFT(SHA2(IF(@@lower_case_table_names = 0, ?, LOWER(?)), 256), 40))";

/** Takes the lock if nobody has it; true too when this connection has it already. */
export async function tryNamedLock(connection: DatabaseConnection, database: string): Promise<boolean> {
  // Taking it twice would need releasing it twice.
  const [row] = await connection.query<{ ours: number }>(
    `SELECT IF(IS_USED_LOCK(${LOCK_NAME}) <=> CONNECTION_ID(), 1, GET_LOCK(${LOCK_NAME}, 0)) AS ours`,
    [database, database, database, database],
  );
  return Number(row?.ours) === 1;
}

export async function releaseNamedLock(connection: DatabaseConnection, database: string): Promise<void> {
  await connection.query(`DO RELEASE_LOCK(${LOCK_NAME})`, [database, database]);
}

/** The connection that has the lock, or null. */
export async function findLockConnection(
  connection: DatabaseConnection,
  database: string,
): Promise<number | null> {
  const [row] = await connection.query<{ id: number | string | null }>(
    `SELECT IS_USED_LOCK(${LOCK_NAME}) AS id`,
    [database, database],
  );
  return row?.id == null ? null : Number(row.id);
}
