import { list } from '../lib/text.ts';
import type { Unit } from '../migration/list-units.ts';
import type { Hazard } from '../migration/plan.ts';
import type { TaskId } from '../migration/words.ts';
import type { EndFacts } from './read-ends.ts';
import type { SpellTables } from './spell-tables.ts';
import { orLeaveOut } from './tell-of-tables.ts';

export interface CaseCircumstances extends Pick<SpellTables, 'isLost'> {
  readonly target: EndFacts;
  readonly units: readonly Pick<Unit, 'taskId' | 'tables'>[];
}

/** H26 */
export function findCaseHazards(facts: CaseCircumstances): Hazard[] {
  return [...findClashes(facts), ...findLostCase(facts)];
}

/** Tables of the source that the target's server can't tell apart. */
function findClashes({ target, units }: CaseCircumstances): Hazard[] {
  if (target.server.lowerCaseTableNames === 0) return [];
  const tables = units.flatMap(({ taskId, tables }) =>
    tables.map(({ source, target }) => ({ taskId, source, target })),
  );
  const clashes = [...Map.groupBy(tables, table => table.target.toLowerCase()).values()].filter(
    group => group.length > 1,
  );
  if (clashes.length === 0) return [];
  const code = 'table_name_case';
  const names = clashes.map(group => group.map(table => table.source).sort());
  return [
    {
      code,
      blocking: true,
      message: `To the target's server these names are one (lower_case_table_names): ${list(names.map(group => group.join(' and ')))}.`,
      hint: `Rename or drop one of them at the source, ${orLeaveOut(code)}`,
      taskIds: [...new Set(clashes.flat().map(({ taskId }): TaskId => taskId))],
    },
  ];
}

function findLostCase({ isLost, units }: CaseCircumstances): Hazard[] {
  const lost = units.flatMap(({ taskId, tables }) =>
    tables.filter(table => isLost(table.target)).map(table => ({ taskId, name: table.target })),
  );
  if (lost.length === 0) return [];
  return [
    {
      code: 'table_name_case_lost',
      blocking: false,
      message: `The source's server writes table names in lower case, and the target's tells them apart: if a plugin spells one of these with capitals, it won't find it there: ${list(lost.map(({ name }) => name))}.`,
      hint: 'Names that the target has are spelled as there: switch the plugin on at the target first, so that it makes its tables.',
      taskIds: [...new Set(lost.map(({ taskId }) => taskId))],
    },
  ];
}
