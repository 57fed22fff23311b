// `cleanup`: what it would remove, and removing it.

import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import { MigrationError } from '../errors.ts';
import { nameOperator } from '../lib/name-operator.ts';
import type { CleanupReport } from '../migration/cleanup-report.ts';
import { listUnits } from '../migration/list-units.ts';
import { takeRunLock } from '../migration/lock.ts';
import type { Plan } from '../migration/plan.ts';
import { isOver, isRollbackAvailable, type MigrationState, readTask } from '../migration/state.ts';
import { DONE_STATUSES, nameTask } from '../migration/words.ts';
import { listRemovable, removeKept } from '../phases/remove-kept.ts';
import { createUnitProgress } from '../sinks/unit-progress.ts';
import { finishFiles } from './finish-files.ts';
import { type EndedRun, openEnded, readEnded, type UndoOptions, writeSummaryAgain } from './open-ended.ts';

export interface PreparedCleanup {
  readonly run: EndedRun;
  /** What would be removed. */
  readonly report: CleanupReport;
}

export interface CleanupOptions extends UndoOptions {
  /** `--close`: what the run has left to do is given up. */
  readonly close: boolean;
}

/** Finds out what the run has made and no longer needs. Changes nothing anywhere. */
export async function prepareCleanup(config: Config, options: CleanupOptions): Promise<PreparedCleanup> {
  const run = await readEnded(config, options);
  const { plan, state, facts } = run;
  const closes = options.close && !DONE_STATUSES.has(state.status);
  if (closes) refuseBegunRollback(plan, state);
  return {
    run,
    report: {
      migrationId: plan.migrationId,
      source: plan.source.environment,
      target: plan.target.environment,
      stagingDatabase: plan.target.staging,
      previousDatabase: plan.target.previous,
      carriedOut: false,
      closes,
      rollbackAvailable: isRollbackAvailable(state),
      ...listRemovable(plan, state, facts, { isOver: closes || isOver(state) }),
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
  if (isIdle(report)) {
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
  const { recorder } = work;
  const by = nameOperator();
  await recorder.record({ type: 'cleanup.started', by, pid: process.pid, host: hostname() });
  if (report.closes) await recorder.record({ type: 'migration.closed', by });
  const total = report.units.length;
  using progress = createUnitProgress({ plan, total, deed: 'removed', stream: display });
  const onRemoved = progress.done;
  try {
    await work.onTarget(target => removeKept({ ...work, target, plan, onRemoved }, report));
  } finally {
    await writeSummaryAgain(run, work);
  }
  return { ...report, carriedOut: true, rollbackAvailable: isRollbackAvailable(recorder.state) };
}

/** Is there nothing to do? */
export function isIdle({ units, discarded, closes }: CleanupReport): boolean {
  return units.length + discarded.length === 0 && !closes;
}

/** Until it has ended nobody knows which tables are live. */
function refuseBegunRollback(plan: Plan, state: MigrationState): void {
  const begun = listUnits(plan).find(({ taskId }) => {
    const { status, steps } = readTask(state, taskId);
    return steps.roll_back !== undefined && status !== 'rolled_back';
  });
  if (!begun) return;
  throw new MigrationError(
    'preflight_refused',
    `A rollback of ${nameTask(begun.taskId)} was begun and has not ended.`,
    {
      hint: `End it first: wfuwp env-migrate rollback ${plan.migrationId}`,
    },
  );
}
