// A process may die between the last line of its journal and the files that are made from it. Whoever comes next writes
// them: that needs neither configuration nor servers.

import { CATALOGUE, type ExitName } from '../errors.ts';
import { takeRunLock } from '../migration/lock.ts';
import type { Plan } from '../migration/plan.ts';
import { proveRun } from '../migration/prove-run.ts';
import { readLastLine } from '../migration/read-done-run.ts';
import { isIdleResume, type ResumeChoice, remainingSites } from '../migration/remaining-work.ts';
import type { RunDirectory } from '../migration/run-directory.ts';
import type { MigrationState } from '../migration/state.ts';
import { findRun } from '../migration/store.ts';
import { type Summary, summarize } from '../migration/summary.ts';
import { hasTroubles } from '../migration/troubles.ts';

export interface FinishedRun {
  readonly plan: Plan;
  readonly directory: RunDirectory;
  readonly summary: Summary;
  /** What the run would have ended with, had it not died. */
  readonly exit: ExitName;
}

/** When a resume would find nothing to do but the summary that was not written any more: writes it. null: it is there,
 *  or there is more to do. Throws `locked` while somebody works on the run. */
export async function finishRun(
  logDir: string,
  id: string,
  choice: ResumeChoice,
): Promise<FinishedRun | null> {
  const directory = await findRun(logDir, id);
  const last = await readLastLine(directory.journal).catch(() => null);
  if (last?.type !== 'migration.ended' || (await isSummaryOf(directory, last.seq))) return null;
  const { plan, state } = await proveRun(directory);
  if (!isIdleResume(state, remainingSites(plan, state, choice), choice)) return null;
  const summary = await writeFiles(directory, plan);
  const { error, status } = summary;
  const isWell = status === 'completed' && !hasTroubles(state);
  const exit = error ? (error.exit ?? CATALOGUE[error.code].exit) : isWell ? 'ok' : 'partial';
  return { plan, directory, summary, exit };
}

/** The same for a rollback or a cleanup that has nothing left to do. */
export async function finishFiles(
  directory: RunDirectory,
  plan: Plan,
  { endedAt, lastSeq }: MigrationState,
): Promise<void> {
  if (endedAt && !(await isSummaryOf(directory, lastSeq))) await writeFiles(directory, plan);
}

async function writeFiles(directory: RunDirectory, plan: Plan): Promise<Summary> {
  await directory.prove();
  await using _lock = await takeRunLock(directory.lock);
  const { state } = await directory.readState(plan.migrationId);
  const summary = summarize(plan, state);
  await directory.writeState([`${JSON.stringify(state)}\n`]);
  await directory.writeSummary(summary);
  return summary;
}

async function isSummaryOf(directory: RunDirectory, lastSeq: number): Promise<boolean> {
  return (await directory.readSummary())?.lastSeq === lastSeq;
}
