// What a plan has to know of how a table is defined.

import { findLeads, type Leads } from './find-leads.ts';
import { type Definition, findPart, parseDefinition } from './parse-definition.ts';
import { isWord } from './tokens.ts';

export interface DefinitionFacts extends Leads {
  /** Its history names transactions of the server, and no times. */
  readonly countsTransactions?: true;
}

/** null: nothing that a plan would have to know, as of nearly every table. */
export function inspectDefinition(text: string): DefinitionFacts | null {
  const definition = parseDefinition(text);
  const leads = findLeads(definition);
  if (countsTransactions(definition)) return { ...leads, countsTransactions: true };
  return leads.sequences.length + leads.union.length + leads.foreignKeys.length === 0 ? null : leads;
}

const countsTransactions = ({ columns }: Definition): boolean =>
  columns.some(column => {
    const [row, end] = findPart(column, 'generated')?.value ?? [];
    return isWord(row, 'row') && isWord(end, 'start', 'end') && isWord(column.type[0], 'bigint');
  });
