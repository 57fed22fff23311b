// F11 System-versioned tables: whose history travels, and what is said of one that doesn't, and of one of the target that is
// replaced.

import { list } from '../lib/text.ts';
import { isJoinedByTarget } from '../migration/joined-tables.ts';
import type { Hazard, PlannedSite, PlannedTable } from '../migration/plan.ts';
import type { TaskId } from '../migration/words.ts';
import type { PlanRequest } from './build-plan.ts';
import { planUsers } from './plan-network.ts';
import type { EndFacts } from './read-ends.ts';

interface Circumstances {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly target: EndFacts;
}

type Unit = Pick<PlannedSite, 'tables'> & { readonly taskId: TaskId };

/** Gives the unit's tables that travel with their history the word for it. */
export function planHistories(
  facts: Circumstances,
): <T extends Pick<Unit, 'tables'>>(taskId: TaskId, unit: T) => T {
  const explain = createExplain(facts);
  const { source, target } = facts;
  const endsOfTime = {
    source: source.server.history.endOfTime,
    target: target.server.history.endOfTime,
  };
  return (taskId, unit) => ({
    ...unit,
    tables: unit.tables.map(table =>
      explain(taskId, table) === null ? { ...table, history: { endsOfTime } } : table,
    ),
  });
}

/** Why the table's history doesn't travel. null: it does. undefined: there is none, or its rows don't travel either. */
function createExplain({
  request,
  source,
  target,
}: Circumstances): (taskId: TaskId, table: PlannedTable) => string | null | undefined {
  const keepers = listKeepers(source);
  const { history } = target.server;
  const joining = { users: planUsers(request, target), target: request.target };
  return (taskId, table) => {
    if (!keepers.has(table.source) || table.emptiedBy !== undefined || table.refused) return undefined;
    if (history.writtenBy === 'nobody')
      return "the target's server takes no rows of the past, as MariaDB does from 10.11 on";
    if (history.writtenBy === 'others')
      return "secure_timestamp keeps the target's user from writing rows of the past";
    if (source.definitions?.facts.get(table.source)?.transactions.length)
      return "it is told in numbers of transactions, which mean nothing to the target's server";
    if (isJoinedByTarget(joining, taskId, table)) return "rows of the target's own join these tables";
    return null;
  };
}

export function findHistory(facts: Circumstances & { readonly units: readonly Unit[] }): Hazard[] {
  const explain = createExplain(facts);
  const atTarget = listKeepers(facts.target);
  const planned = facts.units.flatMap(({ taskId, tables }) => tables.map(table => ({ taskId, table })));
  const left = planned.flatMap(({ taskId, table }) => {
    const reason = explain(taskId, table);
    return reason == null ? [] : [{ taskId, table, reason }];
  });
  const replaced = planned.filter(({ table }) => atTarget.has(table.target));
  const hazards: Hazard[] = [];
  if (left.length > 0) {
    const told = [...Map.groupBy(left, ({ reason }) => reason)].map(
      ([reason, entries]) => `${list(entries.map(({ table }) => table.source))} (${reason})`,
    );
    hazards.push({
      code: 'history_not_carried',
      blocking: false,
      message: `Of system-versioned tables the present rows are carried, their history stays at the source: ${told.join('; ')}.`,
      hint: 'Fix that, or bring the history over with "mariadb-dump --dump-history", or keep the tables that have it.',
      taskIds: [...new Set(left.map(({ taskId }) => taskId))],
    });
  }
  if (replaced.length > 0) {
    hazards.push({
      code: 'target_history_replaced',
      blocking: false,
      message: `System-versioned tables of the target are replaced, and their history goes away with them: ${list(replaced.map(({ table }) => table.target))}.`,
      hint: 'To keep it, save it with "mariadb-dump --dump-history" before.',
      taskIds: [...new Set(replaced.map(({ taskId }) => taskId))],
    });
  }
  return hazards;
}

const listKeepers = ({ catalog }: EndFacts): Set<string> =>
  new Set(catalog.tables.filter(({ keepsHistory }) => keepsHistory).map(({ name }) => name));
