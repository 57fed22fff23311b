// The row that says who works on a target database. It stands in that database itself, so that it is found from
// whatever machine. All times are the server's: clocks of machines that run wfuwp don't matter.

import { hostname } from 'node:os';
import { isProcessAlive as isAlive, readProcessSpace } from '../lib/process-space.ts';
import type { DatabaseConnection } from './client.ts';
import { LEASE_INTERVALS, type LeaseIntervals } from './lease-intervals.ts';
import { quoteName } from './table-names.ts';

/** Who takes a lease. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  readonly migrationId: string;
}

/** What the row says. Times are ISO, UTC, of the server's clock. */
export interface LeaseState extends LeaseHolder {
  /** Names this one taking; what `unlock --id` wants. */
  readonly lockId: string;
  /** Grows by one at each taking. */
  readonly fencing: number;
  readonly takenAt: string;
  readonly heartbeatAt: string;
  /** How long it lasts without a further heartbeat; negative: expired for so long. */
  readonly expiresInMs: number;
  readonly released: boolean;
  /** The holder's connection, which holds the named lock as well. */
  readonly connectionId: number;
  /** The database with the holder's fence tables. */
  readonly staging: string;
  /** See lib/process-space.ts. */
  readonly processSpace: string;
}

export const LEASE_TABLE = 'wfuwp_lease';

const ER_NO_SUCH_TABLE = 1146;

/** Makes the table and its one row when missing. */
export async function createLeaseTable(connection: DatabaseConnection, database: string): Promise<void> {
  const table = quoteName(database, LEASE_TABLE);
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${table} (
      id TINYINT NOT NULL PRIMARY KEY,
      lock_id VARCHAR(36) NOT NULL DEFAULT '',
      fencing BIGINT NOT NULL DEFAULT 0,
      host VARCHAR(255) NOT NULL DEFAULT '',
      process_space VARCHAR(255) NOT NULL DEFAULT '',
      pid BIGINT NOT NULL DEFAULT 0,
      migration_id VARCHAR(255) NOT NULL DEFAULT '',
      connection_id BIGINT NOT NULL DEFAULT 0,
      staging VARCHAR(64) NOT NULL DEFAULT '',
      taken_at DATETIME(6) NULL,
      heartbeat_at DATETIME(6) NULL,
      expires_at DATETIME(6) NULL,
      released_at DATETIME(6) NULL
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4`,
  );
  await connection.execute(`INSERT IGNORE INTO ${table} (id) VALUES (1)`);
  await connection.execute('COMMIT');
}

/** The lease as it stands, released or not; null when none was ever taken. `forUpdate`: in a transaction, nobody else
 *  changes it before that ends. */
export async function readLease(
  connection: Pick<DatabaseConnection, 'query'>,
  database: string,
  { forUpdate = false }: { forUpdate?: boolean } = {},
): Promise<LeaseState | null> {
  try {
    const [row] = await connection.query<Record<string, string | number | null>>(
      `SELECT lock_id, fencing, host, process_space, pid, migration_id, connection_id, staging,
              taken_at, heartbeat_at, released_at IS NOT NULL AS released,
              TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), expires_at) AS expires_in
       FROM ${quoteName(database, LEASE_TABLE)} WHERE id = 1 ${forUpdate ? 'FOR UPDATE' : ''}`,
    );
    return row && row.lock_id !== '' ? toLeaseState(row) : null;
  } catch (error) {
    if ((error as { errno?: number }).errno === ER_NO_SUCH_TABLE) return null;
    throw error;
  }
}

/** What `readLease` would say, for those who ask often: is this the taking that wrote the row last? */
export async function isHolder(
  connection: Pick<DatabaseConnection, 'query'>,
  database: string,
  lockId: string,
): Promise<boolean> {
  try {
    const rows = await connection.query(
      `SELECT 1 FROM ${quoteName(database, LEASE_TABLE)} WHERE id = 1 AND lock_id = ?`,
      [lockId],
    );
    return rows.length > 0;
  } catch (error) {
    if ((error as { errno?: number }).errno === ER_NO_SUCH_TABLE) return false;
    throw error;
  }
}

function toLeaseState(row: Record<string, string | number | null>): LeaseState {
  return {
    lockId: String(row.lock_id),
    fencing: Number(row.fencing),
    host: String(row.host),
    pid: Number(row.pid),
    migrationId: String(row.migration_id),
    takenAt: toIso(row.taken_at),
    heartbeatAt: toIso(row.heartbeat_at),
    expiresInMs: Math.ceil(Number(row.expires_in ?? 0) / 1_000),
    released: Number(row.released) === 1,
    connectionId: Number(row.connection_id),
    staging: String(row.staging),
    processSpace: String(row.process_space),
  };
}

/** `2026-11-21 02:30:00.123456` → `2026-11-21T02:30:00.123Z`. */
function toIso(time: string | number | null | undefined): string {
  return time ? `${String(time).replace(' ', 'T').slice(0, 23)}Z` : '';
}

export interface Taking extends LeaseHolder {
  readonly lockId: string;
  readonly fencing: number;
  readonly staging: string;
  readonly leaseMs: number;
}

/** Writes a new holder into the row, over whoever was there: only in a transaction that has found the old one dead. */
export async function writeLease(
  connection: DatabaseConnection,
  database: string,
  taking: Taking,
): Promise<void> {
  const { lockId, fencing, host, pid, migrationId, staging, leaseMs } = taking;
  await connection.execute(
    `UPDATE ${quoteName(database, LEASE_TABLE)}
     SET lock_id = ?, fencing = ?, host = ?, process_space = ?, pid = ?, migration_id = ?, staging = ?,
         connection_id = CONNECTION_ID(), taken_at = UTC_TIMESTAMP(6), heartbeat_at = UTC_TIMESTAMP(6),
         expires_at = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, released_at = NULL
     WHERE id = 1`,
    [lockId, fencing, host, readProcessSpace(), pid, migrationId, staging, leaseMs * 1_000],
  );
}

/** A heartbeat. False when the lease is no longer this holder's: taken, broken, released, or with its table gone. One
 *  that has expired by the server's clock, and that nobody has taken, lives on: the clock may have been set. */
export async function renewLease(
  connection: DatabaseConnection,
  database: string,
  { lockId, leaseMs }: Pick<Taking, 'lockId' | 'leaseMs'>,
): Promise<boolean> {
  // Committed by itself, whatever the server gives a session.
  await connection.execute('START TRANSACTION');
  const renewing = connection.execute(
    `UPDATE ${quoteName(database, LEASE_TABLE)}
     SET heartbeat_at = UTC_TIMESTAMP(6), expires_at = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND,
         connection_id = CONNECTION_ID()
     WHERE id = 1 AND lock_id = ? AND released_at IS NULL`,
    [leaseMs * 1_000, lockId],
  );
  try {
    const { affectedRows } = await renewing;
    await connection.execute('COMMIT');
    return affectedRows === 1;
  } catch (error) {
    if ((error as { errno?: number }).errno === ER_NO_SUCH_TABLE) return false;
    throw error;
  }
}

/** Commits, with whatever the caller has done in the same transaction. */
export async function releaseLease(
  connection: DatabaseConnection,
  database: string,
  lockId: string,
): Promise<void> {
  await connection.execute(
    `UPDATE ${quoteName(database, LEASE_TABLE)} SET released_at = UTC_TIMESTAMP(6)
     WHERE id = 1 AND lock_id = ? AND released_at IS NULL`,
    [lockId],
  );
  await connection.execute('COMMIT');
}

/** How long anybody has to wait for a lease of a holder that is dead. Its row may say more than a lease can last: then
 *  the server's clock was set back, and who waits watches the holder instead (outwait-lease.ts). */
export function longestWait(
  { expiresInMs }: LeaseState,
  { intervals = LEASE_INTERVALS }: { intervals?: LeaseIntervals | undefined } = {},
): number {
  return Math.min(expiresInMs, intervals.leaseMs);
}

/** `process_dead` is known only of a process of this machine. */
export type LeaseCondition = 'living' | 'released' | 'expired' | 'process_dead';

export function judgeLease(lease: LeaseState, isProcessAlive = isAlive): LeaseCondition {
  if (lease.released) return 'released';
  const isHere = lease.host === hostname() && lease.processSpace === readProcessSpace();
  if (isHere && !isProcessAlive(lease.pid)) return 'process_dead';
  return lease.expiresInMs <= 0 ? 'expired' : 'living';
}
