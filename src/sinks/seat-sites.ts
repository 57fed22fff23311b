import type { SiteId } from '../migration/words.ts';

/** Keeps each site at its place on the screen as long as it is in flight, so that the eye can follow it; newcomers
 *  take the free places. null is a free place. Sites beyond the last place are not seated. */
export function seatSites(
  seats: readonly (SiteId | null)[],
  sites: readonly SiteId[],
  places: number,
): (SiteId | null)[] {
  const inFlight = new Set(sites);
  const kept = Array.from({ length: places }, (_, place) => {
    const siteId = seats[place] ?? null;
    return siteId !== null && inFlight.delete(siteId) ? siteId : null;
  });
  const newcomers = [...inFlight];
  return kept.map(siteId => siteId ?? newcomers.shift() ?? null);
}
