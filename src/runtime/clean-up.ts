// `cleanup`: what it would remove, and removing it.

import type { Config } from '../config/schema.ts';
import type { CleanupReport } from '../migration/cleanup-report.ts';
import { takeRunLock } from '../migration/lock.ts';
import { isRollbackAvailable } from '../migration/state.ts';
import { isOver, listRemovable, removeKept } from '../phases/remove-kept.ts';
import { createUnitProgress } from '../sinks/unit-progress.ts';
import { finishFiles } from './finish-files.ts';
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

/** Removes what the report lists, and shows on `display` how far it is. Answers the same report when that is nothing. */
export async function cleanUpRun(
  { run, report }: PreparedCleanup,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
  say: (text: string) => void,
): Promise<CleanupReport> {
  if (report.units.length + report.discarded.length === 0) {
    // Of a run that goes on nothing can be removed yet, which isn't the same as that there is nothing to remove.
    if (!isOver(run.state)) {
      const lock = await takeRunLock(run.directory.lock, { signal, say });
      await lock[Symbol.asyncDispose]();
    }
    await finishFiles(run.directory, run.plan, run.state);
    return report;
  }
  await using work = await openEnded(run, signal, say);
  const { plan } = run;
  const total = report.units.length;
  using progress = createUnitProgress({ plan, total, deed: 'removed', stream: display });
  const onRemoved = progress.done;
  try {
    await work.onTarget(target => removeKept({ ...work, target, plan, onRemoved }, report));
  } finally {
    await writeSummaryAgain(run, work);
  }
  return { ...report, carriedOut: true, rollbackAvailable: isRollbackAvailable(work.recorder.state) };
}
