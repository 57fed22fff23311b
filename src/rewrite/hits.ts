// The places of a value where a needle stands, found one after another as the walk comes by.

import type { Buffer } from 'node:buffer';
import type { NeedleSearch } from './needle-search.ts';

/** No place in any value: they are smaller than a gigabyte. Still one of the engine's fast integers. */
export const NO_HIT = 2 ** 31 - 1;

export class Hits {
  /** So many bytes at least, up to and with that of a hit, are part of a needle. */
  readonly width: number;
  readonly #searches: readonly NeedleSearch[];
  readonly #found: number[];

  constructor(searches: readonly NeedleSearch[]) {
    this.width = searches.reduce((least, { width }) => Math.min(least, width), NO_HIT);
    this.#searches = searches;
    this.#found = searches.map(() => NO_HIT);
  }

  reset(): void {
    for (let i = 0; i < this.#found.length; i++) this.#found[i] = -1;
  }

  /** The first hit at or after `from`, or NO_HIT. Cheap when `from` only grows: each byte is searched once. */
  next(bytes: Buffer, from: number): number {
    let first = NO_HIT;
    for (let i = 0; i < this.#found.length; i++) {
      let hit = this.#found[i]!;
      if (hit < from) {
        hit = this.#searches[i]!.find(bytes, from, bytes.length);
        if (hit < 0) hit = NO_HIT;
        this.#found[i] = hit;
      }
      if (hit < first) first = hit;
    }
    return first;
  }
}
