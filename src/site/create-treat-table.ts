import type { Plan } from '../migration/plan.ts';
import { compileTreatment } from '../policy/compile-treatment.ts';
import { listRules } from '../policy/list-rules.ts';
import type { TableTreatment, TreatedTable } from '../policy/row-rule.ts';
import type { UserMap } from '../policy/user-map.ts';

/** What becomes of a table's rows before they are rewritten; of one reading of it alone, as it counts. null: nothing. */
export type TreatTable = (table: TreatedTable) => TableTreatment | null;

/** What a plan holds only a digest of. */
export interface TreatmentKeys {
  readonly pseudonymKey?: string | null;
  readonly userMap?: UserMap | null;
}

export function createTreatTable(
  plan: Plan,
  { pseudonymKey = null, userMap = null }: TreatmentKeys,
): TreatTable {
  const { treatment = { skipData: [], skipRows: [], safety: null }, source, target, users } = plan;
  const merged = users?.merge && userMap ? { map: userMap, columns: users.merge.columns } : null;
  const rules = listRules(treatment, pseudonymKey, {
    prefixes: {
      from: source.prefixInRows ?? source.tablePrefix,
      to: target.prefixInRows ?? target.tablePrefix,
    },
    sites: { all: listBlogIds(plan), travelling: new Set(plan.network?.siteIds) },
    ...(users ? { users: { merged } } : {}),
  });
  return table => compileTreatment(rules, table);
}

/** Every blog of the source is in the plan: it travels, or it is said why not. */
function listBlogIds({ sites, leftOut, network }: Plan): Set<number> {
  return new Set([...[...sites, ...leftOut].map(site => site.siteId), ...(network?.siteIds ?? [])]);
}
