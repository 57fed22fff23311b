import type { Plan } from '../migration/plan.ts';
import { compileTreatment } from '../policy/compile-treatment.ts';
import { listRules } from '../policy/list-rules.ts';
import type { TableTreatment, TreatedTable } from '../policy/row-rule.ts';

/** What becomes of a table's rows before they are rewritten; of one reading of it alone, as it counts. null: nothing. */
export type TreatTable = (table: TreatedTable) => TableTreatment | null;

/** `pseudonymKey`: of the configuration, as a plan holds only its digest. */
export function createTreatTable(plan: Plan, pseudonymKey: string | null): TreatTable {
  const { treatment = { skipData: [], skipRows: [], safety: null }, source, target } = plan;
  const prefixes = { from: source.tablePrefix, to: target.tablePrefix, blogIds: listBlogIds(plan) };
  const rules = listRules(treatment, pseudonymKey, { prefixes });
  return table => compileTreatment(rules, table);
}

/** Every blog of the source is in the plan: it travels, or it is said why not. */
function listBlogIds({ sites, leftOut, network }: Plan): Set<number> {
  return new Set([...[...sites, ...leftOut].map(site => site.siteId), ...(network?.siteIds ?? [])]);
}
