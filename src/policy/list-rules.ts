import type { PlannedTreatment } from './planned-treatment.ts';
import type { RowRule } from './row-rule.ts';
import { createSkipRows } from './skip-rows.ts';

/** The rules of a plan, in the order in which a row meets them. */
export function listRules(treatment: PlannedTreatment): RowRule[] {
  return treatment.skipRows.length > 0 ? [createSkipRows('skip_rows', treatment.skipRows)] : [];
}
