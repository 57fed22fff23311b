// `cleanup`: what it would remove, and removing it.

import type { Config } from '../config/schema.ts';
import type { CleanupReport } from '../migration/cleanup-report.ts';
import { isRollbackAvailable } from '../migration/state.ts';
import { listRemovable, removeKept } from '../phases/remove-kept.ts';
import { type EndedRun, openEnded, readEnded, type UndoOptions, writeSummaryAgain } from './open-ended.ts';

export interface PreparedCleanup {
  readonly run: EndedRun;
  /** What would be removed. */
  readonly report: CleanupReport;
}

/** Finds out what the run has made and no longer needs. Changes nothing anywhere. */
export async function prepareCleanup(config: Config, options: UndoOptions): Promise<PreparedCleanup> {
  const run = await readEnded(config, options);
  const { plan, state, facts } = run;
  return {
    run,
    report: {
      migrationId: plan.migrationId,
      source: plan.source.environment,
      target: plan.target.environment,
      stagingDatabase: plan.target.staging,
      previousDatabase: plan.target.previous,
      carriedOut: false,
      rollbackAvailable: isRollbackAvailable(state),
      ...listRemovable(plan, state, facts),
    },
  };
}

/** Removes what the report lists. */
export async function cleanUpRun(
  { run, report }: PreparedCleanup,
  signal: AbortSignal,
): Promise<CleanupReport> {
  await using work = await openEnded(run, signal);
  try {
    await removeKept({ ...work, plan: run.plan }, report);
  } finally {
    await writeSummaryAgain(run, work);
  }
  return { ...report, carriedOut: true, rollbackAvailable: isRollbackAvailable(work.recorder.state) };
}
