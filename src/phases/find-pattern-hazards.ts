// Names of tables and columns in the configuration that the source doesn't have, or that can't be treated as asked for.
// A misspelled one changes nothing and says nothing; a refused one would stop the run in the middle.

import { list } from '../lib/text.ts';
import type { Unit } from '../migration/list-units.ts';
import { nameLogically } from '../migration/name-logically.ts';
import type { Hazard } from '../migration/plan.ts';
import { tableOwners } from '../mysql/table-names.ts';
import { findMissingColumns } from '../policy/anonymise-people.ts';
import { isEditable } from '../policy/edit-column.ts';
import { PERSON_COLUMNS } from '../policy/known-names.ts';
import { compileNames } from '../policy/match-value.ts';
import type { PlanRequest } from './build-plan.ts';
import type { EndFacts } from './read-ends.ts';

interface Circumstances {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly units: readonly Pick<Unit, 'taskId' | 'tables'>[];
}

/** Patterns of one setting, as `logs` or `options.secret`; defaults that nobody has written aren't among them. */
export interface NamedPatterns {
  readonly setting: string;
  readonly patterns: readonly string[];
}

/** The columns of the source that planning has to know. */
export function listWantedColumns({ named, treatment: { safety } }: PlanRequest): string[] {
  return [
    ...named.flatMap(({ patterns }) => patterns.filter(pattern => pattern.includes('.'))),
    ...(safety?.rules.includes('anonymise_people') ? PERSON_COLUMNS : []),
  ];
}

export function findPatternHazards(facts: Circumstances): Hazard[] {
  return [...findRefusedColumns(facts), ...findUnmatched(facts)];
}

/** H54 What policy/anonymise-people.ts refuses when it meets it. */
function findRefusedColumns({ request, source, units }: Circumstances): Hazard[] {
  const { safety } = request.treatment;
  if (!safety?.rules.includes('anonymise_people') || !source.columns) return [];
  const isPersonal = compileNames([...PERSON_COLUMNS, ...safety.columns]);
  const refused = units.flatMap(({ taskId, tables }) =>
    tables
      .filter(table => table.emptiedBy === undefined)
      .flatMap(table => {
        const name = nameLogically(table.target, taskId, request);
        const columns = (source.columns?.get(table.source) ?? []).filter(column => !column.isGenerated);
        const unfit = columns.filter(column => isPersonal(`${name}.${column.name}`) && !isEditable(column));
        return [
          ...findMissingColumns({ name, columns }, safety.columns).map(
            pattern => `${table.source} has no column for ${pattern}`,
          ),
          ...unfit.map(
            ({ name: column, columnType }) => `${table.source}.${column} is of type ${columnType}`,
          ),
        ].map(text => ({ taskId, text }));
      }),
  );
  if (refused.length === 0) return [];
  return [
    {
      code: 'anonymise_refused',
      blocking: true,
      message: `To be anonymised, but can't be: ${list(refused.map(({ text }) => text))}.`,
      hint: `Fix environments.${request.target.environment}.safety.anonymise (only text, numbers and bytes can be), name the table in tables.skipData, or leave these sites out with --accept anonymise_refused.`,
      taskIds: [...new Set(refused.map(({ taskId }) => taskId))],
    },
  ];
}

/** Whether what they name travels this time doesn't matter. */
function findUnmatched({ request, source }: Circumstances): Hazard[] {
  const { columns } = source;
  const names = listNames(request, source);
  const isThere = (pattern: string): boolean => {
    const matches = compileNames([pattern]);
    if (!pattern.includes('.')) return names.values().some(matches);
    // Nobody has looked.
    if (!columns) return true;
    return names
      .entries()
      .some(
        ([table, name]) => columns.get(table)?.some(column => matches(`${name}.${column.name}`)) === true,
      );
  };
  return request.named.flatMap(({ setting, patterns }) => {
    const unmatched = patterns.filter(pattern => !isThere(pattern));
    if (unmatched.length === 0) return [];
    return [
      {
        code: 'pattern_unmatched',
        blocking: false,
        message: `${setting} names what the source doesn't have: ${list(unmatched)}.`,
        hint: 'Names are without prefix and blog id. Take them out, or fix them, in the configuration file.',
      },
    ];
  });
}

/** Of the source's tables, without prefix and blog id, by their full names. */
function listNames(
  { source: { tablePrefix } }: PlanRequest,
  { blogs, catalog, oddIds }: EndFacts,
): Map<string, string> {
  const tables = catalog.tables.map(table => table.name);
  const ownerOf = tableOwners(
    tablePrefix,
    (blogs ?? []).map(blog => blog.siteId),
    tables,
    oddIds?.blogs,
  );
  return new Map(
    tables.flatMap(table => {
      const owner = ownerOf(table);
      return 'suffix' in owner ? [[table, owner.suffix] as const] : [];
    }),
  );
}
