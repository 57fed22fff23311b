import type { HostMapping } from '../migration/plan.ts';
import type { SiteId } from '../migration/words.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';

/** One entry for each host in wp_blogs, in the order of the first site that has it. The rewriter itself is asked, so
 *  that the plan can't promise what the copy doesn't do. */
export function mapHosts(
  sites: readonly { siteId: SiteId; domain: string }[],
  rewriter: Rewriter,
): HostMapping[] {
  const siteIds = new Map<string, SiteId[]>();
  for (const site of sites) {
    const known = siteIds.get(site.domain);
    if (known) known.push(site.siteId);
    else siteIds.set(site.domain, [site.siteId]);
  }
  return [...siteIds].map(([source, ids]) => {
    const result = rewriter.rewrite(Buffer.from(source));
    return { source, target: result.matches > 0 ? result.value.toString() : null, siteIds: ids };
  });
}
