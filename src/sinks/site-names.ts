import { formatAddress } from '../lib/format.ts';
import type { Plan } from '../migration/plan.ts';
import { nameSite, type SiteId } from '../migration/words.ts';

/** Makes the function that names a unit of work for people: `site 4 art.example.edu`, `network tables`. */
export function nameUnits(plan: Pick<Plan, 'sites'>): (siteId: SiteId) => string {
  const addresses = new Map(plan.sites.map(site => [site.siteId, formatAddress(site)]));
  return siteId => [nameSite(siteId), addresses.get(siteId)].filter(Boolean).join(' ');
}
