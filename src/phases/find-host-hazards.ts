// F14 Hosts of the source in definitions. Rows are rewritten, definitions aren't.

import { list } from '../lib/text.ts';
import type { Hazard } from '../migration/plan.ts';
import type { HostPlace } from '../mysql/definition/find-hosts.ts';
import { orLeaveOut, tellOfTables, type UnitsOfSource } from './tell-of-tables.ts';

const KINDS: Readonly<Record<HostPlace['kind'], string>> = {
  default: 'DEFAULT',
  generated: 'generated column',
  comment: 'comment',
  member: 'member of ENUM or SET',
  check: 'CHECK',
  key: 'key',
  partition: 'partition',
};

export function findHostHazards(facts: UnitsOfSource): Hazard[] {
  return [...findBroken(facts), ...findOthers(facts), ...findViews(facts)];
}

const tellPlaces = (
  facts: UnitsOfSource,
  breaksRows: boolean,
  sentence: (named: string) => string,
): ReturnType<typeof tellOfTables> =>
  tellOfTables(
    facts,
    ({ hosts }, table) =>
      hosts
        .filter(place => place.breaksRows === breaksRows)
        .map(({ kind, where }) => `${table}${where} (${KINDS[kind]})`),
    sentence,
  );

function findBroken(facts: UnitsOfSource): Hazard[] {
  const told = tellPlaces(
    facts,
    true,
    named =>
      `What these demand of rows names a host of the source, and rewritten rows may break it: ${named}.`,
  );
  if (!told) return [];
  const hint = `Definitions are not rewritten: change the tables at the source, ${orLeaveOut('host_in_constraint')}`;
  return [{ code: 'host_in_constraint', blocking: true, ...told, hint }];
}

function findOthers(facts: UnitsOfSource): Hazard[] {
  const told = tellPlaces(
    facts,
    false,
    named => `Definitions are not rewritten, and these name a host of the source: ${named}.`,
  );
  if (!told) return [];
  const hint =
    'Change them at the target after the migration (ALTER TABLE); each migration brings them again.';
  return [{ code: 'host_in_definition', blocking: false, ...told, hint }];
}

function findViews({ source: { definitions } }: UnitsOfSource): Hazard[] {
  const views = definitions?.viewsWithHosts ?? [];
  if (views.length === 0) return [];
  return [
    {
      code: 'host_in_view',
      blocking: false,
      message: `Views, which are not carried, name a host of the source: ${list(views)}.`,
      hint: "Made again at the target, they should name the target's.",
    },
  ];
}
