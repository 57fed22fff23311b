// Matches that overlap: `http://a` and `a/art` in `http://a/art`.

import type { TextMatch } from './match-text.ts';

/** The longest first, and of the others those that don't touch it; in order of position. */
export function chooseLongest(matches: readonly TextMatch[]): readonly TextMatch[] {
  const byStart = matches.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const longest = byStart.reduce((most, match) => Math.max(most, match.end - match.start), 0);
  const order = [...byStart.keys()].sort((a, b) => measure(byStart[b]!) - measure(byStart[a]!) || a - b);
  const isChosen = new Uint8Array(byStart.length);
  for (const i of order) {
    const { start, end } = byStart[i]!;
    let isFree = true;
    for (let j = i - 1; isFree && j >= 0 && byStart[j]!.start > start - longest; j--) {
      if (isChosen[j] === 1 && byStart[j]!.end > start) isFree = false;
    }
    for (let j = i + 1; isFree && j < byStart.length && byStart[j]!.start < end; j++)
      isFree = isChosen[j] === 0;
    if (isFree) isChosen[i] = 1;
  }
  return byStart.filter((_, i) => isChosen[i] === 1);
}

function measure(match: TextMatch): number {
  return match.end - match.start;
}
