// What may go wrong because of how tables of the source are defined.

import { list } from '../lib/text.ts';
import type { Hazard } from '../migration/plan.ts';
import { describeNamed, keepsRows } from '../mysql/definition/find-leads.ts';
import type { PlanRequest } from './build-plan.ts';
import { findFlavourHazards } from './find-flavour-hazards.ts';
import { findHostHazards } from './find-host-hazards.ts';
import { findRowsElsewhere, type LeftTable } from './leave-elsewhere.ts';
import { findHistory } from './plan-history.ts';
import type { EndFacts } from './read-ends.ts';
import { orLeaveOut, tellOfTables, type UnitsOfSource } from './tell-of-tables.ts';

export interface DefinitionCircumstances extends UnitsOfSource {
  readonly request: PlanRequest;
  readonly target: EndFacts;
  readonly left: readonly LeftTable[];
}

export function findDefinitionHazards(facts: DefinitionCircumstances): Hazard[] {
  return [
    ...findDamagedTables(facts),
    ...findRowsElsewhere(facts.left),
    ...findStrangeEngines(facts),
    ...findSequencesElsewhere(facts),
    ...findHistory(facts),
    ...findHostHazards(facts),
    ...findFlavourHazards(facts),
  ];
}

/** What the server has said when it was asked for the table. */
function findDamagedTables({ source: { catalog, definitions }, units }: DefinitionCircumstances): Hazard[] {
  const damage = new Map(definitions?.damaged);
  for (const table of catalog.tables) if (table.damage !== undefined) damage.set(table.name, table.damage);
  if (damage.size === 0) return [];
  const found = units.flatMap(({ taskId, tables }) =>
    tables
      .filter(({ source }) => damage.has(source))
      .map(({ source }) => ({ taskId, told: `${source} (${damage.get(source)!})` })),
  );
  if (found.length === 0) return [];
  return [
    {
      code: 'damaged_table',
      blocking: true,
      message: `Tables of the source can't be read, as its server says: ${list(found.map(({ told }) => told))}.`,
      hint: `Repair or drop them at the source, ${orLeaveOut('damaged_table')}`,
      taskIds: [...new Set(found.map(({ taskId }) => taskId))],
    },
  ];
}

/** Whoever leaves such a table may lose what only it has. One that can't be opened has no engine. */
function findStrangeEngines({ units }: DefinitionCircumstances): Hazard[] {
  const found = units.flatMap(({ taskId, tables }) =>
    tables
      .filter(({ engine, kind }) => engine !== '' && kind !== 'merge' && !keepsRows(engine))
      .map(({ source, engine }) => ({ taskId, told: `${source} (${engine})` })),
  );
  if (found.length === 0) return [];
  return [
    {
      code: 'strange_engine',
      blocking: true,
      message: `It isn't known whether these engines keep a table's rows in the table, and whether they move with it: ${list(found.map(({ told }) => told))}.`,
      hint: `Give the tables another engine at the source, ${orLeaveOut('strange_engine')}`,
      taskIds: [...new Set(found.map(({ taskId }) => taskId))],
    },
  ];
}

/** A default that took its numbers from a sequence of the source's would take them from there for good. */
function findSequencesElsewhere(facts: DefinitionCircumstances): Hazard[] {
  const { source, target, units } = facts;
  const { database } = source.catalog;
  const carried = units.flatMap(({ taskId, tables }) =>
    tables.filter(({ kind }) => kind === 'sequence').map(table => [table.source, taskId] as const),
  );
  const readTask = new Map(
    units.flatMap(({ taskId, tables }) => tables.map(table => [table.source, taskId])),
  );
  const siteOfSequence = new Map(carried);
  const why =
    target.server.flavour === 'mariadb'
      ? "sequences that don't travel with their site"
      : "sequences, of which the target's server has none";
  const told = tellOfTables(
    facts,
    ({ sequences }, table) =>
      sequences
        .filter(
          ({ sequence }) =>
            (sequence.database ?? database) !== database ||
            siteOfSequence.get(sequence.name) !== readTask.get(table),
        )
        .map(({ column, sequence }) => `${table}.${column} → ${describeNamed(sequence)}`),
    named => `Defaults take their numbers from ${why}: ${named}.`,
  );
  if (!told) return [];
  const hint = `Fix it, ${orLeaveOut('sequence_elsewhere')} A sequence by the bare prefix is named in network.mainSiteTables or network.tables.`;
  return [{ code: 'sequence_elsewhere', blocking: true, ...told, hint }];
}
