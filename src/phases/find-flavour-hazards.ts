// What the target's server can't have of a definition, as another make or an older version of the source's; and what no
// server tells of it.

import type { Hazard } from '../migration/plan.ts';
import type { EndFacts } from './read-ends.ts';
import { orLeaveOut, tellOfTables, type UnitsOfSource } from './tell-of-tables.ts';

type Circumstances = UnitsOfSource & { readonly target: EndFacts };

export function findFlavourHazards(facts: Circumstances): Hazard[] {
  return [...findRefused(facts), ...findBrokenRows(facts), ...findLost(facts), ...findDoubtfulMembers(facts)];
}

function findRefused(facts: Circumstances): Hazard[] {
  const { version } = facts.target.server;
  const told = tellOfTables(
    facts,
    ({ refused }, table) => (refused.length > 0 ? [`${table}: ${refused.join(', ')}`] : []),
    named => `The target's server (${version}) can't have all that these tables are: ${named}.`,
  );
  if (!told) return [];
  const hint = `Change the tables at the source, ${orLeaveOut('definition_refused')}`;
  return [{ code: 'definition_refused', blocking: true, ...told, hint }];
}

function findBrokenRows(facts: Circumstances): Hazard[] {
  const broken = facts.source.definitions?.broken;
  const told = tellOfTables(
    facts,
    (_, table) => (broken?.has(table) ? [table] : []),
    named => `Rows break a CHECK of their table, and MySQL takes no such rows: ${named}.`,
  );
  if (!told) return [];
  const hint = `Fix the rows or drop the CHECK at the source, ${orLeaveOut('rows_break_check')}`;
  return [{ code: 'rows_break_check', blocking: true, ...told, hint }];
}

function findLost(facts: Circumstances): Hazard[] {
  const { version } = facts.target.server;
  const told = tellOfTables(
    facts,
    ({ lost, refused }, table) =>
      lost.length > 0 && refused.length === 0 ? [`${table}: ${lost.join(', ')}`] : [],
    named => `The target's server (${version}) lacks something of these tables, which is left out: ${named}.`,
  );
  if (!told) return [];
  const hint = 'Their rows are carried whole. Nothing to do if the target can do without.';
  return [{ code: 'definition_loss', blocking: false, ...told, hint }];
}

/** F26 */
function findDoubtfulMembers(facts: Circumstances): Hazard[] {
  const told = tellOfTables(
    facts,
    ({ doubtfulMembers }, table) => doubtfulMembers.map(column => `${table}.${column}`),
    named =>
      `Of a member of these columns the server shows a question mark, as it does of an emoji: ${named}.`,
  );
  if (!told) return [];
  const hint =
    'The target gets a question mark. If it is another character, call the member otherwise at the source; a site with rows that have it fails.';
  return [{ code: 'member_unseen', blocking: false, ...told, hint }];
}
