// Fences: empty tables in the staging database that only the holder of a lease has. Every cutover renames one of them
// to another name and back, in its own statement; so the server itself refuses the cutover of a process that has lost
// its lease and doesn't know (it was stopped for a minute, its network was away): its fences are gone. One for each
// cutover in flight, or they would wait for each other's metadata lock.

import { readTableNames } from './catalog.ts';
import { classifyDatabaseError } from './classify.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from './client.ts';
import type { TableName } from './loader.ts';
import { dropTables, FENCE_PREFIX } from './swap-tables.ts';
import { quoteName } from './table-names.ts';

/** Longer than a cutover waits for its locks (client.ts): dropping an older fence waits for the cutover that is just
 *  using it, and then either it has happened as a whole or its statement has given up. */
const DROP_WAIT_S = 90;

function fenceName(fencing: number, slot: number): string {
  return `${FENCE_PREFIX}${fencing}_${slot}`;
}

/** The highest fencing number that any table in staging bears; 0 without one. The lease's row may be younger than
 *  them: when the target was restored from a dump, or the table with the row was dropped. */
export async function readHighestFence(connection: DatabaseConnection, staging: string): Promise<number> {
  const names = await readTableNames(connection, staging, { prefix: FENCE_PREFIX });
  return Math.max(0, ...[...names].map(name => Number.parseInt(name.slice(FENCE_PREFIX.length), 10) || 0));
}

/** Removes all older fences and makes new ones; the staging database too when it is missing. After this, no process
 *  that held the lease earlier can swap anything. */
export async function raiseFences(
  address: ServerAddress,
  staging: string,
  fencing: number,
  count: number,
): Promise<TableName[]> {
  await using connection = await connectForFences(address);
  try {
    await createStaging(connection, staging);
    await dropFences(connection, staging, FENCE_PREFIX);
    const fences = Array.from({ length: count }, (_, slot) => ({
      database: staging,
      name: fenceName(fencing, slot),
    }));
    for (const { database, name } of fences) {
      await connection.execute(
        `CREATE TABLE ${quoteName(database, name)} (id TINYINT NOT NULL PRIMARY KEY) ENGINE = InnoDB`,
      );
    }
    return fences;
  } catch (error) {
    throw classifyDatabaseError(error, `making the fence tables in ${staging}`);
  }
}

/** Removes the fences of one lease. */
export async function removeFences(address: ServerAddress, staging: string, fencing: number): Promise<void> {
  await using connection = await connectForFences(address);
  await dropFences(connection, staging, `${FENCE_PREFIX}${fencing}_`);
}

async function dropFences(connection: DatabaseConnection, staging: string, prefix: string): Promise<void> {
  await dropTables(connection, staging, [...(await readTableNames(connection, staging, { prefix }))]);
}

/** IF NOT EXISTS alone would wait for every cutover that is waiting for a lock, also when the database is there. */
async function createStaging(connection: DatabaseConnection, staging: string): Promise<void> {
  const found = await connection.query('SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [
    staging,
  ]);
  if (found.length === 0) await connection.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(staging)}`);
}

/** Not the lease's own connection, whose heartbeats would wait behind these statements. */
async function connectForFences(address: ServerAddress): Promise<DatabaseConnection> {
  const connection = await connectTarget(address);
  await connection.execute(`SET SESSION lock_wait_timeout = ${DROP_WAIT_S}`);
  return connection;
}
