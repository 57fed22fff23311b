// What a run has made on the target and no longer needs: listed first, then removed, and nothing else.

import { passKillPoint } from '../lib/kill-points.ts';
import type { Removable, RemovableUnit } from '../migration/cleanup-report.ts';
import { tableOf } from '../migration/events.ts';
import { canRollBack } from '../migration/fold-task.ts';
import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import { rowIdOf } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { TableName } from '../mysql/loader.ts';
import { writePreviousOwner } from '../mysql/previous-owners.ts';
import { discardTables, dropTables } from '../mysql/swap-tables.ts';
import { keptOf } from '../mysql/table-records.ts';
import type { TargetFacts } from './judge-rollback.ts';
import type { PhaseContext } from './phase.ts';

export interface RemovalFacts extends TargetFacts {
  readonly staging: ReadonlySet<string>;
  /** Of tables in staging the run that is known to have made them. */
  readonly builtBy: ReadonlyMap<string, string>;
  readonly discarded: readonly TableName[];
  /** The run that held the target last. */
  readonly lastHolder: string | null;
}

/** Pure. `isOver`: what the run keeps isn't needed to go on with it. Previous tables are listed as long as the target says that they are this run's; staged ones as long as no
 *  other run has worked on the target since, whose copies could have the same names. */
export function listRemovable(
  plan: Plan,
  state: MigrationState,
  facts: RemovalFacts,
  { isOver }: { isOver: boolean },
): Removable {
  const isLast = facts.lastHolder === plan.migrationId;
  // An older version has written nothing down; then as long as no other run has worked on the target since.
  const isOfRun = (table: string): boolean => {
    const builder = facts.builtBy.get(table);
    return builder === undefined ? isLast && !plan.target.identity : builder === plan.migrationId;
  };
  const units = listUnits(plan).map(({ taskId, address, tables }) => {
    const owner = facts.owners.get(rowIdOf(taskId));
    const isOurs = owner?.migrationId === plan.migrationId && owner.state !== 'rolled_back';
    const site = readTask(state, taskId);
    const staged = site.resources.filter(resource => resource.kind === 'staging_table');
    return {
      taskId,
      address,
      previous: isOurs && isOver ? keptOf(plan.target, owner, facts.previous, tables) : [],
      staging: staged.map(tableOf).filter(table => facts.staging.has(table) && isOfRun(table)),
      endsRollback: isOver && isOurs && canRollBack(site),
    };
  });
  const notices = [
    ...(isOver
      ? []
      : [
          'The run is not finished: what it keeps for a rollback stays. Resume it, roll it back, or end it as it ' +
            'stands: --close.',
        ]),
    ...(isLast || facts.staging.size === 0 || facts.lastHolder === null
      ? []
      : [`What stands in ${plan.target.staging} may belong to ${facts.lastHolder}, and stays.`]),
  ];
  return {
    units: units.filter(unit => unit.previous.length + unit.staging.length > 0 || unit.endsRollback),
    discarded: facts.discarded.map(({ database, name }) => `${database}.${name}`),
    notices,
  };
}

export interface RemovalContext extends Pick<PhaseContext, 'plan' | 'recorder' | 'signal'> {
  readonly target: DatabaseConnection;
  useFence<T>(deed: (fence: TableName) => Promise<T>): Promise<T>;
  /** Told of each unit when all of it is removed. */
  onRemoved?(taskId: TaskId): void;
}

/** Removes what is on the list, one unit after the other. May be cut off and called again at any point. */
export async function removeKept(context: RemovalContext, removable: Removable): Promise<void> {
  const { plan, signal, target } = context;
  for (const unit of removable.units) {
    signal.throwIfAborted();
    if (unit.previous.length > 0 || unit.endsRollback) await removePrevious(context, unit);
    if (unit.staging.length > 0) await removeStaging(context, unit);
    context.onRemoved?.(unit.taskId);
  }
  for (const database of new Set([plan.target.staging, plan.target.previous])) {
    const prefix = `${database}.`;
    const names = removable.discarded.filter(name => name.startsWith(prefix));
    await dropTables(
      target,
      database,
      names.map(name => name.slice(prefix.length)),
    );
  }
}

async function removePrevious(
  { plan, recorder, target, useFence }: RemovalContext,
  { taskId, previous: tables, endsRollback }: RemovableUnit,
): Promise<void> {
  const { migrationId } = plan;
  const { previous: database } = plan.target;
  if (endsRollback) await recorder.record({ type: 'task.rollback_closed', taskId });
  await useFence(async fence => {
    await writePreviousOwner(
      target,
      database,
      { siteId: rowIdOf(taskId), migrationId, state: 'removed', tables },
      fence,
    );
    passKillPoint('before removal');
    await discardTables(target, { database, tables, fence });
  });
  const { resources } = readTask(recorder.state, taskId);
  const gone = resources.filter(resource => resource.kind === 'previous_table');
  if (gone.length > 0) await recorder.record({ type: 'resource.removed', taskId, resources: gone });
}

async function removeStaging(
  { plan, recorder, target, useFence }: RemovalContext,
  { taskId, staging: tables }: RemovableUnit,
): Promise<void> {
  const { staging: database } = plan.target;
  // Before they go: a resume that still counted on them would find nothing.
  await recorder.record({
    type: 'resource.removed',
    taskId,
    resources: tables.map(table => ({ kind: 'staging_table', role: 'draft', name: `${database}.${table}` })),
  });
  await useFence(fence => discardTables(target, { database, tables, fence }));
}
