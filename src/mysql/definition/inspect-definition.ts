// What a plan has to know of how a table is defined.

import { isJsonColumn } from './describe-definition.ts';
import { findDoubtfulMembers } from './find-doubtful-texts.ts';
import { findHosts, type HostPlace, type MentionsHost } from './find-hosts.ts';
import { findLeads, type Leads } from './find-leads.ts';
import { type Definition, findPart, parseDefinition } from './parse-definition.ts';
import { needsTranslation, type ServerKind } from './server-kind.ts';
import { isWord } from './tokens.ts';
import { translateDefinition } from './translate-definition.ts';

export interface DefinitionFacts extends Leads {
  readonly hosts: readonly HostPlace[];
  /** Columns with a member of which the server shows a question mark. */
  readonly doubtfulMembers: readonly string[];
  /** What of it the target's server lacks and can be left out; and what can't. */
  readonly lost: readonly string[];
  readonly refused: readonly string[];
  /** Its CHECKs, as they are written; only where the target's server can't be told to take rows that break them. */
  readonly checks: readonly string[];
  /** The columns of its period, where they have numbers of transactions and no times. */
  readonly transactions: readonly string[];
}

export interface InspectionOptions {
  readonly mentionsHost: MentionsHost;
  readonly from: ServerKind;
  /** null: nobody knows. */
  readonly to: ServerKind | null;
}

export type InspectDefinition = (text: string) => DefinitionFacts | null;

/** What it makes answers null where there is nothing that a plan would have to know, as of nearly every table. */
export function createInspectDefinition({ mentionsHost, from, to }: InspectionOptions): InspectDefinition {
  const isForeign = to !== null && needsTranslation(from, to);
  // MySQL knows no way to take rows that break a CHECK.
  const isStrict = from.flavour === 'mariadb' && to?.flavour === 'mysql';
  return text => {
    const definition = parseDefinition(text);
    const { lost, refused } = isForeign ? translateDefinition(text, from, to) : { lost: [], refused: [] };
    const facts: DefinitionFacts = {
      ...findLeads(definition),
      hosts: findHosts(definition, mentionsHost),
      doubtfulMembers: findDoubtfulMembers(definition),
      checks: isStrict ? listChecks(definition, text) : [],
      lost,
      refused,
      transactions: listTransactions(definition),
    };
    return Object.values(facts).every((list: readonly unknown[]) => list.length === 0) ? null : facts;
  };
}

/** As they are written. That text is JSON, MariaDB and MySQL see to alike. */
function listChecks(definition: Definition, text: string): string[] {
  const { columns, constraints } = definition;
  const conditions = [
    ...columns.flatMap(column => (isJsonColumn(column, definition) ? [] : (findPart(column, 'check') ?? []))),
    ...constraints.filter(({ kind }) => kind === 'check'),
  ];
  return conditions.map(({ value }) => text.slice(value[0]!.start, value.at(-1)!.end));
}

const listTransactions = ({ columns }: Definition): string[] =>
  columns
    .filter(column => {
      const [row, end] = findPart(column, 'generated')?.value ?? [];
      return isWord(row, 'row') && isWord(end, 'start', 'end') && isWord(column.type[0], 'bigint');
    })
    .map(column => column.name);
