// A target in the hands of a run: its lease is taken, its database has an id, and whatever connects from now on proves
// both.

import { hostname } from 'node:os';
import { MigrationError } from '../errors.ts';
import { mostAtOnce } from '../migration/concurrency.ts';
import { connectTarget, type ServerAddress } from '../mysql/client.ts';
import { claimDatabase, type ExpectedIdentity } from '../mysql/identity.ts';
import { type Lease, takeLease } from '../mysql/lease.ts';
import { lostTo } from '../mysql/lease-errors.ts';
import { isHolder, readLease } from '../mysql/lease-row.ts';
import type { Work } from './open-work.ts';

export interface HeldTarget {
  readonly lease: Lease;
  /** The target's, with all that must be proven of it. */
  readonly address: ServerAddress;
}

/** A cutover is a small part of a site's time, and one that finds no fence free waits for it; each costs two waits for
 *  the target's disk in every run. */
const MOST_FENCES = 5;

/** One run at a time works on a target database, from whatever machine; see mysql/lease.ts. Rejects with `locked` or
 *  `identity`. */
export async function holdTarget(
  { plan, policy, limits, servers, say }: Work,
  signal: AbortSignal,
): Promise<HeldTarget> {
  const { environment, database, staging } = plan.target;
  const expected: { -readonly [K in keyof ExpectedIdentity]: ExpectedIdentity[K] } | undefined = servers
    .target.identity && { ...servers.target.identity };
  const address: ServerAddress = expected ? { ...servers.target, identity: expected } : servers.target;
  const lease = await takeLease({
    address,
    environment,
    database,
    staging,
    holder: { host: hostname(), pid: process.pid, migrationId: plan.migrationId },
    fences: Math.min(mostAtOnce(policy.concurrency, limits), MOST_FENCES),
    ...(say ? { say } : {}),
    signal,
  });
  try {
    if (expected && plan.target.identity) {
      expected.database ??= await claim(address, database, plan.target.identity.databaseId);
      // A replica that was promoted has the lease's row, which nobody can guess; a server that has not is none of ours.
      expected.isSuccessor = connection => isHolder(connection, database, lease.lockId);
      expected.explain = async connection =>
        lostTo({ environment, database }, await readLease(connection, database), lease.lockId);
    }
    return { lease, address };
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
}

async function claim(
  address: ServerAddress,
  database: string,
  id: string,
): Promise<{ name: string; id: string }> {
  await using connection = await connectTarget(address);
  const found = await claimDatabase(connection, database, id);
  if (found === id) return { name: database, id };
  throw new MigrationError(
    'locked',
    `Another run has just begun to work on ${database} for the first time.`,
    {
      hint: 'Start again: the plan has to be made anew.',
    },
  );
}
