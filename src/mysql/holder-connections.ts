// Which connections to the target are a holder's. Each has a named lock of the server's, from before it is asked whether
// the lease is held. So whoever takes the lease over finds those of the holder before and ends them: a process that
// was stopped in the middle of a table has statements under way that nothing else would keep from staging.

import { randomInt } from 'node:crypto';
import type { DatabaseConnection } from './client.ts';
import { LOCK_NAME } from './lease-lock.ts';

/** More than a run ever opens at a time, by far. */
const NUMBERS = 1_000;
const TRIES = 20;

/** For as long as the connection lives. */
export async function markConnection(connection: DatabaseConnection, database: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [row] = await connection.query<{ ours: number }>(
      `SELECT GET_LOCK(CONCAT(${LOCK_NAME}, ?), 0) AS ours`,
      [database, database, `:${randomInt(NUMBERS)}`],
    );
    if (Number(row?.ours) === 1) return;
  }
  throw new Error(`no named lock is free for a connection to ${connection.label}`);
}

/** Which are marked. To be asked by one that has just taken the lease and has marked nothing yet. */
export async function listMarkedConnections(
  connection: DatabaseConnection,
  database: string,
): Promise<number[]> {
  const numbers = Array.from({ length: NUMBERS }, (_, number) => number);
  const [row] = await connection.query<Record<string, number | string | null>>(
    `SELECT ${numbers.map(number => `IS_USED_LOCK(CONCAT(name, ':${number}')) AS c${number}`).join(', ')}
     FROM (SELECT ${LOCK_NAME} AS name) AS lock_names`,
    [database, database],
  );
  return Object.values(row ?? {}).flatMap(id => (id === null ? [] : [Number(id)]));
}
