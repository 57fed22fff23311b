// The server's named lock that stands beside the lease's row. It makes takers wait for each other, and goes with its
// connection.

import { createHash } from 'node:crypto';
import type { DatabaseConnection } from './client.ts';

/** Named locks are the whole server's, and their names have at most 64 characters. */
function lockName(database: string): string {
  return `wfuwp:${createHash('sha256').update(database).digest('hex').slice(0, 40)}`;
}

/** Takes the lock if nobody has it; true too when this connection has it already. */
export async function tryNamedLock(connection: DatabaseConnection, database: string): Promise<boolean> {
  const name = lockName(database);
  // Taking it twice would need releasing it twice.
  const [row] = await connection.query<{ ours: number }>(
    'SELECT IF(IS_USED_LOCK(?) <=> CONNECTION_ID(), 1, GET_LOCK(?, 0)) AS ours',
    [name, name],
  );
  return Number(row?.ours) === 1;
}

export async function releaseNamedLock(connection: DatabaseConnection, database: string): Promise<void> {
  await connection.query('DO RELEASE_LOCK(?)', [lockName(database)]);
}

/** The connection that has the lock, or null. */
export async function findLockConnection(
  connection: DatabaseConnection,
  database: string,
): Promise<number | null> {
  const [row] = await connection.query<{ id: number | string | null }>('SELECT IS_USED_LOCK(?) AS id', [
    lockName(database),
  ]);
  return row?.id == null ? null : Number(row.id);
}
