// Does a site cost the same, and the whole no more memory, when there are ten times as many?

import type { Bed, Network } from './bed.ts';
import { wfuwp } from './contenders.ts';
import { compare, median, renderMeasurements, renderTable, type Style } from './report.ts';
import { runRounds } from './run-rounds.ts';

export interface ManySitesOptions {
  readonly rounds: number;
  readonly wfuwpArgs: readonly string[];
  readonly style: Style;
}

const TIMES = 10;
const TARGET_RATIO = 1.1;

/** Two networks, the second with ten times the sites of the first. All sites have one size: else more sites would also
 *  be other sites. */
export function planManySites({ sites, scale }: { sites: number; scale: number }): Network[] {
  return [
    { environment: 'few', database: 'wp_few', options: { sites, scale, skew: 0 } },
    { environment: 'many', database: 'wp_many', options: { sites: sites * TIMES, scale, skew: 0 } },
  ];
}

/** On a bed with those networks. Answers the tables. */
export async function compareManySites(
  bed: Bed,
  { rounds, wfuwpArgs, style }: ManySitesOptions,
): Promise<string[]> {
  const contenders = ['few', 'many'].map(name =>
    wfuwp(bed, { name, from: name, to: 'stg', args: wfuwpArgs }),
  );
  const measurements = await runRounds({ bed, contenders, rounds });
  const [few, many] = contenders.map(({ name }) => measurements.get(name)!);
  const perSite = median(many!, 'wallSeconds') / TIMES / median(few!, 'wallSeconds');
  const memory = median(many!, 'peakMb') / median(few!, 'peakMb');
  const rows = [
    compare('wall per site of many', 'of few', perSite, TARGET_RATIO),
    compare('peak MB of many', 'of few', memory, TARGET_RATIO),
  ];
  return [
    renderMeasurements(measurements, style),
    renderTable(['ours', 'theirs', 'ours / theirs', 'target', ''], rows, style),
  ];
}
