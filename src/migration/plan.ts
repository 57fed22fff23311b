// The Plan: what a migration will do, as plain immutable JSON. It is made before anything is touched, written to
// migration-plan.json, and is all that the later phases go by.

import { createHash } from 'node:crypto';
import { isEmptyTreatment, type PlannedTreatment } from '../policy/planned-treatment.ts';
import type { MigrationId, SiteId, TaskId } from './words.ts';

/** Who a server is; see mysql/identity.ts. */
export interface PlannedServer {
  readonly kind: 'uuid' | 'place';
  readonly id: string;
  readonly shown: string;
}

export type VerifyMode = 'counts' | 'checksum' | 'off';
export type LoadMethod = 'load_data' | 'insert';

/** One end of the migration, as it was when the plan was made. No secrets. */
export interface PlanEnd {
  readonly environment: string;
  readonly database: string;
  readonly tablePrefix: string;
  /** The prefix as names within rows hold it (`WP_43_user_roles`), where the server writes that of tables in another letter
   *  case. Absent: it is the same. */
  readonly prefixInRows?: string;
  readonly serverVersion: string;
}

export interface PlanSource extends PlanEnd {
  /** Absent in plans of older versions: nobody knows. `network`: marks of networks and of some sites, by which the network
   *  is known again, see phases/mark-network.ts. */
  readonly identity?: { readonly server: PlannedServer; readonly network: Readonly<Record<string, string>> };
}

export interface PlanTarget extends PlanEnd {
  /** Absent in plans of older versions. `databaseId`: what the database's id row says, or will say once this run, its
   *  first (`isFirst`), has it. */
  readonly identity?: {
    readonly server: PlannedServer;
    readonly databaseId: string;
    readonly isFirst?: boolean;
  };
  /** Database on the target server in which sites are built. */
  readonly staging: string;
  /** Database on the target server that keeps what was live before. */
  readonly previous: string;
  readonly loadMethod: LoadMethod;
  /** Source and target are databases of one server, and the target's user may read the source's: rows without a source
   *  host are copied inside it. Absent in plans of older versions: no. */
  readonly copiesInside?: boolean;
  readonly maxAllowedPacketBytes: number;
  /** How its server writes names, see mysql/spell-names.ts. Absent: 0, as they are. */
  readonly lowerCaseTableNames?: number;
  /** Its server gives a table without a primary key an invisible one. Absent: no. */
  readonly generatesKeys?: true;
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
  /** Its history travels: rows that it had before, and when. Absent: it has none, or only its present rows travel. */
  readonly history?: PlannedHistory;
  /** A sequence, made before the tables that take numbers from it; a MERGE table, made after those that it is made of,
   *  without rows of its own. Absent: a table like any other. */
  readonly kind?: 'sequence' | 'merge';
  /** What of its definition the target's server lacks, and is left out; absent: nothing. */
  readonly lost?: readonly string[];
  /** What the target's server can't have of it, so that it can't be made there; absent: nothing. */
  readonly refused?: readonly string[];
}

export interface PlannedHistory {
  /** When the present rows end, as either server has it. */
  readonly endsOfTime: { readonly source: string; readonly target: string };
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
  /** Networks whose rows of `site` and `sitemeta` come from the source; the target's others stay. Absent in plans of older
   *  versions: all of the source. */
  readonly networkIds?: readonly number[];
  /** Keys of sitemeta that stay as they are at the target, in networks that both sides have; `*` stands for any text. */
  readonly protectedMeta?: readonly string[];
  /** Sites that only the target has, which are archived there. */
  readonly archivedIds?: readonly SiteId[];
}

/** Users who don't just stay as they are at the target. */
export interface PlannedUsers {
  /** `copy`: the source's take the place of the target's. `merge`: those who are new to the target join its own. */
  readonly mode: 'copy' | 'merge';
  /** How they are merged; absent: they aren't. */
  readonly merge?: PlannedMerge;
}

export interface PlannedMerge {
  /** `table.column` patterns of further columns that hold ids of users. */
  readonly columns: readonly string[];
  /** Of migration-users.json, which says whose id becomes which. */
  readonly mapDigest: string;
  /** The highest ids on both sides when the plan was made: who has a higher one came later. */
  readonly sourceUpTo: number;
  readonly targetUpTo: number;
  /** Users of the source: at the target already, new to it, and of these those who get another id. */
  readonly matched: number;
  readonly added: number;
  readonly renumbered: number;
  /** How many there are of each kind. */
  readonly clashes: Readonly<Partial<Record<UserClash['kind'], number>>>;
  /** The first of them. */
  readonly examples: readonly UserClash[];
}

/** Two users of whom it isn't certain whether they are one person. `other_email`: by their logins they are; `other_login`:
 *  by their e-mail addresses they are, and count as one; `shared_email`: so they would be, but several users have that
 *  address, or the target's user is another one's already: they count as two. No addresses: the plan is no place for
 *  them. */
export interface UserClash {
  readonly kind: 'other_email' | 'other_login' | 'shared_email';
  readonly sourceId: number;
  readonly sourceLogin: string;
  readonly targetId: number;
  readonly targetLogin: string;
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
  readonly taskIds?: readonly TaskId[];
}

export interface LeftOut {
  readonly siteId: SiteId;
  readonly reason: string;
}

export interface NotCarried {
  readonly table: string;
  readonly reason: string;
  /** A cutover leaves a table of this name of the target where it is. */
  readonly stays?: string;
}

/** How long a run, or what is left of one, may take. */
export interface ExpectedDuration {
  readonly ms: number;
  /** The run that it is judged by; null: rough figures for an ordinary server. */
  readonly judgedBy: MigrationId | null;
}

/** A task of the run, in the order in which they come. */
export interface PlannedTask {
  readonly taskId: TaskId;
  /** What people call it: `network tables`, `site 4 art.example.edu`. */
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Plan {
  readonly version: 2;
  readonly recipe: 'multisite';
  readonly migrationId: MigrationId;
  readonly createdAt: string;
  readonly source: PlanSource;
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
  /** null: the target's stay as they are, as in plans of older versions, which have none. */
  readonly users?: PlannedUsers | null;
  /** Biggest first, so that no giant runs alone at the end. */
  readonly sites: readonly PlannedSite[];
  readonly leftOut: readonly LeftOut[];
  readonly hosts: readonly HostMapping[];
  readonly hazards: readonly Hazard[];
  readonly tasks: readonly PlannedTask[];
  /** Tables of the source with the prefix that belong to nothing that travels, with the reason. */
  readonly tablesNotCarried: readonly NotCarried[];
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
    ...((plan.source.prefixInRows ?? plan.target.prefixInRows)
      ? { prefixesInRows: [plan.source.prefixInRows, plan.target.prefixInRows] }
      : {}),
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
      // Absent in plans of older versions.
      ...[plan.network.networkIds, plan.network.protectedMeta, plan.network.archivedIds].filter(Boolean),
    ],
    ...(plan.users ? { users: describeUsers(plan.users) } : {}),
    sites: [...plan.sites]
      .sort((a, b) => a.siteId - b.siteId)
      .map(site => [site.siteId, site.domain, site.path, site.targetDomain, nameTables(site.tables)]),
  };
  return createHash('sha256').update(JSON.stringify(deeds)).digest('hex');
}

/** What decides about them, without how many there are. */
export function describeUsers({ mode, merge }: PlannedUsers): readonly unknown[] {
  return merge ? [mode, merge.columns, merge.mapDigest] : [mode];
}

function nameTables(tables: readonly PlannedTable[]): unknown[][] {
  return tables.map(({ source, target, emptiedBy, lost, history }) => [
    ...[source, target],
    ...(emptiedBy === undefined ? [] : [emptiedBy]),
    ...(lost ? [lost] : []),
    ...(history ? ['', 'with its history'] : []),
  ]);
}
