import { list } from '../lib/text.ts';
import type { Unit } from '../migration/list-units.ts';
import type { Hazard } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { EndFacts } from './read-ends.ts';

interface Circumstances {
  readonly source: EndFacts;
  readonly target: EndFacts;
  readonly units: readonly Pick<Unit, 'taskId' | 'tables'>[];
}

/** Tables that the target's server refuses, or gives a key of its own that the source's haven't. Their sites fail, each by
 *  itself; without the network tables there is no run. */
export function findKeylessTables({ source, target, units }: Circumstances): Hazard[] {
  const { keyless } = source;
  const { requiredBy, generated } = target.server.primaryKeys;
  const variable = requiredBy ?? (generated ? 'sql_generate_invisible_primary_key' : null);
  if (variable === null || !keyless) return [];
  const does = requiredBy
    ? 'refuses tables without a primary key'
    : 'adds a primary key to tables without one';
  const unfit = units
    .map(({ taskId, tables }) => ({
      taskId,
      names: tables.map(table => table.source).filter(name => keyless.has(name)),
    }))
    .filter(({ names }) => names.length > 0);
  const ofNetwork = unfit.filter(({ taskId }) => taskId === NETWORK);
  const ofSites = unfit.filter(({ taskId }) => taskId !== NETWORK);
  return [
    ...describe(ofNetwork, true, 'the network tables', '--sites-only'),
    ...describe(ofSites, false, 'their sites', '--exclude-sites'),
  ];

  function describe(those: typeof unfit, blocking: boolean, what: string, flag: string): Hazard[] {
    if (those.length === 0) return [];
    const names = list(those.flatMap(unit => unit.names));
    return [
      {
        code: 'primary_key_required',
        blocking,
        message: `The target's server ${does} (${variable}), so ${what} would fail: ${names}.`,
        hint: `Give them a primary key at the source, SET GLOBAL ${variable} = OFF on the target until the run is over, or leave them out with ${flag}.`,
        taskIds: those.map(({ taskId }) => taskId),
      },
    ];
  }
}
