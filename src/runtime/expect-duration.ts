// How long a run will take, judged by what an earlier one took: the plan's own figure knows neither the servers nor the
// network between them.

import type { ConcurrencyLimits } from '../migration/concurrency.ts';
import { startPace } from '../migration/concurrency.ts';
import { sumUnits } from '../migration/list-units.ts';
import type { ExpectedDuration, Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import type { RunEntry } from '../migration/read-run.ts';
import { RunDirectory } from '../migration/run-directory.ts';
import type { MigrationState } from '../migration/state.ts';
import { findNewestOf } from '../migration/store.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { estimateMs } from '../phases/estimate.ts';

/** A run that many times smaller or larger says little: what each costs however large it is would be multiplied, too. */
const COMPARABLE = 4;

/** Less than this of a run says nothing of the rest. */
const MIN_WORKED_MS = 10_000;

/** Of a new run, by the last one of the same pair that has completed. Never throws. */
export async function expectNew(plan: Plan, logDir: string): Promise<ExpectedDuration> {
  const rough = { ms: plan.estimateMs, judgedBy: null };
  try {
    const { environment: source } = plan.source;
    const { environment: target } = plan.target;
    const isWhole = ({ status, sites, ...run }: RunEntry): boolean =>
      run.source === source && run.target === target && status === 'completed' && sites.unchanged === 0;
    const last = await findNewestOf(logDir, isWhole);
    if (!last) return rough;
    const directory = new RunDirectory(last.path);
    const [then, summary] = [await directory.readPlan(), await directory.readSummary()];
    const ms = summary && scale(plan.estimateMs, then.estimateMs, summary.durationMs);
    return ms ? { ms, judgedBy: last.id } : rough;
  } catch {
    return rough;
  }
}

/** What takes so long by rough figures takes as many times that as the other did; null: the two are too unlike. */
export function scale(roughMs: number, otherRoughMs: number, otherTookMs: number): number | null {
  const times = roughMs / otherRoughMs;
  return times >= 1 / COMPARABLE && times <= COMPARABLE ? Math.round(otherTookMs * times) : null;
}

/** Of what a run has left, by what it has done. */
export function expectRest(
  plan: Plan,
  state: MigrationState,
  taskIds: readonly TaskId[],
  { policy, limits }: { policy: RunPolicy; limits: ConcurrencyLimits },
): ExpectedDuration {
  const { level } = startPace(policy.concurrency, limits);
  const estimate = (ids: readonly TaskId[]): number => estimateMs(sumUnits(plan, ids), level);
  const units: (readonly [TaskId, string | undefined])[] = [
    [NETWORK, state.network?.status],
    ...plan.sites.map(({ taskId }) => [taskId, state.sites[taskId]?.status] as const),
  ];
  const done = units.filter(([, status]) => status === 'completed').map(([taskId]) => taskId);
  const rest = estimate(taskIds);
  const { workedMs = 0 } = state;
  if (done.length === 0 || workedMs < MIN_WORKED_MS) return { ms: rest, judgedBy: null };
  return { ms: Math.round((rest * workedMs) / estimate(done)), judgedBy: plan.migrationId };
}
