// What may go wrong with this network, found while planning: each with a code, the sites it touches and what to do.
// Blocking ones stop the run before anything is changed, unless `--accept CODE` leaves their sites out.

import { list } from '../lib/text.ts';
import type { Hazard, HostMapping, PlannedSite, PlannedTable } from '../migration/plan.ts';
import { taskOf } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import type { CatalogTable } from '../mysql/catalog.ts';
import { missingPrivileges } from '../mysql/grants.ts';
import { hasUnseenForm } from '../rewrite/unicode-hosts.ts';
import { type CaseCircumstances, findCaseHazards } from './find-case-hazards.ts';
import { type DefinitionCircumstances, findDefinitionHazards } from './find-definition-hazards.ts';
import { findKeylessTables } from './find-keyless-tables.ts';
import { findNetworkHazards, type NetworkCircumstances } from './find-network-hazards.ts';
import { findPatternHazards } from './find-pattern-hazards.ts';
import { findSplitUsers } from './find-split-users.ts';
import { findTargetKeys } from './find-target-keys.ts';
import { nameSight } from './name-sight.ts';
import { orLeaveOut } from './tell-of-tables.ts';

interface Circumstances extends NetworkCircumstances, DefinitionCircumstances, CaseCircumstances {
  readonly hosts: readonly HostMapping[];
  readonly withoutTables: readonly PlannedSite[];
  readonly notCarried: readonly { table: string; reason: string }[];
}

interface Unit {
  readonly taskId: TaskId;
  readonly tables: readonly PlannedTable[];
}

/** Identifiers of MariaDB and MySQL may have 64 characters. */
const MAX_NAME_LENGTH = 64;

const ACCEPT = (code: string): string => `Fix it, ${orLeaveOut(code)}`;

export function findHazards(facts: Circumstances): Hazard[] {
  return [
    ...findMissingPolicy(facts),
    ...findPatternHazards(facts),
    ...findUnmappedHosts(facts),
    ...findUnseenForms(facts),
    ...findSitesWithoutTables(facts),
    ...findDefinitionHazards(facts),
    ...findUnknownCollations(facts),
    ...findUnknownEngines(facts),
    ...findKeylessTables(facts),
    ...findCaseHazards(facts),
    ...findLongNames(facts),
    ...findTriggers(facts),
    ...findRoutines(facts),
    ...findTargetViews(facts),
    ...findNetworkHazards(facts),
    ...findSplitUsers(facts),
    ...findUnsnapshotted(facts),
    ...findForeignKeysAcrossSites(facts),
    ...findTargetKeys(facts),
    ...findUncarriedViews(facts),
  ];
}

/** H54 to H60 */
function findMissingPolicy({ request }: Circumstances): Hazard[] {
  const { safety } = request.treatment;
  const { environment } = request.target;
  if (safety === null && !request.targetProtected) {
    return [
      {
        code: 'no_safety_policy',
        blocking: false,
        message: `${environment} gets everything as it is: people's data, keys and tokens, scheduled events, mail.`,
        hint: `Set environments.${environment}.safety to { policy: lower }; if it is production, "protected: true".`,
      },
    ];
  }
  if (safety?.keyDigest !== null || !safety.rules.includes('anonymise_people')) return [];
  return [
    {
      code: 'pseudonyms_without_key',
      blocking: false,
      message: 'Without a key of their own, pseudonyms can be checked against a list of known addresses.',
      hint: `Set environments.${environment}.safety.key, by reference to a variable.`,
    },
  ];
}

function findUnmappedHosts({ hosts }: Circumstances): Hazard[] {
  const unmapped = hosts.filter(host => host.target === null);
  if (unmapped.length === 0) return [];
  const names = unmapped.map(host => host.source);
  return [
    {
      code: 'unmapped_host',
      blocking: false,
      message: `No rule covers ${list(names)}: left as they are, so links to them lead to the source.`,
      hint: 'Add a role under "hosts" of both environments, or a pair under rewrite.pairs.',
      taskIds: unmapped.flatMap(host => host.siteIds.map(taskOf)),
    },
  ];
}

/** F21 */
function findUnseenForms({ request }: Circumstances): Hazard[] {
  const unseen = request.rules.map(rule => rule.from).filter(hasUnseenForm);
  if (unseen.length === 0) return [];
  return [
    {
      code: 'unicode_host_unseen',
      blocking: false,
      message: `Of ${list(unseen)} only the ASCII form is rewritten: its Unicode form has no letter to search for.`,
      hint: 'Look for that form in the texts of the target afterwards.',
    },
  ];
}

function findSitesWithoutTables({ withoutTables }: Circumstances): Hazard[] {
  if (withoutTables.length === 0) return [];
  const siteIds = withoutTables.map(site => site.siteId);
  return [
    {
      code: 'site_without_tables',
      blocking: false,
      message: `In the blogs table, but without tables: site ${list(siteIds)}.`,
      taskIds: siteIds.map(taskOf),
    },
  ];
}

function findUnknownCollations({ source, target, units }: Circumstances): Hazard[] {
  const bySite = new Map<string, Set<TaskId>>();
  const byName = indexTables(source.catalog.tables);
  for (const unit of units) {
    for (const planned of unit.tables) {
      const own = byName.get(planned.source)?.collation;
      const used = [...(own ? [own] : []), ...(source.catalog.columnCollations.get(planned.source) ?? [])];
      for (const collation of used) {
        if (!target.server.collations.has(collation)) addTo(bySite, collation, unit.taskId);
      }
    }
  }
  return [...bySite].map(([collation, taskIds]) => ({
    code: 'unknown_collation',
    blocking: true,
    message: `The target's server (${target.server.version}) doesn't know the collation ${collation}.`,
    hint: ACCEPT('unknown_collation'),
    taskIds: [...taskIds],
  }));
}

function findUnknownEngines({ target, units }: Circumstances): Hazard[] {
  const bySite = new Map<string, Set<TaskId>>();
  for (const unit of units) {
    for (const table of unit.tables) {
      // One without is damaged.
      if (table.engine !== '' && !target.server.engines.has(table.engine.toLowerCase()))
        addTo(bySite, `${table.engine} (${table.source})`, unit.taskId);
    }
  }
  return [...bySite].map(([engine, taskIds]) => ({
    code: 'unknown_engine',
    blocking: true,
    message: `The target's server makes no tables with the storage engine ${engine}.`,
    hint: ACCEPT('unknown_engine'),
    taskIds: [...taskIds],
  }));
}

function findLongNames({ units }: Circumstances): Hazard[] {
  return units.flatMap(unit =>
    unit.tables
      .filter(table => table.target.length > MAX_NAME_LENGTH)
      .map(table => ({
        code: 'name_too_long',
        blocking: true,
        message: `${table.target} has ${table.target.length} characters, a table name may have ${MAX_NAME_LENGTH}.`,
        hint: ACCEPT('name_too_long'),
        taskIds: [unit.taskId],
      })),
  );
}

/** Source triggers don't travel. A trigger on a live table of the target makes RENAME into another database fail. */
function findTriggers({ request, source, target, units }: Circumstances): Hazard[] {
  const hazards: Hazard[] = [];
  const bySource = indexUnits(units, table => table.source);
  const byTarget = indexUnits(units, table => table.target);
  const left = source.catalog.triggers.filter(trigger => bySource.has(trigger.table));
  if (left.length > 0) {
    hazards.push({
      code: 'trigger_not_carried',
      blocking: false,
      message: `Triggers are not carried: ${list(left.map(trigger => `${trigger.name} on ${trigger.table}`))}.`,
      hint: 'Make them again on the target after the migration if they are needed.',
      taskIds: [...new Set(left.map(trigger => bySource.get(trigger.table)!))],
    });
  } else if (missingPrivileges(source.server.grants, request.source.database, ['TRIGGER']).length > 0) {
    hazards.push({
      code: 'triggers_unseen',
      blocking: false,
      message: "The source's user may not see triggers; any that exist are not carried.",
      hint: nameSight('TRIGGER', request),
    });
  }
  const inTheWay = target.catalog.triggers.filter(trigger => byTarget.has(trigger.table));
  if (inTheWay.length > 0) {
    hazards.push({
      code: 'target_trigger',
      blocking: true,
      message: `Live tables of the target have triggers, and tables with triggers can't be swapped: ${list(inTheWay.map(trigger => `${trigger.name} on ${trigger.table}`))}.`,
      hint: ACCEPT('target_trigger'),
      taskIds: [...new Set(inTheWay.map(trigger => byTarget.get(trigger.table)!))],
    });
  }
  // MariaDB shows them to a user who may write.
  const isBlind = target.server.flavour === 'mysql' && target.blogs !== null;
  if (isBlind && missingPrivileges(target.server.grants, request.target.database, ['TRIGGER']).length > 0) {
    hazards.push({
      code: 'target_triggers_unseen',
      blocking: false,
      message:
        "The target's user may not see triggers; a live table that has one can't be swapped, and its site would fail.",
      hint: nameSight('TRIGGER', request),
    });
  }
  return hazards;
}

/** Any of these shows them. */
const SHOWS_ROUTINES = ['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE'];

/** H27 They are the database's: nobody can say which belong to a site. */
function findRoutines({ request, source: { server, catalog } }: Circumstances): Hazard[] {
  const hazards: Hazard[] = [];
  const { routines, lacksRoutines = false } = catalog;
  if (routines.length > 0) {
    hazards.push({
      code: 'routine_not_carried',
      blocking: false,
      message: `Routines and events of the database are not carried: ${list(routines.map(({ kind, name }) => `${kind} ${name}`))}.`,
      hint: 'Make them again on the target after the migration if they are needed.',
    });
  }
  const lacking = (database: string, rights: readonly string[]): number =>
    missingPrivileges(server.grants, database, rights).length;
  const { database } = request.source;
  // Whoever may read the server's own tables sees routines there.
  const seesRoutines =
    lacking(database, SHOWS_ROUTINES) < SHOWS_ROUTINES.length || lacking('mysql', ['SELECT']) === 0;
  const needed = [
    ...(seesRoutines ? [] : ['EXECUTE']),
    ...(lacking(database, ['EVENT']) === 0 ? [] : ['EVENT']),
  ];
  if (lacksRoutines || needed.length > 0) {
    hazards.push({
      code: 'routines_unseen',
      blocking: false,
      message:
        "The plan doesn't see all routines and events of the source's database; any more that exist are not carried, either.",
      hint: lacksRoutines
        ? "The server can't read its own tables of them; its upgrade program (mariadb-upgrade) fixes that."
        : nameSight(needed.join(' and '), request),
    });
  }
  return hazards;
}

function findTargetViews({ target, units }: Circumstances): Hazard[] {
  const byTarget = indexUnits(units, table => table.target);
  const views = target.catalog.tables.filter(table => table.kind === 'view' && byTarget.has(table.name));
  if (views.length === 0) return [];
  return [
    {
      code: 'target_view',
      blocking: true,
      message: `On the target these names are views, which can't be swapped: ${list(views.map(view => view.name))}.`,
      hint: ACCEPT('target_view'),
      taskIds: [...new Set(views.map(view => byTarget.get(view.name)!))],
    },
  ];
}

function findUnsnapshotted({ units }: Circumstances): Hazard[] {
  const tables = units.flatMap(unit =>
    unit.tables.filter(table => /^(myisam|aria)$/i.test(table.engine)).map(table => ({ unit, table })),
  );
  if (tables.length === 0) return [];
  return [
    {
      code: 'not_in_snapshot',
      blocking: false,
      message: `MyISAM and Aria tables are not part of the consistent snapshot; writes during the copy may show: ${list(tables.map(entry => entry.table.source))}.`,
      taskIds: [...new Set(tables.map(entry => entry.unit.taskId))],
    },
  ];
}

function findForeignKeysAcrossSites({ source, units }: Circumstances): Hazard[] {
  const siteOfTable = indexUnits(units, table => table.source);
  const across = source.catalog.foreignKeys.filter(
    key => siteOfTable.has(key.table) && siteOfTable.get(key.referencedTable) !== siteOfTable.get(key.table),
  );
  if (across.length === 0) return [];
  return [
    {
      code: 'foreign_key_across_sites',
      blocking: true,
      message: `Foreign keys lead out of their site, and a site is swapped alone: ${list(across.map(key => `${key.table} → ${key.referencedTable}`))}.`,
      hint: ACCEPT('foreign_key_across_sites'),
      taskIds: [...new Set(across.map(key => siteOfTable.get(key.table)!))],
    },
  ];
}

function findUncarriedViews({ source, notCarried }: Circumstances): Hazard[] {
  const views = new Set(
    source.catalog.tables.filter(table => table.kind === 'view').map(table => table.name),
  );
  const left = notCarried.filter(entry => views.has(entry.table)).map(entry => entry.table);
  if (left.length === 0) return [];
  return [
    {
      code: 'view_not_carried',
      blocking: false,
      message: `Views are not carried: ${list(left)}.`,
      hint: 'Make them again on the target after the migration if they are needed.',
    },
  ];
}

function indexTables(tables: readonly CatalogTable[]): Map<string, CatalogTable> {
  return new Map(tables.map(table => [table.name, table]));
}

function indexUnits(
  units: readonly Unit[],
  nameOf: (table: Unit['tables'][number]) => string,
): Map<string, TaskId> {
  return new Map(units.flatMap(unit => unit.tables.map(table => [nameOf(table), unit.taskId] as const)));
}

function addTo(groups: Map<string, Set<TaskId>>, key: string, taskId: TaskId): void {
  const known = groups.get(key);
  if (known) known.add(taskId);
  else groups.set(key, new Set([taskId]));
}
