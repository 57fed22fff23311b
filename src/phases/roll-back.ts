// The way back: what was live before is live again, unit by unit. Asked for by hand, or by a run that has gone wrong.

import { hostname } from 'node:os';
import { listUnits } from '../migration/list-units.ts';
import { canRollBack, type MigrationState, siteOf } from '../migration/state.ts';
import { NETWORK, type SiteId } from '../migration/words.ts';
import { ROLLBACK_STEPS, type SiteTask } from '../site/site-task.ts';
import { makeTask } from './make-task.ts';
import type { PhaseContext } from './phase.ts';

export type RollbackContext = Pick<PhaseContext, 'plan' | 'recorder' | 'executor' | 'runSite' | 'signal'>;

export interface RollbackOptions {
  /** By the run itself, of --auto-rollback. */
  readonly automatic: boolean;
  /** Told of each unit when it is through. */
  onEnd?(siteId: SiteId, isRolledBack: boolean): void;
}

/** Rolls the named units back, several at once. One that fails doesn't stop the others, and stays as it is. The network
 *  tables come first: a site that is about to go should not be offered any more. Resolves with what is not rolled back. */
export async function rollBack(
  context: RollbackContext,
  siteIds: readonly SiteId[],
  { automatic, onEnd }: RollbackOptions,
): Promise<SiteId[]> {
  const { plan, recorder, executor, runSite, signal } = context;
  const wanted = new Set(siteIds);
  const whoami = { pid: process.pid, host: hostname() };
  await recorder.record({ type: 'rollback.started', siteIds, automatic, ...whoami });
  const tasks = listUnits(plan)
    .filter(unit => wanted.has(unit.siteId))
    .map(({ siteId, tables }) => {
      const task = makeTask(recorder.state, siteId, tables, ROLLBACK_STEPS);
      const { steps } = siteOf(recorder.state as MigrationState, siteId);
      return { ...task, undo: { begun: steps.roll_back !== undefined } };
    });
  const left = new Set(siteIds);
  const runTask = async (task: SiteTask): Promise<void> => {
    const outcome = await runSite(task);
    if (outcome === 'completed') left.delete(task.siteId);
    if (outcome !== 'aborted') onEnd?.(task.siteId, outcome === 'completed');
  };
  const [first] = tasks;
  if (first?.siteId === NETWORK && !signal.aborted) await runTask(first);
  await executor.run(
    tasks.filter(task => task.siteId !== NETWORK),
    { mayStart: () => !signal.aborted, runTask, signal },
  );
  signal.throwIfAborted();
  return [...left];
}

/** What the run has cut over and can take back, as far as its journal knows. */
export function listRollable({ network, sites }: Readonly<MigrationState>): SiteId[] {
  const ids = Object.entries(sites).flatMap(([siteId, site]) => (canRollBack(site) ? [Number(siteId)] : []));
  return network && canRollBack(network) ? [NETWORK, ...ids] : ids;
}
