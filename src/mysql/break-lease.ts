import { MigrationError } from '../errors.ts';
import { formatDuration } from '../lib/format.ts';
import { classifyDatabaseError } from './classify.ts';
import { connectTarget, type DatabaseConnection, endQuery, type ServerAddress } from './client.ts';
import { removeFences } from './fences.ts';
import { describeLease, describeTarget, type LeasedTarget, unlockCommand } from './lease-errors.ts';
import { findLockConnection } from './lease-lock.ts';
import { judgeLease, type LeaseState, readLease, releaseLease } from './lease-row.ts';

export interface BreakLeaseOptions extends LeasedTarget {
  readonly address: ServerAddress;
  readonly lockId: string;
  readonly isProcessAlive?: (pid: number) => boolean;
}

/** Ends a dead lease, the one that was meant and no other: its row is released, its fences go, and so does its
 *  connection with the server's named lock. Answers the lease it found. Throws `locked` when that is another's (naming
 *  its holder), or alive (saying how long to wait). One that is released already is only cleared of its connection. */
export async function breakLease(options: BreakLeaseOptions): Promise<LeaseState> {
  const { address, database, lockId } = options;
  await using connection = await connectTarget(address);
  let lease: LeaseState;
  try {
    await connection.execute('START TRANSACTION');
    lease = refuseUnlessDead(options, await readLease(connection, database, { forUpdate: true }));
    await releaseLease(connection, database, lockId);
    await connection.execute('COMMIT');
    await endHolder(connection, address, database, lease);
  } catch (error) {
    throw classifyDatabaseError(error, `breaking the lease of ${database} on ${address.label}`);
  }
  await removeFences(address, lease.staging, lease.fencing);
  return lease;
}

function refuseUnlessDead(options: BreakLeaseOptions, lease: LeaseState | null): LeaseState {
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
  if (judgeLease(lease, isProcessAlive) !== 'living') return lease;
  throw new MigrationError(
    'locked',
    `The lease of ${describeTarget(options)} is alive: ${describeLease(lease)}; last heartbeat ${lease.heartbeatAt}.`,
    {
      hint:
        `End that run where it runs. If its process is dead, the lease expires in ` +
        `${formatDuration(lease.expiresInMs)}, and can be broken then: ${unlockCommand(options, lockId)}`,
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
