// What may go wrong with the network's own tables and with its users.

import { HIGHEST_ID } from '../lib/ids.ts';
import { list } from '../lib/text.ts';
import type { Hazard, PlannedNetwork, UserClash } from '../migration/plan.ts';
import { taskOf } from '../migration/task-ids.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import type { PlanRequest } from './build-plan.ts';
import { findTargetOnlySites, findUnknownNames } from './plan-network.ts';
import type { EndFacts } from './read-ends.ts';

export interface NetworkCircumstances {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly target: EndFacts;
  readonly network: Pick<PlannedNetwork, 'mode' | 'siteIds'> & {
    readonly networkIds: readonly number[];
    /** Tables of the whole network that may travel, without prefix. */
    readonly tables: readonly string[];
    /** Tables of plugins that site 1 has, without prefix. */
    readonly mainSiteTables: readonly string[];
  };
  readonly lone: LoneTables;
}

/** Plugins' tables by the bare prefix that no other site has and nobody has named. */
export interface LoneTables {
  readonly left: readonly string[];
  /** There is no other site that could have them: they travel with site 1. */
  readonly taken: readonly string[];
}

export function findNetworkHazards(facts: NetworkCircumstances): Hazard[] {
  const ofTables = facts.request.sitesOnly
    ? []
    : [...findUnmappedNetworks(facts), ...findReplacedUsers(facts), ...findUnknownTables(facts)];
  return [
    ...findOddIds(facts),
    ...findTargetOnly(facts),
    ...findLone(facts),
    ...findUnknownMainSiteTables(facts),
    ...findUserClashes(facts),
    ...ofTables,
  ];
}

/** F29 Two of them may be one to us. At the target a site or a network of that kind stays as it is; that of the source
 *  can't come. Users are matched by their ids. */
function findOddIds({ source, target, request }: NetworkCircumstances): Hazard[] {
  const { blogs = [], networks = [], users = [] } = source.oddIds ?? {};
  const isMerged = request.network.users === 'merge';
  const found = [
    ...tellOdd('source', 'site', blogs),
    ...tellOdd('source', 'network', networks),
    ...(isMerged ? tellOdd('source', 'user', users) : []),
    ...(isMerged ? tellOdd('target', 'user', target.oddIds?.users ?? []) : []),
    ...(request.targetOnlySites === 'archive' ? tellOdd('target', 'site', target.oddIds?.blogs ?? []) : []),
  ];
  if (found.length === 0) return [];
  return [
    {
      code: 'id_out_of_range',
      blocking: true,
      message: `Ids must be from 1 to ${HIGHEST_ID}, of networks that sites are of as well: ${found.join('; ')}.`,
      hint: 'Give them other ids, or leave them out with --accept id_out_of_range.',
    },
  ];
}

const tellOdd = (end: string, kind: string, ids: readonly string[]): string[] =>
  ids.length === 0 ? [] : [`${kind} ${list(ids)} of the ${end}`];

function findTargetOnly({ request, source, target }: NetworkCircumstances): Hazard[] {
  const siteIds = findTargetOnlySites(source, target);
  if (siteIds.length === 0) return [];
  const isArchived = request.targetOnlySites === 'archive' && !request.sitesOnly;
  return [
    {
      code: 'target_only_site',
      blocking: false,
      message: `Only the target has site ${list(siteIds)}: they ${isArchived ? 'are archived there' : 'stay as they are'}.`,
      taskIds: siteIds.map(taskOf),
    },
  ];
}

/** H51 WordPress answers a request for a host that it doesn't know by a redirect to the network's domain. */
function findUnmappedNetworks({ request, source, target, network }: NetworkCircumstances): Hazard[] {
  const rewriter = createRewriter(request.rules);
  const live = new Map((target.networks ?? []).map(({ networkId, domain }) => [networkId, domain]));
  const unmapped = (source.networks ?? []).filter(
    ({ networkId, domain }) =>
      network.networkIds.includes(networkId) &&
      live.has(networkId) &&
      live.get(networkId) !== domain &&
      rewriter.rewrite(Buffer.from(domain)).matches === 0,
  );
  if (unmapped.length === 0) return [];
  const names = unmapped.map(({ networkId, domain }) => `${domain} (network ${networkId})`);
  return [
    {
      code: 'unmapped_network',
      blocking: true,
      message: `No rule covers ${list(names)}: the target would send its visitors to the source.`,
      hint: 'Add a role under "hosts" of both environments, or leave the network tables out with --sites-only.',
    },
  ];
}

function findReplacedUsers({ request, source, target, network }: NetworkCircumstances): Hazard[] {
  if (request.network.users !== 'copy') return [];
  const replaced = new Set(
    network.mode === 'replace' ? source.blogs?.map(blog => blog.siteId) : network.siteIds,
  );
  const staying = (target.blogs ?? []).map(blog => blog.siteId).filter(siteId => !replaced.has(siteId));
  if (staying.length === 0) return [];
  return [
    {
      code: 'users_replaced',
      blocking: true,
      message: `Users are copied (network.users), but site ${list(staying)} of the target stays: its authors would be other people.`,
      hint: 'Set network.users to merge or keep; or accept it with --accept users_replaced.',
    },
  ];
}

const CLASHES: Readonly<Record<UserClash['kind'], Pick<Hazard, 'code' | 'blocking' | 'message' | 'hint'>>> = {
  other_email: {
    code: 'user_other_email',
    blocking: true,
    message: 'The same login with another e-mail address: one person, or two?',
    hint: 'Give one of them another login, or the same address. To take them for one person: --accept user_other_email',
  },
  other_login: {
    code: 'user_other_login',
    blocking: false,
    message: 'The same e-mail address with another login, taken for one person',
    hint: "They keep the target's login. If they are two, give one another address.",
  },
  shared_email: {
    code: 'user_shared_email',
    blocking: false,
    message: 'An e-mail address that several users have, taken for different persons',
    hint: 'They become users of their own at the target, with the same address as another.',
  },
};

function findUserClashes({ request }: NetworkCircumstances): Hazard[] {
  const { match, users } = request.network;
  if (users !== 'merge' || !match) return [];
  return [...Map.groupBy(match.clashes, clash => clash.kind)].map(([kind, clashes]) => {
    const { message, ...rest } = CLASHES[kind];
    const names = clashes.map(
      ({ sourceId, sourceLogin, targetId, targetLogin }) =>
        `${sourceLogin} (${sourceId})${sourceLogin === targetLogin ? '' : ` and ${targetLogin}`} (${targetId} at the target)`,
    );
    return { ...rest, message: `${message}: ${list(names)}.` };
  });
}

function findUnknownTables({ request, network }: NetworkCircumstances): Hazard[] {
  const unknown = findUnknownNames(request.network.tables, network.tables);
  return unknown.length === 0 ? [] : [tellUnknown('network.tables', unknown)];
}

function findUnknownMainSiteTables({ request, network }: NetworkCircumstances): Hazard[] {
  const unknown = findUnknownNames(request.network.mainSiteTables, network.mainSiteTables);
  return unknown.length === 0 ? [] : [tellUnknown('network.mainSiteTables', unknown)];
}

const tellUnknown = (setting: string, unknown: readonly string[]): Hazard => ({
  code: 'unknown_network_table',
  blocking: false,
  message: `${setting} names what is no plugin's table at the source: ${list(unknown)}.`,
  hint: 'Names are without the table prefix. Tables of WordPress itself, and of numbered sites, are not to be named.',
});

function findLone({ request, network, lone }: NetworkCircumstances): Hazard[] {
  const { left, taken } = lone;
  if (left.length + taken.length === 0 || !network.siteIds.includes(1)) return [];
  const settings = "network.mainSiteTables (site 1's) or network.tables (the whole network's)";
  const told = { code: 'shared_table', blocking: false, taskIds: [taskOf(1)] };
  if (taken.length > 0)
    return [
      {
        ...told,
        message: `There is no other site to tell by whose these tables are; they travel with site 1: ${list(taken)}.`,
        hint: `Named in ${settings}, without ${request.source.tablePrefix}, they are no longer told.`,
      },
    ];
  return [
    {
      ...told,
      message: `No other site has these tables, which are left at the source: ${list(left)}.`,
      hint: `To copy them, name them in ${settings}, without ${request.source.tablePrefix}; "acme_*" names all of a plugin's.`,
    },
  ];
}
