// What a plan has to know of how a table is defined.

import { findLeads, type Leads } from './find-leads.ts';
import { parseDefinition } from './parse-definition.ts';

export type DefinitionFacts = Leads;

/** null: nothing that a plan would have to know, as of nearly every table. */
export function inspectDefinition(text: string): DefinitionFacts | null {
  const leads = findLeads(parseDefinition(text));
  return leads.sequences.length + leads.union.length + leads.foreignKeys.length === 0 ? null : leads;
}
