import type { Plan, PlannedTable } from '../migration/plan.ts';
import { siteIdOf } from '../migration/task-ids.ts';
import { readTables } from '../mysql/catalog.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { describeNamed, findLeads, keepsRows } from '../mysql/definition/find-leads.ts';
import { parseDefinition } from '../mysql/definition/parse-definition.ts';
import type { TableName } from '../mysql/loader.ts';
import { readDefinition } from '../mysql/read-definition.ts';
import { areOneName, spellName } from '../mysql/spell-names.ts';
import { sitePrefix, tableOwners } from '../mysql/table-names.ts';
import type { StepContext } from './step.ts';

export interface NewTables {
  /** They belong to the site's snapshot as the planned ones do. */
  readonly added: readonly PlannedTable[];
  readonly left: readonly { readonly table: string; readonly reason: string }[];
}

/** Tables of the site that the plan doesn't know: a plugin was switched on since. What the plan would have refused, or
 *  asked about, isn't taken along. */
export async function findNewTables(context: StepContext): Promise<NewTables> {
  const { plan, task, connections, recentSourceNames } = context;
  const siteId = siteIdOf(task.taskId);
  const source = await connections.source();
  const { database, tablePrefix } = plan.source;
  const prefix = sitePrefix(tablePrefix, siteId);
  const all = await recentSourceNames.startingWith(source, database, prefix);
  const known = new Set([
    ...task.tables.map(table => table.source),
    ...plan.tablesNotCarried.map(entry => entry.table),
  ]);
  const unknown = all.filter(name => !known.has(name));
  const names = siteId === 1 ? keepMainSites(unknown, all, plan) : unknown;
  const tables = await readTables(source, database, names);
  const isSameName = (one: string, other: string): boolean =>
    areOneName(one, other, plan.target.lowerCaseTableNames ?? 0);
  const own = new Set([...task.tables.map(table => table.source), ...names]);
  const added: PlannedTable[] = [];
  const left: { table: string; reason: string }[] = [];
  for (const { name, kind, engine, rows, sizeBytes, keepsHistory } of tables) {
    if (kind !== 'table') left.push({ table: name, reason: `it is a ${kind}` });
    else if (siteId === 1)
      left.push({ table: name, reason: "the main site's names are everybody's; plan again" });
    else if (keepsHistory) left.push({ table: name, reason: 'it keeps a history; plan again' });
    else if (!keepsRows(engine)) left.push({ table: name, reason: `its rows lie elsewhere (${engine})` });
    else {
      const outside = await findOutside(source, { database, name }, own);
      if (outside !== undefined) {
        left.push({ table: name, reason: outside });
        continue;
      }
      const target = spellName(
        sitePrefix(plan.target.tablePrefix, siteId) + name.slice(prefix.length),
        plan.target.lowerCaseTableNames ?? 0,
      );
      const clash = [...task.tables, ...added].find(table => isSameName(table.target, target));
      if (clash) {
        left.push({ table: name, reason: `to the target's server it is ${clash.source}` });
        continue;
      }
      added.push({ source: name, target, engine, rows, sizeBytes });
    }
  }
  return { added, left };
}

/** Its definition tells foreign keys also to a user who has only SELECT. A sequence that is new doesn't come along. */
async function findOutside(
  source: DatabaseConnection,
  table: TableName,
  own: ReadonlySet<string>,
): Promise<string | undefined> {
  const { foreignKeys, sequences } = findLeads(parseDefinition(await readDefinition(source, table)));
  const outside = foreignKeys.map(key => describeNamed(key.referenced)).find(name => !own.has(name));
  if (outside !== undefined) return `a foreign key leads out of the site, to ${outside}`;
  const [first] = sequences;
  return first && `a default takes its numbers from ${describeNamed(first.sequence)}; plan again`;
}

/** The main site has the bare prefix, with which every name begins. */
function keepMainSites(unknown: readonly string[], all: readonly string[], plan: Plan): string[] {
  if (unknown.length === 0) return [];
  const blogIds = [...plan.sites, ...plan.leftOut].map(site => site.siteId);
  const ownerOf = tableOwners(plan.source.tablePrefix, blogIds, all);
  return unknown.filter(name => {
    const owner = ownerOf(name);
    return owner.kind === 'site' && owner.siteId === 1;
  });
}
