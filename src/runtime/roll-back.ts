// `rollback`: what it would do, and doing it.

import { resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { type ExitName, MigrationError } from '../errors.ts';
import type { RollbackReport, RollbackUnit } from '../migration/rollback-report.ts';
import { isRollbackAvailable, type MigrationState, readTask } from '../migration/state.ts';
import { nameTask, type TaskId } from '../migration/words.ts';
import { flushCache } from '../phases/flush-cache.ts';
import { judgeRollback } from '../phases/judge-rollback.ts';
import { rollBack } from '../phases/roll-back.ts';
import { createUnitProgress } from '../sinks/unit-progress.ts';
import { finishFiles } from './finish-files.ts';
import { type CacheSettings, createObjectCache } from './object-cache.ts';
import {
  type EndedRun,
  openEnded,
  readEnded,
  selectTargetOf,
  type UndoOptions,
  writeSummaryAgain,
} from './open-ended.ts';

export interface PreparedRollback {
  readonly run: EndedRun;
  /** What would be done. */
  readonly report: RollbackReport;
  readonly cache: CacheSettings | null;
}

export interface RollbackOptions extends UndoOptions {
  /** null: all sites and the network tables. */
  readonly taskIds: readonly TaskId[] | null;
}

/** Finds out what can be rolled back. Refuses when nothing can be, or when one that was named can't. Changes nothing
 *  anywhere. */
export async function prepareRollback(config: Config, options: RollbackOptions): Promise<PreparedRollback> {
  const run = await readEnded(config, options);
  const { plan, state, facts } = run;
  const all = judgeRollback(plan, state, facts);
  const named = options.taskIds && new Set(options.taskIds);
  const units = all.filter(unit => (named ? named.has(unit.taskId) : unit.status !== 'not_cut_over'));
  if (named) refuseUnknown(run, units, named);
  const refused = units.filter(unit => unit.status === 'refused' || unit.status === 'not_cut_over');
  if (refused.length > 0 && (named || refused.length === units.length)) refuse(run, refused);
  if (units.length === 0) refuse(run, []);
  const { environment: source } = plan.source;
  const { environment: target } = plan.target;
  const { migrationId } = plan;
  const rollbackAvailable = isRollbackAvailable(state);
  const { status } = state;
  return {
    run,
    report: {
      ...{ migrationId, source, target, status, carriedOut: false, rollbackAvailable },
      validationResults: [],
      units,
    },
    cache: selectTargetOf(config, plan).cache ?? null,
  };
}

/** Carries it out, and shows on `display` how far it is. What befalls single sites is in the report; rejects only with what stops everything. */
export async function rollBackRun(
  { run, report, cache }: PreparedRollback,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
  say: (text: string) => void,
): Promise<{ report: RollbackReport; exit: ExitName }> {
  const taskIds = report.units.filter(unit => unit.status === 'to_roll_back').map(unit => unit.taskId);
  if (taskIds.length === 0) {
    await finishFiles(run.directory, run.plan, run.state);
    return conclude(run.state, report);
  }
  await using work = await openEnded(run, signal, say);
  const { plan } = run;
  using progress = createUnitProgress({
    plan,
    total: taskIds.length,
    deed: 'rolled back',
    stream: display,
  });
  const { recorder } = work;
  try {
    await rollBack({ ...work, plan }, taskIds, {
      automatic: false,
      onEnd: (taskId, isRolledBack) => (isRolledBack ? progress.done(taskId) : progress.failed(taskId)),
    });
    const objectCache = cache && createObjectCache(cache, plan, resolve(run.directory.path));
    // What it tells is in the report, and not more than that: what was swapped back stays so.
    await flushCache({ ...work, plan, cache: objectCache }).catch(() => {});
  } finally {
    await writeSummaryAgain(run, work);
  }
  return conclude(recorder.state as MigrationState, report, cache !== null);
}

function conclude(
  state: MigrationState,
  report: RollbackReport,
  isFlushed = false,
): { report: RollbackReport; exit: ExitName } {
  const validationResults = isFlushed
    ? (state.validationResults ?? []).filter(({ test }) => test.startsWith('cache_'))
    : [];
  const isWell = validationResults.every(({ passed }) => passed);
  const units = report.units.map((unit): RollbackUnit => {
    if (unit.status !== 'to_roll_back') return unit;
    const { status, steps } = readTask(state, unit.taskId);
    if (status === 'rolled_back') return { ...unit, status };
    return { ...unit, status: 'failed', reason: steps.roll_back?.error?.message ?? 'it was not tried' };
  });
  const { status } = state;
  const rollbackAvailable = isRollbackAvailable(state);
  return {
    report: { ...report, status, carriedOut: true, rollbackAvailable, validationResults, units },
    exit: isWell && units.every(unit => unit.status === 'rolled_back') ? 'ok' : 'partial',
  };
}

function refuseUnknown({ plan }: EndedRun, units: readonly RollbackUnit[], named: Set<TaskId>): void {
  const known = new Set(units.map(unit => unit.taskId));
  const unknown = [...named].filter(taskId => !known.has(taskId));
  if (unknown.length === 0) return;
  const names = unknown.map(taskId => (taskId === 0 ? 'no network tables' : `no ${nameTask(taskId)}`));
  throw new MigrationError('usage', `Run ${plan.migrationId} has ${names.join(', ')}.`, {
    hint: `See its sites: wfuwp env-migrate status ${plan.migrationId}`,
    details: { unknown },
  });
}

const MOST_REASONS = 10;

function refuse({ plan }: EndedRun, units: readonly RollbackUnit[]): never {
  const reasons = units.map(
    ({ taskId, reason }) => `  ${nameTask(taskId)}: ${reason ?? 'it was not cut over by this run'}`,
  );
  const shown = reasons.slice(0, MOST_REASONS);
  if (reasons.length > shown.length) shown.push(`  … and ${reasons.length - shown.length} more`);
  const what = units.length === 0 ? ['It has cut nothing over.'] : ["These can't be:", ...shown];
  const [first, ...others] = what;
  throw new MigrationError(
    'preflight_refused',
    [`Run ${plan.migrationId} can't be rolled back. ${first}`, ...others],
    {
      hint: 'Nothing was changed.',
      details: { units: units.map(({ taskId, reason }) => ({ taskId, reason })) },
    },
  );
}
