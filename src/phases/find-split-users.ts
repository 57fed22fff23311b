// F05 A user is a row of `users`, and what they may do is rows of `usermeta`: with only one of the two tables, the rights
// of some people go to others who have their ids.

import type { Hazard, PlannedTable } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import type { CatalogTable } from '../mysql/catalog.ts';
import type { PlanRequest } from './build-plan.ts';
import type { EndFacts } from './read-ends.ts';

const TABLES = ['users', 'usermeta'] as const;

/** Rows of these lie elsewhere, or nowhere: what would be copied isn't the table's own. */
const ELSEWHERE = /^(?:federatedx?|connect|spider|s3|mrg_myisam|merge|blackhole|sphinx|oqgraph|sequence)$/i;

/** A pattern of tables.skipRows that is about users, and one that leaves all rows of either table. */
const SKIPS_USERS = /^users\./i;
const SKIPS_ALL = /^(users|usermeta)\.[^.=]+=\*+$/i;

interface UserFacts {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly units: readonly { readonly taskId: TaskId; readonly tables: readonly PlannedTable[] }[];
}

export function findSplitUsers(facts: UserFacts): Hazard[] {
  const { request } = facts;
  if (request.network.users === 'keep' || request.sitesOnly) return [];
  const reasons = TABLES.flatMap(suffix => explainMissing(suffix, facts));
  if (reasons.length === 0) return findSkippedUsers(request);
  return [
    {
      code: 'users_apart',
      blocking: true,
      message: `Users and usermeta travel together or not at all: ${reasons.join('; ')}.`,
      hint: 'Make both tables with rows of their own at the source, or set network.users to keep.',
      // Of the network tables: it can't be accepted.
      taskIds: [NETWORK],
    },
  ];
}

/** Why the rows of that table don't come; nothing: they do. */
function explainMissing(suffix: (typeof TABLES)[number], { request, source, units }: UserFacts): string[] {
  const name = request.source.tablePrefix + suffix;
  const found = source.catalog.tables.find(table => table.name === name);
  if (!found) return [`the source has no table ${name}`];
  if (found.kind !== 'table') return [`the source has no table ${name}, but a ${found.kind} of that name`];
  if (ELSEWHERE.test(found.engine)) return [describeEngine(found)];
  const planned = units
    .filter(unit => unit.taskId === NETWORK)
    .flatMap(unit => unit.tables)
    .find(table => table.source === name);
  if (!planned) return [`${name} is not carried`];
  if (planned.emptiedBy === 'skip_data') return [`tables.skipData leaves the rows of ${name}`];
  if (planned.emptiedBy !== undefined) return [`${planned.emptiedBy} leaves the rows of ${name}`];
  const skipped = request.treatment.skipRows.find(pattern => SKIPS_ALL.exec(pattern)?.[1] === suffix);
  return skipped === undefined ? [] : [`tables.skipRows (${skipped}) leaves all rows of ${name}`];
}

const describeEngine = ({ name, engine }: CatalogTable): string =>
  `the rows of ${name} are not its own (its engine is ${engine})`;

/** Rows of usermeta don't tell whether their user is left. */
function findSkippedUsers({ treatment }: PlanRequest): Hazard[] {
  const patterns = treatment.skipRows.filter(pattern => SKIPS_USERS.test(pattern));
  if (patterns.length === 0) return [];
  return [
    {
      code: 'users_skipped',
      blocking: false,
      message: `tables.skipRows leaves users at the source whose usermeta travels: ${patterns.join(', ')}.`,
      hint: 'Delete these users at the source, or take the pattern out.',
      taskIds: [NETWORK],
    },
  ];
}
