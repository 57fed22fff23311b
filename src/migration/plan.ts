// The Plan: what a migration will do, as plain immutable JSON. It is made before anything is touched, written to
// migration-plan.json, and is all that the later phases go by.

import { createHash } from 'node:crypto';
import { isEmptyTreatment, type PlannedTreatment } from '../policy/planned-treatment.ts';
import type { MigrationId, SiteId } from './words.ts';

export type VerifyMode = 'counts' | 'checksum' | 'off';
export type LoadMethod = 'load_data' | 'insert';

/** One end of the migration, as it was when the plan was made. No secrets. */
export interface PlanEnd {
  readonly environment: string;
  readonly database: string;
  readonly tablePrefix: string;
  readonly serverVersion: string;
}

export interface PlanTarget extends PlanEnd {
  /** Database on the target server in which sites are built. */
  readonly staging: string;
  /** Database on the target server that keeps what was live before. */
  readonly previous: string;
  readonly loadMethod: LoadMethod;
  /** Source and target are databases of one server, and the target's user may read the source's: rows without a source
   *  host are copied inside it. Absent in plans of older versions: no. */
  readonly copiesInside?: boolean;
  readonly maxAllowedPacketBytes: number;
}

export interface PlannedTable {
  /** Name at the source. */
  readonly source: string;
  /** Name at the target, in staging as well as live. Differs with another table prefix. */
  readonly target: string;
  readonly engine: string;
  /** The server's estimate; exact only for MyISAM. */
  readonly rows: number;
  readonly sizeBytes: number;
  /** The rule by which only its structure travels; absent: none. */
  readonly emptiedBy?: string;
}

export interface PlannedSite {
  readonly siteId: SiteId;
  readonly domain: string;
  readonly path: string;
  /** Where the site answers after the migration; the same as `domain` when no rule covers the host. */
  readonly targetDomain: string;
  readonly tables: readonly PlannedTable[];
  readonly rows: number;
  readonly sizeBytes: number;
}

export interface PlannedNetwork {
  readonly tables: readonly PlannedTable[];
  /** Blog ids whose rows come from the source; every other row of the target's `blogs` and `blogmeta` stays. */
  readonly siteIds: readonly SiteId[];
  /** No site of the source is left out: its rows need no choosing. */
  readonly everySite: boolean;
  /** `replace`: every site of the source travels, `site` and `sitemeta` too. `merge`: only the chosen sites' rows. */
  readonly mode: 'replace' | 'merge';
}

export interface RewriteRuleText {
  readonly from: string;
  readonly to: string;
}

/** `source` host and where it goes; `target` null: no rule covers it, and it is left alone. */
export interface HostMapping {
  readonly source: string;
  readonly target: string | null;
  readonly siteIds: readonly SiteId[];
}

/** Something found while planning. `blocking` ones stop the run unless `--accept CODE` names them; an accepted one
 *  leaves its sites out. */
export interface Hazard {
  readonly code: string;
  readonly blocking: boolean;
  readonly message: string;
  readonly hint?: string;
  readonly siteIds?: readonly SiteId[];
}

export interface LeftOut {
  readonly siteId: SiteId;
  readonly reason: string;
}

export interface Plan {
  readonly version: 1;
  readonly migrationId: MigrationId;
  readonly createdAt: string;
  readonly source: PlanEnd;
  readonly target: PlanTarget;
  readonly rules: readonly RewriteRuleText[];
  readonly emails: 'leave' | 'rewrite';
  /** `table.column` patterns (without prefix and blog id) whose values are copied as they are. */
  readonly skipColumns: readonly string[];
  /** Patterns of columns whose values are rewritten inside base64 as well. Absent in plans of older versions. */
  readonly base64Columns?: readonly string[];
  /** What becomes of rows besides rewriting. Absent in plans of older versions: nothing. */
  readonly treatment?: PlannedTreatment;
  readonly network: PlannedNetwork | null;
  /** Biggest first, so that no giant runs alone at the end. */
  readonly sites: readonly PlannedSite[];
  readonly leftOut: readonly LeftOut[];
  readonly hosts: readonly HostMapping[];
  readonly hazards: readonly Hazard[];
  /** Tables of the source with the prefix that belong to nothing that travels, with the reason. */
  readonly tablesNotCarried: readonly { readonly table: string; readonly reason: string }[];
  readonly totals: {
    readonly sites: number;
    readonly tables: number;
    readonly rows: number;
    readonly sizeBytes: number;
  };
  readonly estimateMs: number;
  /** SHA-256 over what the plan would do; sizes, row estimates, times and ids are left out, as they always drift. */
  readonly digest: string;
}

export function digestPlan(plan: Omit<Plan, 'digest'>): string {
  const deeds = {
    version: plan.version,
    source: [plan.source.environment, plan.source.database, plan.source.tablePrefix],
    target: [
      plan.target.environment,
      plan.target.database,
      plan.target.tablePrefix,
      plan.target.staging,
      plan.target.previous,
    ],
    rules: plan.rules.map(rule => [rule.from, rule.to]),
    emails: plan.emails,
    skipColumns: plan.skipColumns,
    // Without one the digest is what it was in older versions.
    ...(plan.base64Columns?.length ? { base64Columns: plan.base64Columns } : {}),
    ...(plan.treatment && !isEmptyTreatment(plan.treatment) ? { treatment: plan.treatment } : {}),
    network: plan.network && [
      plan.network.mode,
      plan.network.everySite,
      plan.network.siteIds,
      nameTables(plan.network.tables),
    ],
    sites: [...plan.sites]
      .sort((a, b) => a.siteId - b.siteId)
      .map(site => [site.siteId, site.domain, site.path, site.targetDomain, nameTables(site.tables)]),
  };
  return createHash('sha256').update(JSON.stringify(deeds)).digest('hex');
}

function nameTables(tables: readonly PlannedTable[]): string[][] {
  return tables.map(({ source, target, emptiedBy }) =>
    emptiedBy === undefined ? [source, target] : [source, target, emptiedBy],
  );
}
