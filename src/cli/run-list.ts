// What `--list-migrations` shows: the runs that want something of somebody.

import type { RunEntry, RunStatus } from '../migration/read-run.ts';
import { listRuns } from '../migration/store.ts';
import { suggestResume } from './next-commands.ts';

export interface ListedRun extends RunEntry {
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
    .map(run => ({ ...run, nextCommands: suggestResume(run) }));
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}

function isDone({ status, damage }: RunEntry): boolean {
  return damage.length === 0 && (status === 'completed' || status === 'rolled_back');
}
