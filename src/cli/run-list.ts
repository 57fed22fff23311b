// What `--list-migrations` shows: the runs that want something of somebody.

import { isDone, type RunEntry, type RunStatus } from '../migration/read-run.ts';
import { listRuns } from '../migration/store.ts';
import { suggestClosing, suggestResume } from './next-commands.ts';

export interface ListedRun extends RunEntry {
  /** The run that has done since what this one was to do; null: none is known. */
  readonly supersededBy: string | null;
  /** How to go on with it, the best way first; empty: it can't be, or it is going on. */
  readonly nextCommands: readonly string[];
}

/** What was broken off comes first of all, what goes on by itself last. */
const URGENCY: Record<RunStatus, number> = {
  failed: 0,
  interrupted: 0,
  completed_with_failures: 1,
  paused: 1,
  unknown: 2,
  completed: 2,
  rolled_back: 2,
  closed: 2,
  running: 3,
};

/** All of them, the newest first. */
export async function readAllRuns(logDir: string): Promise<RunEntry[]> {
  return (await listRuns(logDir)).reverse();
}

/** The runs of the folder that aren't wholly done, and every damaged directory. */
export async function readRunList(logDir: string): Promise<ListedRun[]> {
  return selectIncomplete(await listRuns(logDir));
}

/** The most urgent first, and of equal urgency the newest. */
export function selectIncomplete(runs: readonly RunEntry[]): ListedRun[] {
  return runs
    .filter(run => !isDone(run))
    .sort((a, b) => URGENCY[a.status] - URGENCY[b.status] || compare(b.startedAt, a.startedAt))
    .map(run => {
      const supersededBy = findSuccessor(run, runs)?.id ?? null;
      const resume = suggestResume(run);
      return { ...run, supersededBy, nextCommands: supersededBy ? [suggestClosing(run), ...resume] : resume };
    });
}

/** The newest run of the same pair that was started later, has completed, and had as many sites to move. */
export function findSuccessor(run: RunEntry, runs: readonly RunEntry[]): RunEntry | null {
  if (run.holder || run.damage.length > 0 || isDone(run)) return null;
  const later = runs.filter(
    other =>
      other.status === 'completed' &&
      other.source === run.source &&
      other.target === run.target &&
      countPlanned(other) >= countPlanned(run) &&
      compare(other.startedAt, run.startedAt) > 0,
  );
  return later.sort((a, b) => compare(b.startedAt, a.startedAt))[0] ?? null;
}

function countPlanned({ sites }: RunEntry): number {
  return sites.total - (sites.skipped - sites.unchanged);
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}
