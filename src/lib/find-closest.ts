/** The candidate that the writer of `word` most likely meant, or undefined when none is near enough to be worth
 *  a guess. A wrong guess costs trust, a missing one a look at the list: so at most a third of the letters may
 *  differ. Case and `-`/`_` don't count. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = normalize(word);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const near = candidates
    .map(candidate => ({ candidate, distance: countEdits(wanted, normalize(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

function normalize(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

/** Damerau-Levenshtein (optimal string alignment): a swap of two neighbours is one typing error, not two. */
function countEdits(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let edits = Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, beforePrevious[column - 2]! + 1);
      }
      current.push(edits);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
