// Who is who among the sites of both ends. Sites are told by their ids; but an id is only a number that each network gives
// out by itself, and an address is what people know a site by. Where the two disagree, a site that nobody has spoken of
// would be replaced, or couldn't be reached any more.

import { list } from '../lib/text.ts';
import type { Hazard } from '../migration/plan.ts';
import { NETWORK, siteIdOf, taskOf } from '../migration/task-ids.ts';
import type { SiteId } from '../migration/words.ts';
import type { Blog } from '../mysql/catalog.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import type { PlanRequest } from './build-plan.ts';
import { foldAddress, foldIdentity, type SiteAddress, writeAddress } from './fold-address.ts';
import type { EndFacts } from './read-ends.ts';

export interface AddressCircumstances {
  readonly request: PlanRequest;
  readonly source: EndFacts;
  readonly target: EndFacts;
  /** Sites of the source of which something travels, with the address that they have there. */
  readonly chosen: readonly Blog[];
  readonly networkIds: readonly number[];
}

/** What comes, by the plan that is carried out: a resume brings what is left of its own, whatever has become of it at the
 *  source or in the configuration since. */
export function describeAddresses(facts: AddressCircumstances): AddressCircumstances {
  const { request, source } = facts;
  if (!request.resumes) return facts;
  const { plan, taskIds } = request.resumes;
  const planned = new Map(plan.sites.map(site => [site.siteId, site]));
  const withNetwork = taskIds.includes(NETWORK);
  const coming = new Set(withNetwork ? plan.network?.siteIds : taskIds.map(siteIdOf));
  const chosen = (source.blogs ?? [])
    .filter(blog => coming.has(blog.siteId))
    .map(blog => {
      const { domain, path } = planned.get(blog.siteId) ?? blog;
      return { ...blog, domain, path };
    });
  return { ...facts, request: { ...request, rules: plan.rules, sitesOnly: !withNetwork }, chosen };
}

/** Accepts that these are the same sites, which have moved: they are replaced. */
const MOVED = 'site_moved';

export function findReplacedSites({ request, target, chosen }: AddressCircumstances): Hazard[] {
  const live = new Map((target.blogs ?? []).map(blog => [blog.siteId, blog]));
  const bring = createBring(request);
  const others = chosen.flatMap(blog => {
    const there = live.get(blog.siteId);
    const brought = bring(blog);
    return !there || isSame(blog, brought, there) || wasGiven(target, there)
      ? []
      : [{ siteId: blog.siteId, there: writeAddress(there), brought: writeAddress(brought) }];
  });
  if (others.length === 0) return [];
  const siteIds = others.map(({ siteId }) => siteId);
  const named = list(
    others.map(({ siteId, there, brought }) => `${siteId} (${there} there, to be ${brought})`),
  );
  const code = 'site_replaces_other';
  const { accept } = request;
  if (accept.includes(MOVED) && !accept.includes(code)) {
    const message = `Sites of the target with another address are replaced, as --accept ${MOVED} says: ${named}.`;
    return [{ code: MOVED, blocking: false, message, taskIds: siteIds.map(taskOf) }];
  }
  return [
    {
      code,
      blocking: true,
      message: `At the target another site has the number of one that comes, and would be replaced by it: ${named}.`,
      hint: `To leave these sites out, and keep the target's: --accept ${code}. If each is the same site, which has moved: --accept ${MOVED} replaces it.`,
      taskIds: siteIds.map(taskOf),
    },
  ];
}

/** Rows of the blogs table that have one address in the end. `refused`: sites that are left out for other reasons. */
export function findSharedAddresses(
  { request, target, chosen }: AddressCircumstances,
  refused: { has(siteId: SiteId): boolean },
): Hazard[] {
  if (request.sitesOnly) return [];
  const bring = createBring(request);
  const coming = chosen.filter(blog => !refused.has(blog.siteId));
  const comingIds = new Set(coming.map(blog => blog.siteId));
  const staying = (target.blogs ?? []).filter(blog => !comingIds.has(blog.siteId));
  const rows = [
    ...coming.map(blog => ({ siteId: blog.siteId, address: bring(blog), before: foldAddress(blog) })),
    ...staying.map(blog => ({ siteId: blog.siteId, address: blog, before: null })),
  ];
  const shared = [...Map.groupBy(rows, row => foldAddress(row.address)).values()].filter(
    group => group.length > 1 && group.some(({ before }) => before !== null),
  );
  // What shares an address at the source is no worse at the target.
  const [carried, made] = partition(shared, group => new Set(group.map(({ before }) => before)).size === 1);
  const name = (groups: typeof shared): string => list(groups.map(group => nameShared(group, comingIds)));
  const code = 'shared_address';
  return [
    ...describe(made, {
      code,
      blocking: true,
      message: `Two sites would have one address at the target, and WordPress serves only one of them: ${name(made)}.`,
      hint: `Delete or move the one that is not needed, or leave the sites that come out with --accept ${code}.`,
    }),
    ...describe(carried, {
      code: 'shared_address_at_source',
      blocking: false,
      message: `Sites that have one address at the source have it at the target, too: ${name(carried)}.`,
    }),
  ];

  function describe(groups: typeof shared, hazard: Hazard): Hazard[] {
    const siteIds = groups.flatMap(group => group.map(row => row.siteId).filter(id => comingIds.has(id)));
    return groups.length === 0 ? [] : [{ ...hazard, taskIds: siteIds.map(taskOf) }];
  }
}

/** Networks are told by their ids, too. One that no rule covers is findUnmappedNetworks' to name. */
export function findReplacedNetworks({
  request,
  source,
  target,
  networkIds,
}: AddressCircumstances): Hazard[] {
  if (request.sitesOnly) return [];
  const live = new Map((target.networks ?? []).map(network => [network.networkId, network]));
  const bring = createBring(request);
  const coming = new Set(networkIds);
  const others = (source.networks ?? []).flatMap(network => {
    const there = live.get(network.networkId);
    const brought = bring(network);
    const isOther = coming.has(network.networkId) && there && !isSame(network, brought, there);
    return isOther && brought.domain !== network.domain
      ? [`${network.networkId} (${writeAddress(there)} there, to be ${writeAddress(brought)})`]
      : [];
  });
  if (others.length === 0) return [];
  const code = 'network_replaces_other';
  return [
    {
      code,
      blocking: true,
      message: `At the target another network has the number of one that comes, and would be replaced by it: ${list(others)}.`,
      hint: `Look at the "hosts" of both environments. To replace it all the same: --accept ${code}. To leave the network tables out: --sites-only.`,
    },
  ];
}

/** The target's row is as the source's will be; or as it is: a dump of the source was loaded there. */
function isSame(source: SiteAddress, brought: SiteAddress, there: SiteAddress): boolean {
  const folded = foldIdentity(there);
  return folded === foldIdentity(brought) || folded === foldIdentity(source);
}

/** An earlier run has given this row its address, so it is that site, whatever its address at the source is by now. */
function wasGiven({ given }: EndFacts, there: Blog): boolean {
  return given?.get(there.siteId)?.has(writeAddress(there)) ?? false;
}

/** What becomes of an address: domain and path are columns of their own, so each is rewritten by itself. */
function createBring({ rules }: PlanRequest): (address: SiteAddress) => SiteAddress {
  const rewriter = createRewriter(rules);
  const known = new Map<string, string>();
  const rewrite = (text: string): string => {
    let rewritten = known.get(text);
    if (rewritten === undefined) {
      rewritten = rewriter.rewrite(Buffer.from(text)).value.toString();
      known.set(text, rewritten);
    }
    return rewritten;
  };
  return ({ domain, path }) => ({ domain: rewrite(domain), path: rewrite(path) });
}

function nameShared(
  group: readonly { readonly siteId: SiteId; readonly address: SiteAddress }[],
  comingIds: ReadonlySet<SiteId>,
): string {
  const ids = group.map(({ siteId }) => (comingIds.has(siteId) ? `${siteId}` : `${siteId} of the target`));
  return `${writeAddress(group[0]!.address)} (sites ${ids.join(' and ')})`;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))];
}
