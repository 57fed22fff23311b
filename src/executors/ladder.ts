// The levels of concurrency that are tried. Each is about half as much again as the one before: smaller steps drown in
// the noise of what is measured, larger ones miss the best.

const LADDER = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64] as const;

/** The next level, at most `most`. */
export function stepUp(level: number, most: number): number {
  return Math.min(most, LADDER.find(rung => rung > level) ?? most);
}

/** The level before, at least 1. */
export function stepDown(level: number): number {
  return LADDER.findLast(rung => rung < level) ?? 1;
}
