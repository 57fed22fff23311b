import { MigrationError } from '../errors.ts';
import { formatDuration } from '../lib/format.ts';
import { classifyDatabaseError } from './classify.ts';
import { connectTarget, type DatabaseConnection, endQuery, type ServerAddress } from './client.ts';
import { removeFences } from './fences.ts';
import { describeLease, describeTarget, unlockCommand } from './lease-errors.ts';
import { findLockConnection } from './lease-lock.ts';
import { judgeLease, type LeaseState, longestWait, readLease, releaseLease } from './lease-row.ts';
import { isSameBeat, type OutwaitOptions, outwaitLease } from './outwait-lease.ts';

export interface BreakLeaseOptions extends OutwaitOptions {
  readonly address: ServerAddress;
  readonly lockId: string;
}

/** Ends a dead lease, the one that was meant and no other: its row is released, its fences go, and so does its
 *  connection with the server's named lock. Answers the lease it found. Throws `locked` when that is another's (naming
 *  its holder), or alive (saying how long to wait). One that is released already is only cleared of its connection. */
export async function breakLease(options: BreakLeaseOptions): Promise<LeaseState> {
  const { address, database, lockId } = options;
  await using connection = await connectTarget(address);
  let lease: LeaseState;
  try {
    const dead = await watch(connection, options);
    await connection.execute('START TRANSACTION');
    lease = refuseUnlessDead(options, await readLease(connection, database, { forUpdate: true }), dead);
    await releaseLease(connection, database, lockId);
    await endHolder(connection, address, database, lease);
  } catch (error) {
    throw classifyDatabaseError(error, `breaking the lease of ${database} on ${address.label}`);
  }
  await removeFences(address, lease.staging, lease.fencing);
  return lease;
}

/** null: it lives, or is another than the one that was meant. */
async function watch(connection: DatabaseConnection, options: BreakLeaseOptions): Promise<LeaseState | null> {
  const lease = await readLease(connection, options.database);
  if (lease?.lockId !== options.lockId) return null;
  return outwaitLease(connection, options).catch(error => {
    if (error instanceof MigrationError && error.code === 'locked') return null;
    throw error;
  });
}

function refuseUnlessDead(
  options: BreakLeaseOptions,
  lease: LeaseState | null,
  dead: LeaseState | null,
): LeaseState {
  const { lockId, isProcessAlive } = options;
  if (lease === null)
    throw new MigrationError(
      'locked',
      `Nobody has ever held ${describeTarget(options)}: there is nothing to break.`,
    );
  if (lease.lockId !== lockId) {
    throw new MigrationError(
      'locked',
      `${lockId} is not the lock of ${describeTarget(options)}; that is ${describeLease(lease)}.`,
      { hint: `Look again at who has it: ${unlockCommand(options)}`, details: { holder: lease } },
    );
  }
  const condition = judgeLease(lease, isProcessAlive);
  if (condition === 'released' || condition === 'process_dead' || (dead && isSameBeat(lease, dead)))
    return lease;
  throw new MigrationError(
    'locked',
    `The lease of ${describeTarget(options)} is alive: ${describeLease(lease)}; last heartbeat ${lease.heartbeatAt}.`,
    {
      hint:
        `End that run where it runs. If its process is dead, the lease expires in ` +
        `${formatDuration(longestWait(lease, options))}, and can be broken then: ${unlockCommand(options, lockId)}`,
      details: { holder: lease },
    },
  );
}

async function endHolder(
  connection: DatabaseConnection,
  address: ServerAddress,
  database: string,
  lease: LeaseState,
): Promise<void> {
  if ((await findLockConnection(connection, database)) === lease.connectionId)
    await endQuery(address, lease.connectionId);
}
