import { spellName, spellPrefix } from '../mysql/spell-names.ts';
import type { PlanRequest } from './build-plan.ts';
import type { EndFacts } from './read-ends.ts';

/** The request with the names of databases and the prefixes of tables as the servers write them; rows keep the prefix that
 *  the configuration has. */
export function spellRequest(request: PlanRequest, source: EndFacts, target: EndFacts): PlanRequest {
  const [from, to] = [createSpell(source), createSpell(target)];
  const { database, staging, previous } = request.target;
  return {
    ...request,
    source: {
      ...request.source,
      database: from.database(request.source.database),
      ...from.prefix(request.source.tablePrefix),
    },
    target: {
      ...request.target,
      ...{ database: to.database(database), staging: to.database(staging) },
      previous: to.database(previous),
      ...to.prefix(request.target.tablePrefix),
    },
  };
}

function createSpell({ server: { lowerCaseTableNames, databases } }: EndFacts): {
  database(name: string): string;
  prefix(tablePrefix: string): { tablePrefix: string; prefixInRows?: string };
} {
  return {
    database: name => spellName(name, lowerCaseTableNames, databases),
    prefix(given) {
      const tablePrefix = spellPrefix(given, lowerCaseTableNames);
      return { tablePrefix, ...(tablePrefix === given ? {} : { prefixInRows: given }) };
    },
  };
}
