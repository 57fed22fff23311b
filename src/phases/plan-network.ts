// Which of the network's own tables travel, and whose rows: blogs by their ids, networks by theirs.

import type { PlannedNetwork, PlannedUsers } from '../migration/plan.ts';
import type { SiteId } from '../migration/words.ts';
import type { Blog } from '../mysql/catalog.ts';
import { isCoreTable } from '../mysql/table-names.ts';
import { compileNames } from '../policy/match-value.ts';
import { digestUserMap } from '../policy/user-map.ts';
import type { NetworkRequest, PlanRequest } from './build-plan.ts';
import type { EndFacts } from './read-ends.ts';

/** The four tables that make the network. */
const BLOG_TABLES = ['blogs', 'blogmeta'];
const NETWORK_TABLES = [...BLOG_TABLES, 'site', 'sitemeta'];
const USER_TABLES = ['users', 'usermeta'];

/** Of a table of the whole network; null: it travels. */
export function explainNotCarried(
  suffix: string,
  { users }: NetworkRequest,
  isNamed: (suffix: string) => boolean,
): string | null {
  if (NETWORK_TABLES.includes(suffix) || isNamed(suffix)) return null;
  if (!USER_TABLES.includes(suffix))
    return 'it belongs to the whole network; name it in network.tables to copy it';
  return users === 'keep' ? 'users stay as they are on the target' : null;
}

/** Does the configuration name a table as one of the whole network? WordPress's own are not to be named. */
export function createIsNamed({ tables }: NetworkRequest): (suffix: string) => boolean {
  const isNamed = compileNames(tables);
  const own = new Set([...NETWORK_TABLES, ...USER_TABLES]);
  return suffix => isNamed(suffix) && !isCoreTable(suffix) && !own.has(suffix);
}

/** What of `names` is no table that may be named. */
export function findUnknownNames(names: readonly string[], tables: readonly string[]): string[] {
  const present = tables.filter(suffix => ![...NETWORK_TABLES, ...USER_TABLES].includes(suffix));
  return names.filter(name => !present.some(compileNames([name])));
}

/** `site` and `sitemeta` speak of the whole network: a choice of sites decides over them only where there is none yet. */
export function networkMode(everySiteChosen: boolean, target: EndFacts): PlannedNetwork['mode'] {
  return everySiteChosen || target.blogs === null ? 'replace' : 'merge';
}

/** In order, by their names without prefix: those of `global`, which holds only what may travel, that do. */
export function listNetworkTables(
  global: Iterable<string>,
  mode: PlannedNetwork['mode'],
  networkIds: readonly number[],
): string[] {
  const present = new Set(global);
  const first = [...NETWORK_TABLES, ...USER_TABLES];
  const isLeft = (suffix: string): boolean =>
    mode === 'merge' &&
    networkIds.length === 0 &&
    NETWORK_TABLES.includes(suffix) &&
    !BLOG_TABLES.includes(suffix);
  const rest = [...present].filter(suffix => !first.includes(suffix)).sort();
  return [...first.filter(suffix => present.has(suffix) && !isLeft(suffix)), ...rest];
}

/** Of a choice of sites, only the networks that the target lacks for them. */
export function chooseNetworks(
  mode: PlannedNetwork['mode'],
  travelling: readonly Blog[],
  source: EndFacts,
  target: EndFacts,
): number[] {
  const all = (source.networks ?? []).map(network => network.networkId);
  if (mode === 'replace') return all;
  const known = new Set((target.networks ?? []).map(network => network.networkId));
  const wanted = new Set(travelling.map(blog => blog.networkId));
  return all.filter(networkId => wanted.has(networkId) && !known.has(networkId));
}

export function findTargetOnlySites(source: EndFacts, target: EndFacts): SiteId[] {
  const known = new Set((source.blogs ?? []).map(blog => blog.siteId));
  return (target.blogs ?? []).map(blog => blog.siteId).filter(siteId => !known.has(siteId));
}

/** Without the network tables nobody comes; but whoever is at the target under another id is still meant by what comes. */
export function planUsers({ network, sitesOnly }: PlanRequest, target: EndFacts): PlannedUsers | null {
  const { users: mode, userColumns: columns, match } = network;
  if (mode === 'copy') return sitesOnly ? null : { mode };
  if (mode === 'keep' || !match) return null;
  const { map, matched, added, renumbered, clashes } = match;
  const kinds = Map.groupBy(clashes, clash => clash.kind);
  return {
    mode,
    merge: {
      columns,
      mapDigest: digestUserMap(map),
      sourceUpTo: map.knownUpTo,
      targetUpTo: (target.users ?? []).reduce((most, { id }) => Math.max(most, id), 0),
      ...{ matched, added, renumbered },
      clashes: Object.fromEntries([...kinds].map(([kind, group]) => [kind, group.length])),
      examples: [...kinds.values()].flatMap(group => group.slice(0, MOST_EXAMPLES)),
    },
  };
}

/** Of each kind. */
const MOST_EXAMPLES = 100;

/** Settings that name users: with the users of the source, only the source's mean anybody. */
const USER_SETTINGS = ['site_admins', 'admin_user_id'];

export function listProtectedMeta({ network }: PlanRequest): string[] {
  return network.protectedMeta.filter(key => network.users !== 'copy' || !USER_SETTINGS.includes(key));
}
