// Whether the holder of a lease is alive. Its row says until when it holds by the server's clock; but that clock may
// have been set by hours since, in either direction. So where it says something strange, or that a lease has expired,
// the holder is watched: one that is alive sends a heartbeat every few seconds, by whatever clock.

import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../lib/format.ts';
import type { DatabaseConnection } from './client.ts';
import { describeLease, heldBy, type LeasedTarget } from './lease-errors.ts';
import { LEASE_INTERVALS, type LeaseIntervals } from './lease-intervals.ts';
import { judgeLease, type LeaseState, readLease } from './lease-row.ts';

export interface OutwaitOptions extends LeasedTarget {
  /** Of a process of this machine. */
  readonly isProcessAlive?: ((pid: number) => boolean) | undefined;
  readonly intervals?: LeaseIntervals | undefined;
  /** Told when it has to be watched. */
  readonly say?: ((text: string) => void) | undefined;
  /** Ends the watching. */
  readonly signal?: AbortSignal | undefined;
}

/** So many heartbeats in a row don't fail to come from a holder that is alive and whose lease has expired by a clock
 *  that was set. */
const MISSED_BEATS = 3;

/** A lease that lasts longer than any can: the clock was set back. More than that is no rounding. */
const SLACK_MS = 1_000;

/** Answers the lease once nobody alive has it; null: nobody ever had. Throws `locked` when somebody has, or has taken it
 *  meanwhile. Waits for as long as a lease lasts at the most. */
export async function outwaitLease(
  connection: DatabaseConnection,
  options: OutwaitOptions,
): Promise<LeaseState | null> {
  const lease = await readNow(connection, options);
  const forMs = lease ? chooseWatch(lease, options) : 0;
  if (!lease || forMs === 0) return lease;
  options.say?.(
    `Waiting to see whether ${describeLease(lease)} is alive (${formatDuration(forMs)} at the most) …`,
  );
  const { intervals = LEASE_INTERVALS, signal } = options;
  const pollMs = Math.min(1_000, intervals.heartbeatMs / 2);
  // Counted by looks: time in which this process or the server was away doesn't count.
  for (let watchedMs = 0; watchedMs < forMs; watchedMs += pollMs) {
    await sleep(pollMs, undefined, { signal }).catch(error => {
      throw signal?.reason ?? error;
    });
    const now = await readNow(connection, options);
    if (!now || now.released) return now;
    if (!isSameBeat(now, lease)) throw heldBy(options, now);
  }
  return lease;
}

/** Nothing was heard of its holder between the two. */
export function isSameBeat(a: LeaseState, b: LeaseState): boolean {
  return a.lockId === b.lockId && a.heartbeatAt === b.heartbeatAt;
}

/** 0: it is known that nobody has it. Throws when it is known that somebody has. */
function chooseWatch(lease: LeaseState, options: OutwaitOptions): number {
  const { isProcessAlive, intervals = LEASE_INTERVALS } = options;
  const condition = judgeLease(lease, isProcessAlive);
  if (condition === 'released' || condition === 'process_dead') return 0;
  if (condition === 'expired') return MISSED_BEATS * intervals.heartbeatMs;
  if (lease.expiresInMs > intervals.leaseMs + SLACK_MS) return intervals.leaseMs;
  throw heldBy(options, lease);
}

/** Whatever transaction the session is in. */
async function readNow(
  connection: DatabaseConnection,
  { database }: LeasedTarget,
): Promise<LeaseState | null> {
  await connection.execute('COMMIT');
  return readLease(connection, database);
}
