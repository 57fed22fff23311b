import { MigrationError } from '../errors.ts';
import type { Finding } from '../lib/finding.ts';
import { formatIds } from '../lib/format.ts';
import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import type { MigrationState } from '../migration/state.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import type { TableRecords } from '../mysql/table-records.ts';

/** Accepts that some of the run's sites are a later run's by now, and stay so. */
const ACCEPT_LATER_RUN = 'later_run';

/** A run that died and comes back after others have been at its target: what they have migrated since is theirs. Going on
 *  would replace it, and what this run calls completed is not what is live. Refused unless accepted; then it is told. */
export function judgeLaterRuns(
  plan: Plan,
  state: MigrationState,
  { owners, staged }: Pick<TableRecords, 'owners' | 'staged'>,
  accept: readonly string[],
): Finding[] {
  const { migrationId } = plan;
  const lost = new Map<string, TaskId[]>();
  for (const { taskId, tables } of listUnits(plan)) {
    const owner = owners.get(taskId);
    if (!owner || owner.migrationId === migrationId || owner.state === 'rolled_back') continue;
    if (owner.fencing <= (state.fencing ?? Number.POSITIVE_INFINITY)) continue;
    // It died before the swap that it had written down: its copies are still staged.
    const isStaged = tables.some(({ target }) => staged.get(target)?.migrationId === owner.migrationId);
    if (!owner.sealed && isStaged) continue;
    lost.set(owner.migrationId, [...(lost.get(owner.migrationId) ?? []), taskId]);
  }
  if (lost.size === 0) return [];
  const message = [...lost]
    .map(([run, taskIds]) => `The later run ${run} has migrated ${describe(taskIds)} since.`)
    .join(' ');
  const hint = `Start a new migration instead: wfuwp env-migrate ${plan.source.environment} ${plan.target.environment}`;
  if (!accept.includes(ACCEPT_LATER_RUN)) {
    throw new MigrationError('preflight_refused', message, {
      hint: `${hint}. To go on with what this run has left, and replace that: --accept ${ACCEPT_LATER_RUN}`,
      details: { laterRuns: [...lost.keys()] },
    });
  }
  return [{ code: ACCEPT_LATER_RUN, outcome: 'warning', message, hint }];
}

function describe(taskIds: readonly TaskId[]): string {
  const sites = taskIds.filter(taskId => taskId !== NETWORK);
  return [
    ...(sites.length < taskIds.length ? ['the network tables'] : []),
    ...(sites.length > 0 ? [`${sites.length === 1 ? 'site' : 'sites'} ${formatIds(sites)}`] : []),
  ].join(' and ');
}
