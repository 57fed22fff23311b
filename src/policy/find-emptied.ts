import { compileNames } from './match-value.ts';
import type { PlannedTreatment } from './planned-treatment.ts';

/** Of a table's name, without prefix and blog id: the rule by which only its structure travels; null: it has its rows. */
export function createFindEmptied(treatment: PlannedTreatment): (table: string) => string | null {
  const isSkipped = compileNames(treatment.skipData);
  return table => (isSkipped(table) ? 'skip_data' : null);
}
