// Foreign keys at the target that lead from what stays to what is swapped, or back. RENAME TABLE takes a key along: the
// table that stays would refer to the one that is kept from then on, and WordPress could no longer write to it, or a kept
// table would refuse what is done to a live one.

import { list } from '../lib/text.ts';
import type { Unit } from '../migration/list-units.ts';
import type { Hazard } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { type ForeignKey, seesKeysOf } from '../mysql/read-foreign-keys.ts';
import type { PlanRequest } from './build-plan.ts';
import { createFindUnit } from './find-unit.ts';
import { nameSight } from './name-sight.ts';
import type { EndFacts } from './read-ends.ts';

interface Circumstances {
  readonly request: PlanRequest;
  readonly target: EndFacts;
  /** Each is swapped by itself. */
  readonly units: readonly Pick<Unit, 'taskId' | 'tables'>[];
}

export function findTargetKeys(facts: Circumstances): Hazard[] {
  return [...findBoundKeys(facts), ...findUnseenKeys(facts)];
}

function findBoundKeys({ request, target, units }: Circumstances): Hazard[] {
  const places = request.target;
  const remaining = request.resumes?.taskIds;
  const swapped = remaining ? units.filter(unit => remaining.includes(unit.taskId)) : units;
  const findUnits = createFindBound(places, swapped);
  const bound = listKeys(places.database, target)
    .map(key => ({ key, taskIds: findUnits(key) }))
    .filter(({ taskIds }) => taskIds.length > 0);
  const ofNetwork = bound.filter(({ taskIds }) => taskIds.includes(NETWORK));
  const ofSites = bound.filter(({ taskIds }) => !taskIds.includes(NETWORK));
  const code = 'target_foreign_key';
  const drop =
    "Drop them at the target (ALTER TABLE … DROP FOREIGN KEY …), and make them again once it's done;";
  return [
    ...describe(ofSites, `${drop} or leave these sites out with --accept ${code}.`),
    ...describe(ofNetwork, `${drop} or leave the network tables out with --sites-only.`),
  ];

  function describe(keys: typeof bound, hint: string): Hazard[] {
    if (keys.length === 0) return [];
    const names = keys.map(({ key }) => nameKey(key, places.database));
    return [
      {
        code,
        blocking: true,
        message: `Foreign keys at the target lead from what stays to what is swapped, or back, and a swap takes them along: ${list(names)}.`,
        hint,
        taskIds: [...new Set(keys.flatMap(({ taskIds }) => taskIds))],
      },
    ];
  }
}

/** Makes the function that tells which units' swaps a key would not bear; none: it may stay as it is. */
export function createFindBound(
  target: {
    readonly database: string;
    readonly staging: string;
    readonly previous: string;
    readonly tablePrefix: string;
  },
  units: Circumstances['units'],
): (key: ForeignKey) => TaskId[] {
  const findUnit = createFindUnit(target.tablePrefix, units);
  const { database, staging, previous } = target;
  return ({ database: from, table, referencedDatabase: to, referencedTable }) => {
    // Kept tables and copies go as their site's turn comes, whatever they refer to.
    if (from === staging || from === previous) return [];
    const child = from === database ? findUnit(table) : undefined;
    const isReplaced = to === database || to === staging || to === previous;
    const parent = isReplaced ? findUnit(referencedTable) : undefined;
    if (child === parent && to === database) return [];
    return [...new Set([child, parent].filter(taskId => taskId !== undefined))];
  };
}

function listKeys(database: string, { catalog, keysAround }: EndFacts): ForeignKey[] {
  const own = catalog.foreignKeys.map(({ name, table, referencedTable, referencedDatabase }): ForeignKey => {
    const isAbroad = referencedDatabase !== undefined;
    return {
      ...{ name, database, table },
      referencedDatabase: referencedDatabase ?? database,
      referencedTable: isAbroad ? referencedTable.slice(referencedDatabase.length + 1) : referencedTable,
    };
  });
  return [...own, ...(keysAround?.keys ?? [])];
}

/** `crm_notes.fk_post → wp_2_posts`, with databases where they are others. */
export function nameKey(key: ForeignKey, home: string): string {
  const place = (database: string): string => (database === home ? '' : `${database}.`);
  return `${place(key.database)}${key.table}.${key.name} → ${place(key.referencedDatabase)}${key.referencedTable}`;
}

function findUnseenKeys({ request, target }: Circumstances): Hazard[] {
  const { server, keysAround } = target;
  if (!keysAround?.mayLack || target.blogs === null) return [];
  const seesOwn = server.flavour === 'mysql' || seesKeysOf(server.grants, request.target.database);
  const where = seesOwn ? 'of other databases of its server ' : '';
  return [
    {
      code: 'target_foreign_keys_unseen',
      blocking: false,
      message: `The target's user may not see foreign keys ${where}that lead to its tables; a swap would take them along.`,
      hint: nameSight('PROCESS', request),
    },
  ];
}
