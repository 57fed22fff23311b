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

/** What these units are together. The network tables are no site. */
export function sumUnits(plan: Plan, siteIds: readonly SiteId[]): Plan['totals'] {
  const wanted = new Set(siteIds);
  const units = listUnits(plan).filter(({ siteId }) => wanted.has(siteId));
  const tables = units.flatMap(unit => unit.tables);
  return {
    sites: units.filter(({ siteId }) => siteId !== NETWORK).length,
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    sizeBytes: tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
