// Makes the Plan from what both ends hold. Pure: no connection, no clock, no randomness; the same facts and the same
// request always give the same plan.

import {
  digestPlan,
  type LeftOut,
  type Plan,
  type PlannedNetwork,
  type PlannedSite,
  type PlannedUsers,
  type RewriteRuleText,
} from '../migration/plan.ts';
import { type SiteSelection, selectSites } from '../migration/select-sites.ts';
import { NETWORK, siteIdOf, taskOf } from '../migration/task-ids.ts';
import type { MigrationId, SiteId, TaskId } from '../migration/words.ts';
import type { CatalogTable } from '../mysql/catalog.ts';
import { missingPrivileges, SOURCE_RIGHTS } from '../mysql/grants.ts';
import { isCoreTable, sitePrefix, type TableOwner, tableOwners } from '../mysql/table-names.ts';
import { compileNames } from '../policy/match-value.ts';
import type { PlannedTreatment } from '../policy/planned-treatment.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import { estimateMs } from './estimate.ts';
import { describeAddresses, findReplacedNetworks, findReplacedSites } from './find-address-hazards.ts';
import { findHazards } from './find-hazards.ts';
import type { LoneTables } from './find-network-hazards.ts';
import type { NamedPatterns } from './find-pattern-hazards.ts';
import { divideTables, type LeftTable, type UnitTable } from './leave-elsewhere.ts';
import { leaveOutAccepted } from './leave-out-accepted.ts';
import { mapHosts } from './map-hosts.ts';
import { markNetwork } from './mark-network.ts';
import type { UserMatch } from './match-users.ts';
import { planHistories } from './plan-history.ts';
import {
  chooseNetworks,
  createIsNamed,
  explainNotCarried,
  findTargetOnlySites,
  listNetworkTables,
  listProtectedMeta,
  networkMode,
  planUsers,
} from './plan-network.ts';
import { addUp, type Planning, planSite, planTable } from './plan-tables.ts';
import type { EndFacts } from './read-ends.ts';
import { spellRequest } from './spell-request.ts';
import { createSpellTables } from './spell-tables.ts';

/** What the user asks for, apart from how it is carried out. */
export interface PlanRequest {
  readonly migrationId: MigrationId;
  readonly now: Date;
  readonly source: {
    readonly environment: string;
    readonly database: string;
    readonly tablePrefix: string;
    readonly prefixInRows?: string;
  };
  readonly target: {
    readonly environment: string;
    readonly database: string;
    readonly tablePrefix: string;
    readonly prefixInRows?: string;
    readonly staging: string;
    readonly previous: string;
  };
  readonly rules: readonly RewriteRuleText[];
  readonly emails: 'leave' | 'rewrite';
  readonly skipColumns: readonly string[];
  readonly base64Columns: readonly string[];
  /** Without the ids of the staff, which the source knows. */
  readonly treatment: PlannedTreatment;
  /** What the configuration names of tables and columns: told where the source has nothing of the kind. */
  readonly named: readonly NamedPatterns[];
  /** The configuration says that the target must not be migrated into lightly: production. */
  readonly targetProtected: boolean;
  readonly network: NetworkRequest;
  readonly targetOnlySites: 'keep' | 'archive';
  readonly selection: SiteSelection;
  readonly networkOnly: boolean;
  readonly sitesOnly: boolean;
  /** Codes of blocking hazards that are accepted: their sites are left out. */
  readonly accept: readonly string[];
  readonly concurrency: number;
  /** For a target that has no id yet. */
  readonly newDatabaseId: string;
  /** A run that is gone on with: its plan, which stays as it is, and what of it is left to do. */
  readonly resumes?: { readonly plan: Plan; readonly taskIds: readonly TaskId[] };
}

/** As the configuration has it. */
export interface NetworkRequest {
  readonly users: 'keep' | PlannedUsers['mode'];
  readonly userColumns: readonly string[];
  /** Who is who, where they are merged. */
  readonly match?: UserMatch | null;
  readonly protectedMeta: readonly string[];
  /** Patterns of plugins' tables by the bare prefix: the whole network's, and site 1's own. The former win. */
  readonly tables: readonly string[];
  readonly mainSiteTables: readonly string[];
}

export function buildPlan(asked: PlanRequest, source: EndFacts, target: EndFacts, sameServer = false): Plan {
  const request = spellRequest(asked, source, target);
  const { spell, isLost } = createSpellTables(source, target, request.target.tablePrefix);
  const planning: Planning = { request, source, spell };
  const blogs = source.blogs ?? [];
  const { chosen, leftOut } = selectSites(blogs, request.selection);
  const owned = groupTables(request, source, target);

  const hosts = mapHosts(chosen, createRewriter(request.rules));
  const goesTo = new Map(hosts.map(host => [host.source, host.target]));
  const left: LeftTable[] = [];
  const keepTravelling = <T extends UnitTable>(taskId: TaskId, tables: readonly T[]): T[] => {
    const divided = divideTables(taskId, tables, source);
    left.push(...divided.left);
    return divided.travelling;
  };
  const keepHistories = planHistories({ request, source, target });
  const candidates = request.networkOnly
    ? []
    : chosen.map(blog => {
        const tables = keepTravelling(taskOf(blog.siteId), owned.bySite.get(blog.siteId) ?? []);
        return keepHistories(
          taskOf(blog.siteId),
          planSite(blog, goesTo.get(blog.domain) ?? blog.domain, tables, planning),
        );
      });
  const withTables = candidates.filter(site => site.tables.length > 0);
  const isWhole = (travelling: number): boolean =>
    travelling === blogs.length && !source.oddIds?.blogs.length && !source.oddIds?.networks.length;
  const mode = networkMode(isWhole(chosen.length), target);
  const networkIds = chooseNetworks(mode, chosen, source, target);
  const networkSuffixes = request.sitesOnly ? [] : listNetworkTables(owned.global.keys(), mode, networkIds);
  const networkWide = keepTravelling(
    NETWORK,
    networkSuffixes.map(suffix => ({ table: owned.global.get(suffix)!, suffix })),
  ).map(({ table, suffix }) => planTable(table, request.target.tablePrefix, suffix, planning));
  const { tables: networkTables } = keepHistories(NETWORK, { tables: networkWide });
  const found = findHazards({
    isLost,
    request,
    source,
    target,
    units: [
      ...withTables.map(({ siteId, tables }) => ({ taskId: taskOf(siteId), tables })),
      { taskId: NETWORK, tables: networkTables },
    ],
    hosts,
    withoutTables: candidates.filter(site => site.tables.length === 0),
    notCarried: owned.notCarried,
    left,
    lone: owned.lone,
    network: {
      mode,
      networkIds,
      siteIds: chosen.map(blog => blog.siteId),
      tables: owned.global.keys().toArray(),
      mainSiteTables: listPluginTables(owned.bySite.get(1)),
    },
  });
  const carried = new Set(withTables.map(site => site.siteId));
  const addresses = describeAddresses({
    ...{ request, source, target, networkIds },
    chosen: request.sitesOnly ? chosen.filter(blog => carried.has(blog.siteId)) : chosen,
  });
  const { hazards, refused } = leaveOutAccepted(
    [...found, ...findReplacedSites(addresses), ...findReplacedNetworks(addresses)],
    addresses,
  );
  const sites = withTables
    .filter(site => !refused.has(site.siteId))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || a.siteId - b.siteId);

  const travelling = chosen.map(blog => blog.siteId).filter(siteId => !refused.has(siteId));
  const network: PlannedNetwork | null = request.sitesOnly
    ? null
    : {
        tables: networkTables,
        siteIds: travelling.sort((a, b) => a - b),
        everySite: isWhole(travelling.length),
        mode,
        networkIds,
        protectedMeta: listProtectedMeta(request),
        archivedIds: request.targetOnlySites === 'archive' ? findTargetOnlySites(source, target) : [],
      };
  const tables = [...sites.flatMap(site => site.tables), ...(network?.tables ?? [])];
  const totals = {
    sites: sites.length,
    tables: tables.length,
    ...addUp(tables),
  };
  const plan: Omit<Plan, 'digest'> = {
    version: 2,
    recipe: 'multisite',
    migrationId: request.migrationId,
    createdAt: request.now.toISOString(),
    source: {
      ...request.source,
      serverVersion: source.server.version,
      identity: { server: source.identity, network: markNetwork(source) },
    },
    target: {
      ...request.target,
      serverVersion: target.server.version,
      identity: {
        server: target.identity,
        databaseId: target.databaseId ?? request.newDatabaseId,
        ...(target.databaseId === null ? { isFirst: true } : {}),
      },
      loadMethod: target.server.localInfile ? 'load_data' : 'insert',
      copiesInside: sameServer && mayRead(target, request.source.database),
      maxAllowedPacketBytes: target.server.maxAllowedPacketBytes,
      ...(target.server.lowerCaseTableNames === 0
        ? {}
        : { lowerCaseTableNames: target.server.lowerCaseTableNames }),
      ...(target.server.primaryKeys.generated ? { generatesKeys: true } : {}),
    },
    rules: request.rules,
    emails: request.emails,
    skipColumns: request.skipColumns,
    base64Columns: request.base64Columns,
    treatment: nameStaff(request.treatment, source.staffIds ?? []),
    network,
    users: planUsers(request, target),
    sites,
    leftOut: [...leftOut, ...explainMissing(candidates, refused)].sort((a, b) => a.siteId - b.siteId),
    hosts,
    hazards,
    tablesNotCarried: [...owned.notCarried, ...left.map(entry => describeLeft(entry, planning))],
    totals,
    estimateMs: estimateMs(totals, request.concurrency),
  };
  return { ...plan, digest: digestPlan(plan) };
}

function describeLeft(
  { table, suffix, taskId, reason }: LeftTable,
  { request: { target }, spell }: Planning,
): Plan['tablesNotCarried'][number] {
  const prefix = taskId === NETWORK ? target.tablePrefix : sitePrefix(target.tablePrefix, siteIdOf(taskId));
  return { table: table.name, reason: `its ${reason}`, stays: spell(prefix + suffix) };
}

function nameStaff(treatment: PlannedTreatment, staffIds: readonly string[]): PlannedTreatment {
  return treatment.safety ? { ...treatment, safety: { ...treatment.safety, staffIds } } : treatment;
}

/** Roles can't be looked into; whether they let it read shows when it tries. */
function mayRead({ server }: EndFacts, database: string): boolean {
  return (
    missingPrivileges(server.grants, database, SOURCE_RIGHTS).length === 0 ||
    server.grants.some(grant => grant.isRole)
  );
}

interface OwnedTables {
  readonly bySite: Map<SiteId, UnitTable[]>;
  readonly global: Map<string, CatalogTable>;
  readonly notCarried: { table: string; reason: string }[];
  readonly lone: LoneTables;
}

function groupTables(request: PlanRequest, source: EndFacts, { server }: EndFacts): OwnedTables {
  const ownerOf = tableOwners(
    request.source.tablePrefix,
    (source.blogs ?? []).map(blog => blog.siteId),
    source.catalog.tables.map(table => table.name),
    source.oddIds?.blogs,
  );
  const isNamed = createIsNamed(request.network);
  const bySite: OwnedTables['bySite'] = new Map();
  const global: OwnedTables['global'] = new Map();
  const notCarried: OwnedTables['notCarried'] = [];
  for (const table of source.catalog.tables) {
    const owner = claimNamed(ownerOf(table.name), isNamed);
    if (owner.kind === 'own') continue;
    const lacksSequences = server.flavour !== 'mariadb';
    const reason = reasonNotToCarry(table, owner, { network: request.network, isNamed, lacksSequences });
    if (reason) notCarried.push({ table: table.name, reason });
    else if (owner.kind === 'global') global.set(owner.suffix, table);
    else if (owner.kind === 'site') {
      const known = bySite.get(owner.siteId);
      if (known) known.push({ table, suffix: owner.suffix });
      else bySite.set(owner.siteId, [{ table, suffix: owner.suffix }]);
    }
  }
  const { ofMainSite, lone } = sortLoneTables(bySite, request.network);
  if (ofMainSite.length > 0) bySite.set(1, ofMainSite);
  notCarried.push(...lone.left.map(explainLone));
  return { bySite, global, notCarried, lone };
}

/** A table of the whole network looks like one of site 1, unless somebody says what it is. */
function claimNamed(owner: TableOwner, isNamed: (suffix: string) => boolean): TableOwner {
  const isClaimed = owner.kind === 'site' && owner.siteId === 1 && isNamed(owner.suffix);
  return isClaimed ? { kind: 'global', suffix: owner.suffix } : owner;
}

interface Carriage {
  readonly network: NetworkRequest;
  readonly isNamed: (suffix: string) => boolean;
  readonly lacksSequences: boolean;
}

function reasonNotToCarry(
  table: CatalogTable,
  owner: TableOwner,
  { network, isNamed, lacksSequences }: Carriage,
): string | null {
  if (owner.kind === 'foreign') return 'it has another prefix';
  if (table.kind === 'view') return 'it is a view; make it again on the target if it is needed';
  if (table.kind === 'sequence' && lacksSequences)
    return "it is a sequence, of which the target's server has none";
  if (owner.kind === 'odd') return `blog ${owner.blogId} has an id that is out of range`;
  if (owner.kind === 'orphan') return `blog ${owner.blogId} is not in the blogs table`;
  return owner.kind === 'global' ? explainNotCarried(owner.suffix, network, isNamed) : null;
}

/** Whose a plugin's table by the bare prefix is, its name doesn't tell: site 1's, when other sites have their own;
 *  otherwise only people know, and what nobody has named is left. Where no other site has tables, all is site 1's. */
function sortLoneTables(
  bySite: OwnedTables['bySite'],
  { mainSiteTables }: NetworkRequest,
): { readonly ofMainSite: UnitTable[]; readonly lone: LoneTables } {
  const ofMainSite = bySite.get(1) ?? [];
  const others = [...bySite].filter(([siteId]) => siteId !== 1).flatMap(([, tables]) => tables);
  const siblings = new Set(others.map(({ suffix }) => suffix));
  const isNamed = compileNames(mainSiteTables);
  const lone = new Set(
    ofMainSite.filter(({ suffix }) => !isCoreTable(suffix) && !siblings.has(suffix) && !isNamed(suffix)),
  );
  const names = [...lone].map(({ table }) => table.name);
  if (others.length === 0) return { ofMainSite, lone: { left: [], taken: names } };
  return { ofMainSite: ofMainSite.filter(entry => !lone.has(entry)), lone: { left: names, taken: [] } };
}

const explainLone = (table: string): { table: string; reason: string } => ({
  table,
  reason:
    "no other site has it; name it in network.mainSiteTables (site 1's) or network.tables (the whole network's) to copy it",
});

const listPluginTables = (tables: readonly UnitTable[] = []): string[] =>
  tables.map(({ suffix }) => suffix).filter(suffix => !isCoreTable(suffix));

function explainMissing(candidates: readonly PlannedSite[], refused: ReadonlyMap<SiteId, string>): LeftOut[] {
  return candidates.flatMap(site => {
    if (site.tables.length === 0) return [{ siteId: site.siteId, reason: 'it has no tables' }];
    const reason = refused.get(site.siteId);
    return reason ? [{ siteId: site.siteId, reason }] : [];
  });
}
