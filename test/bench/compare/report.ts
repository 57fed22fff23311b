// The figures as tables: for a terminal, or as Markdown.

import type { Measurement } from './measure.ts';
import type { Measurements } from './run-rounds.ts';

export type Style = 'text' | 'markdown';

interface Comparison {
  readonly ours: string;
  readonly theirs: string;
  /** Of our wall time to theirs. */
  readonly target: number;
}

const COMPARISONS: readonly Comparison[] = [
  { ours: 'wfuwp-counts', theirs: 'dump', target: 0.75 },
  { ours: 'wfuwp-checksum', theirs: 'dump', target: 0.95 },
  { ours: 'wfuwp-counts', theirs: 'dump-sed', target: 0.7 },
  { ours: 'wfuwp-checksum', theirs: 'dump-sed', target: 0.7 },
  { ours: 'wfuwp-counts', theirs: 'mydumper', target: 0.6 },
  { ours: 'wfuwp-checksum', theirs: 'mydumper', target: 0.6 },
  { ours: 'wfuwp-twin-counts', theirs: 'insert-select', target: 1.6 },
  { ours: 'wfuwp-twin-checksum', theirs: 'insert-select', target: 1.6 },
  { ours: 'wfuwp-unchanged', theirs: 'wfuwp-checksum', target: 0.2 },
  { ours: 'wfuwp-5-percent', theirs: 'wfuwp-checksum', target: 0.3 },
];

/** Dump, import and `wp search-replace` of each site, four at a time, took 47 s where the plain copy took 10.5, on
 *  one machine in one run. WP-CLI is in neither Debian nor npm, so that it isn't measured here. */
const WP_CLI = { timesOfDump: 47 / 10.5, target: 0.2 };

export function renderMeasurements(measurements: Measurements, style: Style): string {
  const rows = [...measurements].map(([name, runs]) => [
    name,
    seconds(median(runs, 'wallSeconds')),
    `${seconds(Math.min(...runs.map(run => run.wallSeconds)))} to ${seconds(Math.max(...runs.map(run => run.wallSeconds)))}`,
    seconds(median(runs, 'clientCpuSeconds')),
    seconds(median(runs, 'serverCpuSeconds')),
    String(Math.round(median(runs, 'peakMb'))),
  ]);
  return renderTable(
    ['contender', 'wall s', 'from, to', 'client CPU s', 'servers CPU s', 'peak MB'],
    rows,
    style,
  );
}

/** Only of those that ran. */
export function renderComparisons(measurements: Measurements, style: Style): string {
  const wall = (name: string): number | undefined => {
    const runs = measurements.get(name);
    return runs && median(runs, 'wallSeconds');
  };
  const rows = COMPARISONS.flatMap(({ ours, theirs, target }) => {
    const [our, their] = [wall(ours), wall(theirs)];
    return our === undefined || their === undefined ? [] : [compare(ours, theirs, our / their, target)];
  });
  const dump = wall('dump');
  for (const ours of ['wfuwp-counts', 'wfuwp-checksum']) {
    const our = wall(ours);
    if (our === undefined || dump === undefined) continue;
    rows.push(compare(ours, 'WP-CLI (derived)', our / (dump * WP_CLI.timesOfDump), WP_CLI.target));
  }
  return renderTable(['ours', 'theirs', 'ours / theirs', 'target', ''], rows, style);
}

export function compare(ours: string, theirs: string, ratio: number, target: number): string[] {
  return [ours, theirs, ratio.toFixed(2), `≤ ${target}`, ratio <= target ? 'reached' : 'missed'];
}

export function median(runs: readonly Measurement[], figure: keyof Measurement): number {
  const sorted = runs.map(run => run[figure]).sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const lines = [head, ...rows];
  if (style === 'markdown') {
    const cells = lines.map(line => `| ${line.join(' | ')} |`);
    const isFigure = head.map((_, column) => rows.every(row => /^[≤\d]/.test(row[column]!)));
    cells.splice(1, 0, `|${isFigure.map(figure => (figure ? '---:|' : '---|')).join('')}`);
    return cells.join('\n');
  }
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]!.length)));
  return lines
    .map(line =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
