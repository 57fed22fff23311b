// How far a run is and how fast, as its files tell it: for whoever looks from outside. The run's own display measures
// what has no event yet, too; see progress.ts.

import { copiedTables } from './copied-table.ts';
import type { TaskState } from './fold-task.ts';
import type { Plan } from './plan.ts';
import { type MigrationState, readPhase, readTask } from './state.ts';
import { NETWORK, taskOf } from './task-ids.ts';
import { countPercent, SITE_OVERHEAD_BYTES } from './weigh-work.ts';
import type { TaskId } from './words.ts';

export interface StateProgress {
  /** Of the work, which is bytes and sites together. */
  readonly percent: number;
  /** null: nothing has been completed lately that it could be judged by. */
  readonly etaMs: number | null;
  readonly sitesPerMinute: number | null;
  readonly bytesPerSecond: number | null;
}

/** Shorter: the time left jumps about. Longer: it takes as long to believe that a server has slowed down. */
const WINDOW_MS = 5 * 60_000;

/** Before this a pace is worth less than none. */
const PACE_AFTER_MS = 3_000;

export function measureState(plan: Plan, state: MigrationState, now: Date): StateProgress {
  const network = plan.network?.tables.reduce((sum, table) => sum + table.sizeBytes, 0);
  const units = [
    ...(network === undefined ? [] : [weighUnit(readTask(state, NETWORK), NETWORK, network)]),
    ...plan.sites.map(({ siteId, sizeBytes }) =>
      weighUnit(readTask(state, taskOf(siteId)), taskOf(siteId), sizeBytes),
    ),
  ];
  const total = units.reduce((sum, unit) => sum + unit.work, 0);
  const done = units.reduce((sum, unit) => sum + unit.done, 0);
  const endMs = Math.max(now.getTime(), Date.parse(state.updatedAt) || 0);
  const beginMs = Math.max(endMs - WINDOW_MS, Date.parse(readPhase(state, 'sites').startedAt ?? '') || endMs);
  const lately = units.filter(unit => unit.isDone && unit.endedMs > beginMs);
  const passedMs = endMs - beginMs;
  if (passedMs < PACE_AFTER_MS || lately.length === 0)
    return { percent: countPercent(done, total), etaMs: null, sitesPerMinute: null, bytesPerSecond: null };
  const pace = lately.reduce((sum, unit) => sum + unit.work, 0) / passedMs;
  const bytes = lately.reduce((sum, unit) => sum + unit.bytes, 0);
  return {
    percent: countPercent(done, total),
    etaMs: Math.round((total - done) / pace),
    sitesPerMinute: (lately.filter(unit => unit.taskId !== NETWORK).length * 60_000) / passedMs,
    bytesPerSecond: Math.round((bytes * 1_000) / passedMs),
  };
}

const DONE = new Set<TaskState['status']>(['completed', 'failed', 'timeout', 'skipped']);

function weighUnit(task: TaskState, taskId: TaskId, sizeBytes: number) {
  const work = sizeBytes + SITE_OVERHEAD_BYTES;
  const isDone = DONE.has(task.status);
  const copied = copiedTables(task.steps.copy_tables);
  const landed = copied.reduce((sum, table) => sum + table.bytes, 0);
  return {
    taskId,
    work,
    isDone,
    done: isDone ? work : Math.min(landed, sizeBytes),
    bytes: task.bytes ?? 0,
    endedMs: Date.parse(task.endedAt ?? '') || 0,
  };
}
