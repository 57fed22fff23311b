// Tables that no run of this program has made, in databases that are its own. Pure.

import type { Finding } from '../lib/finding.ts';
import type { Plan } from '../migration/plan.ts';

export interface Strangers {
  readonly staging: readonly string[];
  readonly previous: readonly string[];
}

const MOST_NAMES = 20;

/** One finding for both databases; none where there are no such tables. */
export function explainStrangers(
  { environment, staging, previous }: Pick<Plan['target'], 'environment' | 'staging' | 'previous'>,
  strangers: Strangers,
): (Finding & { readonly hint: string })[] {
  const names = [
    ...strangers.staging.map(name => `${staging}.${name}`),
    ...strangers.previous.map(name => `${previous}.${name}`),
  ];
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const rest = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  const many = names.length === 1 ? 'a table' : `${names.length} tables`;
  return [
    {
      code: 'foreign_tables',
      outcome: 'failed',
      message: `Where "${environment}" has its copies built and kept stand ${many} that no run has made: ${shown}${rest}.`,
      hint:
        `They are somebody's, and would be in the way. Move them away, or set environments.${environment}.database.staging ` +
        `and .previous to databases that nobody else uses. What a broken off run of version 0.1.0 left in ${staging}, ` +
        `"wfuwp env-migrate cleanup ID" removes.`,
    },
  ];
}
