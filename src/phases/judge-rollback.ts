// What a rollback would do to each unit of a run, before it is done: as the journal tells it, and the target. Pure.

import { list } from '../lib/text.ts';
import { tableOf } from '../migration/events.ts';
import type { TaskState } from '../migration/fold-task.ts';
import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import type { RollbackUnit } from '../migration/rollback-report.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import { rowIdOf } from '../migration/task-ids.ts';
import type { PreviousOwner } from '../mysql/previous-owners.ts';
import type { ForeignKey } from '../mysql/read-foreign-keys.ts';
import { keptOf } from '../mysql/table-records.ts';
import { nameKey } from './find-target-keys.ts';

/** What the target holds at this moment. */
export interface TargetFacts {
  /** Number of the lease that was taken last: the next one's is one more, unless somebody was in between. */
  readonly fencing: number;
  /** By the numbers that the target knows tasks by. */
  readonly owners: ReadonlyMap<number, PreviousOwner>;
  readonly live: ReadonlySet<string>;
  readonly previous: ReadonlySet<string>;
  /** Foreign keys of tables that may stay. Absent: none. */
  readonly keys?: readonly ForeignKey[];
}

/** The network tables first, then the sites in the plan's order. */
export function judgeRollback(plan: Plan, state: MigrationState, facts: TargetFacts): RollbackUnit[] {
  return listUnits(plan).map(({ taskId, address, tables }) => {
    const site = readTask(state, taskId);
    const owner = facts.owners.get(rowIdOf(taskId));
    const kept =
      owner?.migrationId === plan.migrationId ? keptOf(plan.target, owner, facts.previous, tables) : [];
    const planned = tables.map(table => table.target);
    const goesAway = [...new Set([...planned, ...kept])].filter(table => facts.live.has(table)).sort();
    const unit = { taskId, address, reason: null, comesBack: [], goesAway: [] };
    if (site.status === 'rolled_back') {
      const backSince = site.steps.roll_back?.endedAt ?? state.updatedAt;
      return { ...unit, status: 'rolled_back', reason: explainSince(plan, owner), backSince };
    }
    if (site.change === undefined) return { ...unit, status: 'not_cut_over' };
    if (site.change !== 'made' && !isLive(plan, site, owner, kept, goesAway))
      return { ...unit, status: 'not_cut_over' };
    const reason =
      explainRefusal(plan, site, owner, kept) ?? explainBoundKeys(plan.target.database, facts, goesAway);
    if (reason !== null) return { ...unit, status: 'refused', reason };
    return { ...unit, status: 'to_roll_back', comesBack: kept, goesAway };
  });
}

/** A cutover that the journal knows only the beginning of. What a run keeps is its own only once its older previous
 *  tables are gone, so anything that is kept proves the swap; and so does a site where there was none. */
function isLive(
  plan: Plan,
  site: TaskState,
  owner: PreviousOwner | undefined,
  kept: readonly string[],
  live: readonly string[],
): boolean {
  if (owner?.migrationId !== plan.migrationId || owner.state !== 'kept') return false;
  const wasNew = previousOf(site).length === 0;
  return site.wayBack === 'begun' || kept.length > 0 || (wasNew && live.length > 0);
}

/** null: it is still as the rollback has left it. */
function explainSince(plan: Plan, owner: PreviousOwner | undefined): string | null {
  if (!owner || owner.migrationId === plan.migrationId) return null;
  return owner.state === 'rolled_back' ? null : `migrated again since, by ${owner.migrationId}`;
}

function explainRefusal(
  plan: Plan,
  site: TaskState,
  owner: PreviousOwner | undefined,
  kept: readonly string[],
): string | null {
  if (site.rollbackClosed || (owner?.migrationId === plan.migrationId && owner.state === 'removed'))
    return 'its previous tables were removed';
  if (!owner) return `nobody knows whose the tables in ${plan.target.previous} are`;
  if (owner.migrationId !== plan.migrationId)
    return `a later run, ${owner.migrationId}, has migrated it again`;
  const present = new Set(kept);
  const missing = previousOf(site).filter(table => !present.has(table));
  // A rollback that was begun may just have moved them.
  if (missing.length === 0 || (site.wayBack && kept.length === 0)) return null;
  return `${missing.join(', ')} is no longer in ${plan.target.previous}`;
}

/** The tables that go would take them along, and the tables that have them could no longer be written to. */
function explainBoundKeys(
  live: string,
  { keys = [] }: TargetFacts,
  goesAway: readonly string[],
): string | null {
  const going = new Set(goesAway);
  const isGoing = (database: string, table: string): boolean => database === live && going.has(table);
  const bound = keys.filter(
    key => isGoing(key.referencedDatabase, key.referencedTable) && !isGoing(key.database, key.table),
  );
  if (bound.length === 0) return null;
  const names = list(bound.map(key => nameKey(key, live)));
  return `foreign keys of tables that stay lead to it (drop them first): ${names}`;
}

function previousOf(site: TaskState): string[] {
  return site.resources.filter(resource => resource.kind === 'previous_table').map(tableOf);
}
