/** Rough figures for an ordinary server on a local network. Too high a speed makes promises that the night breaks,
 *  too low a one makes people start earlier than they need. The live display corrects it by what it measures. */
const BYTES_PER_SECOND = 20_000_000;
const MS_PER_TABLE = 8;
const MS_PER_SITE = 60;

/** How long the sites will take, in ms: a guess for planning the evening, no promise. */
export function estimateMs(
  totals: { sites: number; tables: number; sizeBytes: number },
  concurrency: number,
): number {
  const lanes = Math.max(1, Math.min(concurrency, 4, totals.sites));
  const moving = (totals.sizeBytes / BYTES_PER_SECOND) * 1000;
  const making = (totals.tables * MS_PER_TABLE + totals.sites * MS_PER_SITE) / lanes;
  return Math.round(moving + making);
}
