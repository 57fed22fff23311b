import { list } from '../lib/text.ts';
import type { Unit } from '../migration/list-units.ts';
import type { Hazard } from '../migration/plan.ts';
import type { DefinitionFacts } from '../mysql/definition/inspect-definition.ts';
import type { EndFacts } from './read-ends.ts';

export interface UnitsOfSource {
  readonly source: EndFacts;
  /** Chosen sites that have tables, and the network tables. */
  readonly units: readonly Pick<Unit, 'taskId' | 'tables'>[];
}

/** So many are named in a message. */
const MOST = 20;

/** One sentence on all tables of whose definition `tell` has something to say, with their sites; null: there is none. */
export function tellOfTables(
  { source: { definitions }, units }: UnitsOfSource,
  tell: (facts: DefinitionFacts, table: string) => readonly string[],
  sentence: (named: string) => string,
): Pick<Hazard, 'message' | 'taskIds'> | null {
  const found = units.flatMap(({ taskId, tables }) =>
    tables.flatMap(({ source }) => {
      const facts = definitions?.facts.get(source);
      return facts ? tell(facts, source).map(told => ({ taskId, told })) : [];
    }),
  );
  if (found.length === 0) return null;
  const named = list(
    found.map(({ told }) => told),
    MOST,
  );
  return { message: sentence(named), taskIds: [...new Set(found.map(({ taskId }) => taskId))] };
}

/** What to do besides fixing it. */
export const orLeaveOut = (code: string): string =>
  `or leave these sites out with --accept ${code} (the network tables with --sites-only).`;
