import { HURRY } from '../lib/test-hurry.ts';

export interface LeaseIntervals {
  /** Between two heartbeats. Also how long the server may take for an answer, and how long before its lease expires a
   *  holder stops: in that time its sites must let go. */
  readonly heartbeatMs: number;
  /** How long a lease lasts after its last heartbeat. */
  readonly leaseMs: number;
}

/** A shorter lease is lost to a server that restarts or fails over, which a run should wait out; a longer one makes
 *  people wait for that long after a machine has died (a dead process of the same machine is seen at once). More
 *  frequent heartbeats only make the redo log longer; rarer ones leave fewer tries to a lease of the same length. */
export const LEASE_INTERVALS: LeaseIntervals = { heartbeatMs: 5_000 / HURRY, leaseMs: 120_000 / HURRY };
