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

/** Removes those that nobody needs, and answers what has become of each: some may be needed by now. */
export async function pruneRuns(logDir: string, runs: readonly PruneVerdict[]): Promise<PruneVerdict[]> {
  await sweepPruned(logDir);
  const outcome: PruneVerdict[] = [];
  for (const run of runs) outcome.push(run.reason === null ? { ...run, reason: await removeRun(run) } : run);
  return outcome;
}
