import { createPaint, joinParts, type Line } from '../lib/paint.ts';
import { type Shown, showLine, showLines } from '../lib/show-lines.ts';
import { fitColumn, truncate } from '../lib/text.ts';
import type { RunEntry } from '../migration/read-run.ts';
import { shortenId } from '../migration/words.ts';
import type { RenderRunListOptions } from './render-run-list.ts';
import { findSuccessor } from './run-list.ts';
import { chooseRunMark, describeAge, describeCounts, describePair, describeStatus } from './run-words.ts';
import { clampWidth } from './text-blocks.ts';

const AGE_WIDTH = 16;
const ID_WIDTH = 8;

/** A line for each run: what stands first is enough to name it in a command. */
export function renderAllRuns(
  runs: readonly RunEntry[],
  { colors, width, now }: RenderRunListOptions,
): Shown {
  if (runs.length === 0) return showLine('There is no run here.');
  const paint = createPaint(colors);
  const pairWidth = Math.max(...runs.map(run => describePair(run).length));
  const lines = runs.map((run): Line => {
    const columns = [
      fitColumn(shortenId(run.id), ID_WIDTH),
      fitColumn(describeAge(run.startedAt, now) ?? '', AGE_WIDTH),
      fitColumn(describePair(run), pairWidth),
      ` ${describeStatus(run)}${tellSuccessor(run, runs)}; ${describeCounts(run)}`,
    ];
    return joinParts(chooseRunMark(run, paint), ' ', truncate(columns.join(' '), clampWidth(width) - 2));
  });
  return showLines(lines);
}

function tellSuccessor(run: RunEntry, runs: readonly RunEntry[]): string {
  const successor = findSuccessor(run, runs);
  return successor ? `, superseded by ${shortenId(successor.id)}` : '';
}
