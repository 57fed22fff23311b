// The lease of a target: while a run holds it, no other run works on that database, from whatever machine. A row in the
// database says who holds it and until when (lease-row.ts); a named lock of the server makes takers wait for each
// other (lease-lock.ts); fences make sure that a holder who has lost it without noticing can't swap (fences.ts), and
// its connections are ended (holder-connections.ts).

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationError } from '../errors.ts';
import { within } from '../lib/within.ts';
import { classifyDatabaseError } from './classify.ts';
import { connectTarget, type DatabaseConnection, endQuery, type ServerAddress } from './client.ts';
import { FencePool } from './fence-pool.ts';
import { raiseFences, readHighestFence, removeFences } from './fences.ts';
import { listMarkedConnections, markConnection } from './holder-connections.ts';
import { heldBy, heldByConnection, heldByUnknown, keptByConnection, lostTo } from './lease-errors.ts';
import { Heartbeat } from './lease-heartbeat.ts';
import { LEASE_INTERVALS } from './lease-intervals.ts';
import { findLockConnection, releaseNamedLock, tryNamedLock } from './lease-lock.ts';
import {
  createLeaseTable,
  isHolder,
  judgeLease,
  type LeaseHolder,
  type LeaseState,
  readLease,
  releaseLease,
  writeLease,
} from './lease-row.ts';
import type { TableName } from './loader.ts';
import { isSameBeat, type OutwaitOptions, outwaitLease } from './outwait-lease.ts';

export interface TakeLeaseOptions extends OutwaitOptions {
  readonly address: ServerAddress;
  /** Where the fences stand; made when missing. */
  readonly staging: string;
  readonly holder: LeaseHolder;
  /** How many cutovers can be in flight at a time. */
  readonly fences: number;
}

export interface Lease extends AsyncDisposable {
  readonly lockId: string;
  readonly fencing: number;
  /** Aborts when the lease is somebody else's or broken, and, before it can expire, when heartbeats don't get through.
   *  The reason is a MigrationError `locked`. Nothing may be begun then, nor tidied up: the tables in staging may be
   *  another run's by now. */
  readonly lost: AbortSignal;
  /** Calls `deed` with a fence that no other deed has meanwhile; waits for a free one. Rejects with the reason of
   *  `lost` instead of calling. */
  useFence<T>(deed: (fence: TableName) => Promise<T>): Promise<T>;
  /** Rejects with `locked` when this connection leads to a target whose lease isn't this run's: another run has taken
   *  it, or, after a failover, another server answers at the address. Whoever takes the lease over ends the
   *  connection. */
  prove(connection: DatabaseConnection): Promise<void>;
}

/** For how long takers wait for one that is just taking or giving back. */
const TAKING_MS = 5_000;
const POLL_MS = 50;

const ER_KILL_DENIED = 1095;

/** Giving back may not hold up the program's end: what isn't given back expires. */
const RELEASE_MS = 10_000;

/** Takes the lease when it is free, of a dead process of this machine, or of one that was watched and isn't alive.
 *  Otherwise throws `locked`, naming the holder. Disposing of it gives it back. */
export async function takeLease(options: TakeLeaseOptions): Promise<Lease> {
  const { address, staging, fences, intervals = LEASE_INTERVALS } = options;
  const lockId = randomUUID();
  const connection = await connectTarget(address);
  let fencing: number;
  // Before the row is written: its time to live is counted from no later than the server does.
  let aliveAt: number;
  try {
    const dead = await outwaitLease(connection, options);
    await lockOut(connection, options, dead);
    aliveAt = performance.now();
    fencing = await occupy(connection, options, { lockId, leaseMs: intervals.leaseMs, dead });
  } catch (error) {
    connection.destroy();
    throw classifyDatabaseError(error, `taking the lease of ${options.database} on ${address.label}`);
  }
  const heartbeat = new Heartbeat({ ...options, lockId, intervals }, connection, aliveAt);
  const pool = new FencePool(heartbeat.lost);
  const lease = buildLease(options, { lockId, fencing, heartbeat, pool });
  try {
    await endLeftConnections(connection, options);
    pool.fill(await raiseFences(address, staging, fencing, fences));
    heartbeat.lost.throwIfAborted();
    return lease;
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
}

/** Takes the named lock. That of a dead holder is freed by ending its connection: a stopped process, or one behind a
 *  broken network, would keep it for hours. */
async function lockOut(
  connection: DatabaseConnection,
  options: TakeLeaseOptions,
  dead: LeaseState | null,
): Promise<void> {
  const { address, database } = options;
  const giveUpAt = performance.now() + TAKING_MS;
  while (!(await tryNamedLock(connection, database))) {
    await connection.execute('COMMIT');
    const lease = await readLease(connection, database);
    if (lease && isHeld(lease, options, dead)) throw heldBy(options, lease);
    // Another connection than the row's is a taker like this one, on its way to the row.
    if (lease && (await findLockConnection(connection, database)) === lease.connectionId) {
      await endQuery(address, lease.connectionId).catch(error => {
        throw heldByConnection(options, lease, error);
      });
    }
    if (performance.now() > giveUpAt) throw heldByUnknown(options);
    await sleep(POLL_MS);
  }
}

/** Writes this holder into the row unless it has a living one. Answers the fencing number. */
async function occupy(
  connection: DatabaseConnection,
  options: TakeLeaseOptions,
  { lockId, leaseMs, dead }: { lockId: string; leaseMs: number; dead: LeaseState | null },
): Promise<number> {
  const { database, staging, holder } = options;
  await createLeaseTable(connection, database);
  await connection.execute('START TRANSACTION');
  const lease: LeaseState | null = await readLease(connection, database, { forUpdate: true });
  if (lease && isHeld(lease, options, dead)) throw heldBy(options, lease);
  const fencing = Math.max(lease?.fencing ?? 0, await readHighestFence(connection, staging)) + 1;
  await writeLease(connection, database, { ...holder, lockId, fencing, staging, leaseMs });
  await connection.execute('COMMIT');
  return fencing;
}

/** Those of a holder before: a process that was only stopped would go on with what it was in the middle of. */
async function endLeftConnections(connection: DatabaseConnection, options: TakeLeaseOptions): Promise<void> {
  const { address, database } = options;
  for (const id of await listMarkedConnections(connection, database)) {
    await endQuery(address, id).catch(error => {
      throw (error as MigrationError).details?.errno === ER_KILL_DENIED
        ? keptByConnection(options, id, error)
        : error;
    });
  }
}

/** `dead`: the lease as it was when nobody alive had it. */
function isHeld(lease: LeaseState, { isProcessAlive }: TakeLeaseOptions, dead: LeaseState | null): boolean {
  const condition = judgeLease(lease, isProcessAlive);
  if (condition === 'released' || condition === 'process_dead') return false;
  return !dead || !isSameBeat(lease, dead);
}

interface LeaseParts {
  readonly lockId: string;
  readonly fencing: number;
  readonly heartbeat: Heartbeat;
  readonly pool: FencePool;
}

function buildLease(options: TakeLeaseOptions, { lockId, fencing, heartbeat, pool }: LeaseParts): Lease {
  const { address, database, staging } = options;
  const giveBack = async (): Promise<void> => {
    const connection = await heartbeat.stop();
    // A lost one has nothing to give back: its row and its fences are another's business.
    if (!connection || heartbeat.lost.aborted) return connection?.destroy();
    const releasing = (async () => {
      await removeFences(address, staging, fencing);
      await releaseLease(connection, database, lockId);
      await releaseNamedLock(connection, database);
      await connection.end();
    })();
    await within(releasing, RELEASE_MS).catch(() => connection.destroy());
  };
  let givenBack: Promise<void> | undefined;
  const marked = new WeakSet<DatabaseConnection>();
  return {
    lockId,
    fencing,
    lost: heartbeat.lost,
    useFence: deed => pool.use(deed),
    async prove(connection) {
      // First the mark: a taker looks for marks once the row is its own.
      if (!marked.has(connection)) await markConnection(connection, database);
      marked.add(connection);
      if (await isHolder(connection, database, lockId)) return;
      throw lostTo(options, await readLease(connection, database), lockId);
    },
    [Symbol.asyncDispose]() {
      givenBack ??= giveBack();
      return givenBack;
    },
  };
}
