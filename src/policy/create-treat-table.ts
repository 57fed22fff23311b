import { compileTreatment } from './compile-treatment.ts';
import { listRules } from './list-rules.ts';
import type { PlannedTreatment } from './planned-treatment.ts';
import type { TableTreatment, TreatedTable } from './row-rule.ts';

/** What becomes of a table's rows before they are rewritten; of one reading of it alone, as it counts. null: nothing. */
export type TreatTable = (table: TreatedTable) => TableTreatment | null;

/** `pseudonymKey`: of the configuration, as a plan holds only its digest. Without a treatment no table has one. */
export function createTreatTable(
  treatment: PlannedTreatment | undefined,
  pseudonymKey: string | null,
): TreatTable {
  if (!treatment) return () => null;
  const rules = listRules(treatment, pseudonymKey);
  return table => compileTreatment(rules, table);
}
