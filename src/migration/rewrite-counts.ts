// What the rewriting did, over all sites: by the tables' names as WordPress knows them (`posts`, not `wp_43_posts`).

import type { Plan } from './plan.ts';
import type { MigrationState, SiteState } from './state.ts';
import { NETWORK, type SiteId } from './words.ts';

/** Of what copy_tables leaves as its data, the part that is read here. */
interface CopiedTable {
  readonly table: string;
  readonly changedByColumn: Readonly<Record<string, number>>;
  /** The first of the values that were left as they are. */
  readonly left: readonly { readonly column: string; readonly key: string; readonly reason: string }[];
  readonly leftTotal: number;
}

export interface RewrittenColumn {
  readonly table: string;
  readonly column: string;
  readonly values: number;
  readonly sites: number;
}

export interface LeftValues {
  readonly table: string;
  readonly column: string;
  readonly reason: string;
  /** Those that were written down; a table writes down only its first. */
  readonly values: number;
  readonly siteIds: readonly SiteId[];
  /** Where to look: `site` 0 is the network tables, `key` the row. */
  readonly examples: readonly { readonly siteId: SiteId; readonly key: string }[];
}

export interface RewriteCounts {
  /** The most values first. */
  readonly columns: readonly RewrittenColumn[];
  readonly leftTotal: number;
  readonly left: readonly LeftValues[];
}

const EXAMPLES = 3;

export function countRewrites(plan: Plan, state: MigrationState): RewriteCounts {
  const columns = new Map<string, RewrittenColumn>();
  const left: LeftValue[] = [];
  let leftTotal = 0;
  for (const [siteId, copied] of listCopies(state)) {
    const table = nameLogically(copied.table, siteId, plan);
    for (const [column, values] of Object.entries(copied.changedByColumn)) {
      const known = columns.get(`${table}.${column}`) ?? { table, column, values: 0, sites: 0 };
      columns.set(`${table}.${column}`, { ...known, values: known.values + values, sites: known.sites + 1 });
    }
    for (const value of copied.left) left.push({ siteId, table, ...value });
    leftTotal += copied.leftTotal;
  }
  const groups = Map.groupBy(left, ({ table, column, reason }) => `${table}.${column} ${reason}`);
  return {
    columns: [...columns.values()].sort((a, b) => b.values - a.values),
    leftTotal,
    left: [...groups.values()].map(describeGroup).sort((a, b) => b.values - a.values),
  };
}

interface LeftValue {
  readonly siteId: SiteId;
  readonly table: string;
  readonly column: string;
  readonly key: string;
  readonly reason: string;
}

function describeGroup(members: readonly LeftValue[]): LeftValues {
  const { table, column, reason } = members[0]!;
  return {
    table,
    column,
    reason,
    values: members.length,
    siteIds: [...new Set(members.map(member => member.siteId))],
    examples: members.slice(0, EXAMPLES).map(({ siteId, key }) => ({ siteId, key })),
  };
}

function* listCopies(state: MigrationState): Generator<[SiteId, CopiedTable]> {
  const units: [SiteId, SiteState | null][] = [[NETWORK, state.network]];
  for (const [siteId, site] of Object.entries(state.sites)) units.push([Number(siteId), site]);
  for (const [siteId, site] of units) {
    const copy = site?.steps.copy_tables;
    if (copy?.status !== 'completed') continue;
    for (const table of (copy.data?.tables ?? []) as readonly CopiedTable[]) yield [siteId, table];
  }
}

/** `wp_43_posts` of site 43 → `posts`. What looks like a number in a table of site 1 or of the network is none. */
function nameLogically(table: string, siteId: SiteId, { target }: Plan): string {
  const withoutPrefix = table.startsWith(target.tablePrefix) ? table.slice(target.tablePrefix.length) : table;
  const number = `${siteId}_`;
  return siteId > 1 && withoutPrefix.startsWith(number) ? withoutPrefix.slice(number.length) : withoutPrefix;
}
