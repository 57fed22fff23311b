import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { readJournal } from '../migration/journal.ts';
import { refuseForeignJournal } from '../migration/judge-head.ts';
import type { ProvenRun } from '../migration/prove-run.ts';
import type { RunDirectory } from '../migration/run-directory.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget, type ServerAddress } from '../mysql/client.ts';
import { type KnownRunHead, readRunHead } from '../mysql/run-heads.ts';

/** Throws `migration_unreadable` when the run's journal isn't, or is no longer, the one that the target knows. Only
 *  reads; openWork asks again under the lease. */
export async function proveJournal(
  target: ServerAddress,
  directory: RunDirectory,
  { plan, journal }: Pick<ProvenRun, 'plan' | 'journal'>,
): Promise<void> {
  const { migrationId } = plan;
  const known = await readKnown(target, plan.target.database, migrationId);
  const here = { migrationId, host: hostname(), directory: resolve(directory.path) };
  // A run that is going on may have written further since its journal was read, and told the target. Who works on it,
  // the lock says.
  const isBehind = known !== null && journal.hashes.length < known.seq;
  const { hashes } = isBehind ? await readJournal(directory.journal).catch(() => journal) : journal;
  refuseForeignJournal(hashes, known, here);
}

async function readKnown(
  target: ServerAddress,
  database: string,
  migrationId: string,
): Promise<KnownRunHead | null> {
  await using connection = await connectTarget(target);
  try {
    return await readRunHead(connection, database, migrationId);
  } catch (error) {
    throw classifyDatabaseError(error, `reading ${target.label}`);
  }
}
