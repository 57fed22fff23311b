// How the world has changed since a plan was made, as far as it matters to what is still to be done.

import { listUnits } from './list-units.ts';
import type { Plan } from './plan.ts';
import { taskOf } from './task-ids.ts';
import { nameTask, type TaskId } from './words.ts';

/** One sentence for each difference; none: the run may go on as planned. New sites at the source don't matter: they are
 *  not part of this run. */
export function findDrift(planned: Plan, now: Plan, taskIds: readonly TaskId[]): string[] {
  const [before, after] = [indexTables(planned), indexTables(now)];
  const left = new Map(now.leftOut.map(({ siteId, reason }) => [taskOf(siteId), reason]));
  return [
    ...findChangedEnds(planned, now),
    ...findChangedRules(planned, now),
    ...findChangedTreatment(planned, now),
    ...findChangedUsers(planned, now),
    ...taskIds.flatMap(taskId =>
      findChangedTables(taskId, before.get(taskId), after.get(taskId), left.get(taskId)),
    ),
  ];
}

function findChangedEnds(planned: Plan, now: Plan): string[] {
  const differences: string[] = [];
  for (const end of ['source', 'target'] as const) {
    for (const key of ['database', 'tablePrefix'] as const) {
      if (planned[end][key] !== now[end][key])
        differences.push(`The ${end}'s ${key} was ${planned[end][key]} and is ${now[end][key]}.`);
    }
  }
  for (const key of ['staging', 'previous'] as const) {
    if (planned.target[key] !== now.target[key])
      differences.push(`The ${key} database was ${planned.target[key]} and is ${now.target[key]}.`);
  }
  return differences;
}

function findChangedRules(planned: Plan, now: Plan): string[] {
  const describe = ({ rules, emails, skipColumns, base64Columns = [] }: Plan): string =>
    JSON.stringify({ rules, emails, skipColumns, base64Columns });
  return describe(planned) === describe(now)
    ? []
    : ['The rules for rewriting in the configuration have changed.'];
}

/** A plan from before there was any goes on without. Who is staff was settled when the plan was made. */
function findChangedTreatment(planned: Plan, now: Plan): string[] {
  const describe = ({ treatment }: Plan): string =>
    JSON.stringify(treatment, (key, value: unknown) => (key === 'staffIds' ? undefined : value));
  return planned.treatment === undefined || describe(planned) === describe(now)
    ? []
    : ['What stays at the source, or is made safe on the way, has changed in the configuration.'];
}

/** Who they are changes all the time. */
function findChangedUsers(planned: Plan, now: Plan): string[] {
  const describe = ({ users }: Plan): string =>
    users ? JSON.stringify([users.mode, users.merge?.columns]) : 'keep';
  return describe(planned) === describe(now)
    ? []
    : ['What becomes of users (network.users, network.userColumns) has changed in the configuration.'];
}

function findChangedTables(
  taskId: TaskId,
  before?: ReadonlySet<string>,
  after?: ReadonlySet<string>,
  reasonToLeave?: string,
): string[] {
  if (!before) return [];
  // Such as one that is accepted only now: what is planned can't be left out any more.
  if (!after && reasonToLeave !== undefined)
    return [`Now ${nameTask(taskId)} would be left out (${reasonToLeave}), but the plan has it.`];
  if (!after) return [`The source has no ${nameTask(taskId)} any more, or it has become unfit to travel.`];
  const gone = [...before].filter(table => !after.has(table));
  const added = [...after].filter(table => !before.has(table));
  return [
    ...(gone.length > 0 ? [`Of ${nameTask(taskId)} these tables are gone: ${gone.join(', ')}.`] : []),
    ...(added.length > 0 ? [`Of ${nameTask(taskId)} these tables are new: ${added.join(', ')}.`] : []),
  ];
}

function indexTables(plan: Plan): Map<TaskId, Set<string>> {
  return new Map(
    listUnits(plan).map(({ taskId, tables }) => [taskId, new Set(tables.map(table => table.source))]),
  );
}
