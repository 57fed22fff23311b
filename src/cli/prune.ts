// What `prune` asks for, in the words of the command line.

import { judgeRuns, type PruneVerdict, removeRun, sweepPruned } from '../migration/prune-runs.ts';
import { parseAge } from './parse-age.ts';

export interface PruneRequest {
  readonly logDir: string;
  /** `90d`. */
  readonly olderThan: string;
  readonly keep: number;
}

export async function findPrunable({ logDir, olderThan, keep }: PruneRequest): Promise<PruneVerdict[]> {
  const before = new Date(Date.now() - parseAge(olderThan, '--older-than'));
  return await judgeRuns({ logDir, before, keep });
}

/** Removes those that nobody needs, and answers how many. */
export async function pruneRuns(logDir: string, runs: readonly PruneVerdict[]): Promise<number> {
  await sweepPruned(logDir);
  const gone = runs.filter(({ reason }) => reason === null);
  for (const run of gone) await removeRun(run);
  return gone.length;
}
