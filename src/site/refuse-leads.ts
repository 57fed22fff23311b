import { MigrationError } from '../errors.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import { nameTask } from '../migration/words.ts';
import { describeNamed, findLeads, keepsRows, type NamedTable } from '../mysql/definition/find-leads.ts';
import { type Definition, parseDefinition, readEngine } from '../mysql/definition/parse-definition.ts';
import type { SiteTask } from './site-task.ts';

/** What may lead out of a table stands behind one of these words. Looked for first: it is asked of every table. */
const MAY_LEAD = /REFERENCES|UNION|nextval|lastval|setval/;

/** What the definition says now, beside what the plan has from the catalog. */
const ENGINE = /\n\) ENGINE=(\w+)/;

/** Refuses a table that names something beyond its site. The plan has named these, and left them or refused the site,
 *  where its user may see them; this is for what has changed since. Made in the staging database, a foreign key would refer
 *  to a table there for good, and WordPress could no longer write to the live one; a default would take its numbers from
 *  the source's sequence; and a FEDERATED table would be a second link to where the source's rows are. */
export function refuseLeads(
  { source, kind, engine }: PlannedTable,
  definition: string,
  { plan, task }: { readonly plan: Plan; readonly task: SiteTask },
): void {
  const [, now = ''] = ENGINE.exec(definition) ?? [];
  if (keepsRows(engine) && keepsRows(now) && !MAY_LEAD.test(definition)) return;
  const parsed = parseDefinition(definition);
  const lead = findElsewhere(kind, engine, parsed) ?? findOutside(parsed, plan, task);
  if (lead === null) return;
  const { message, hint } = lead;
  throw new MigrationError('schema', message(source, nameTask(task.taskId)), { hint });
}

interface Lead {
  message(table: string, site: string): string;
  readonly hint: string;
}

/** A MERGE table has its rows in the tables of its union, which are looked at below. */
function findElsewhere(kind: PlannedTable['kind'], planned: string, definition: Definition): Lead | null {
  const engine = [planned, readEngine(definition)].find(name => !keepsRows(name));
  if (engine === undefined || kind === 'merge') return null;
  return {
    message: table =>
      `The rows of ${table} lie elsewhere: its engine is ${engine}, and a copy would be a link to the same place.`,
    hint: 'Plan again: start the migration anew. It leaves such tables at the source.',
  };
}

function findOutside(definition: Definition, plan: Plan, { tables }: SiteTask): Lead | null {
  const { foreignKeys, sequences, union } = findLeads(definition);
  const own = new Set(tables.map(table => table.source));
  const isOutside = ({ database = plan.source.database, name }: NamedTable): boolean =>
    database !== plan.source.database || !own.has(name);
  const list = (named: readonly NamedTable[]): string =>
    named.filter(isOutside).map(describeNamed).join(', ');
  const [keys, numbers, parts] = [
    list(foreignKeys.map(key => key.referenced)),
    list(sequences.map(({ sequence }) => sequence)),
    list(union),
  ];
  if (keys !== '') {
    return {
      message: (table, site) =>
        `A foreign key of ${table} leads out of ${site}, to ${keys}, and a site is swapped alone.`,
      hint: 'Drop the foreign key at the source, or leave the site out with --exclude-sites.',
    };
  }
  if (numbers !== '') {
    return {
      message: (table, site) =>
        `A default of ${table} takes its numbers from ${numbers}, which is not of ${site}.`,
      hint: 'Plan again: start the migration anew. A sequence of the site travels with it.',
    };
  }
  if (parts === '') return null;
  return {
    message: (table, site) => `The MERGE table ${table} is made of ${parts}, which is not of ${site}.`,
    hint: 'Plan again: start the migration anew. It leaves such tables at the source.',
  };
}
