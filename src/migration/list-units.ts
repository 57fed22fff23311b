import { formatAddress } from '../lib/format.ts';
import type { Plan, PlannedTable } from './plan.ts';
import { NETWORK, type SiteId } from './words.ts';

export interface Unit {
  readonly siteId: SiteId;
  readonly address: string | null;
  readonly tables: readonly PlannedTable[];
}

/** The network tables first, then the sites in the plan's order. */
export function listUnits({ network, sites }: Plan): Unit[] {
  return [
    ...(network && network.tables.length > 0
      ? [{ siteId: NETWORK, address: null, tables: network.tables }]
      : []),
    ...sites.map(site => ({ siteId: site.siteId, address: formatAddress(site), tables: site.tables })),
  ];
}
