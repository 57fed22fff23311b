/** What a site costs beyond its bytes: a dozen tables to make, prove and swap take about as long as copying this much.
 *  Smaller: the time left is too short when the big sites are through. Larger: too long at the start. */
export const SITE_OVERHEAD_BYTES = 4_000_000;

/** 100 only when nothing is left. */
export function countPercent(done: number, total: number): number {
  return done >= total ? 100 : Math.min(99, Math.floor((done / total) * 100));
}
