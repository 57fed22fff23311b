import type { TargetLock } from '../migration/target-lock.ts';
import { breakLease } from '../mysql/break-lease.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget, type ServerAddress } from '../mysql/client.ts';
import { judgeLease, type LeaseState, longestWait, readLease } from '../mysql/lease-row.ts';
import type { OutwaitOptions } from '../mysql/outwait-lease.ts';

export interface UnlockRequest extends OutwaitOptions {
  readonly address: ServerAddress;
  /** The lease to break; null: only look. */
  readonly lockId: string | null;
}

/** Shows who works on a target, or breaks that lease if it is dead. A living one, or another than the named one, is
 *  refused with `locked`. */
export async function unlockTarget(request: UnlockRequest): Promise<TargetLock> {
  const { lockId, ...target } = request;
  if (lockId !== null) return describe(target, await breakLease({ ...target, lockId }), true);
  await using connection = await connectTarget(target.address);
  try {
    return describe(target, await readLease(connection, target.database), false);
  } catch (error) {
    throw classifyDatabaseError(error, `reading the lease of ${target.database} on ${target.address.label}`);
  }
}

function describe(
  { environment, database }: { readonly environment: string; readonly database: string },
  lease: LeaseState | null,
  broken: boolean,
): TargetLock {
  const condition = lease && !broken ? judgeLease(lease) : 'released';
  if (lease === null || (condition === 'released' && !broken))
    return { environment, database, condition: 'free', holder: null, broken };
  const { lockId, fencing, host, pid, migrationId, takenAt, heartbeatAt } = lease;
  const expiresInMs = longestWait(lease);
  return {
    environment,
    database,
    condition: condition === 'released' ? 'free' : condition,
    holder: { lockId, fencing, host, pid, migrationId, takenAt, heartbeatAt, expiresInMs },
    broken,
  };
}
