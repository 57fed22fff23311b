// Finds any of a set of short ASCII strings in bytes, letter case ignored, without copying or allocating:
// Horspool's search over blocks of two bytes (Wu and Manber). On text it skips most of the bytes, so it runs at
// the speed of native code also when the haystack is a slice of a bigger buffer.

import { Buffer } from 'node:buffer';
import { equalsFolded, FOLD } from './bytes.ts';

/** Needles shorter than this are searched apart, so that one short needle doesn't shorten every skip. */
const SHORT = 8;
/** A window longer than this skips little further; shift distances must fit a byte. */
const LONGEST_WINDOW = 32;
/** So many windows are compared one by one; more are looked up by their hash. */
const FEW = 4;

/** One search for all needles, or two where their lengths differ much. `needles`: lower case, not empty. */
export function createSearches(needles: readonly string[]): readonly NeedleSearch[] {
  const short = needles.filter(needle => needle.length < SHORT);
  const long = needles.filter(needle => needle.length >= SHORT);
  return [short, long].filter(group => group.length > 0).map(group => new NeedleSearch(group));
}

/** A class, so that several of them share one compiled loop. */
export class NeedleSearch {
  /** Of a window, in bytes. */
  readonly width: number;
  readonly #shifts: Uint8Array;
  readonly #windows: readonly string[];
  /** The windows by their hash, where there are many. */
  readonly #buckets: ReadonlyMap<number, readonly string[]> | undefined;

  constructor(needles: readonly string[]) {
    const width = needles.reduce((least, needle) => Math.min(least, needle.length), LONGEST_WINDOW);
    const windows = [...new Set(needles.map(needle => needle.slice(-width)))];
    this.width = width;
    this.#windows = windows;
    this.#shifts = buildShifts(windows, width);
    this.#buckets =
      windows.length <= FEW
        ? undefined
        : Map.groupBy(windows, window => hashBytes(Buffer.from(window, 'latin1'), width - 1, width));
  }

  /** Index of the last byte of the first window found in buffer[start, end), or -1. A window is the tail of a
   *  needle: a hit may be a false one, a miss never is. */
  find(buffer: Uint8Array, start: number, end: number): number {
    const shifts = this.#shifts;
    let i = start + this.width - 1;
    while (i < end) {
      const shift = shifts[(buffer[i - 1]! << 8) | buffer[i]!]!;
      if (shift > 0) i += shift;
      else if (this.#isWindow(buffer, i)) return i;
      else i++;
    }
    return -1;
  }

  #isWindow(buffer: Uint8Array, last: number): boolean {
    const start = last - this.width + 1;
    if (this.#buckets !== undefined) {
      const bucket = this.#buckets.get(hashBytes(buffer, last, this.width));
      return bucket?.some(window => equalsFolded(buffer, start, window)) ?? false;
    }
    for (const window of this.#windows) if (equalsFolded(buffer, start, window)) return true;
    return false;
  }
}

/** How far the search may move on when it sees a block of two bytes; 0 where a window may end. */
function buildShifts(windows: readonly string[], width: number): Uint8Array {
  const shifts = new Uint8Array(0x10000).fill(Math.max(1, width - 1));
  for (const window of windows) {
    for (let last = 1; last < width; last++) {
      for (const high of spellCases(window.charCodeAt(last - 1))) {
        for (const low of spellCases(window.charCodeAt(last))) {
          const block = (high << 8) | low;
          shifts[block] = Math.min(shifts[block]!, width - 1 - last);
        }
      }
    }
    // A window of one byte has none before it: whatever stands there.
    if (width > 1) continue;
    for (const low of spellCases(window.charCodeAt(0))) {
      for (let high = 0; high < 0x100; high++) shifts[(high << 8) | low] = 0;
    }
  }
  return shifts;
}

function spellCases(byte: number): readonly number[] {
  return byte >= 0x61 && byte <= 0x7a ? [byte, byte - 0x20] : [byte];
}

function hashBytes(buffer: Uint8Array, last: number, width: number): number {
  let hash = 0;
  for (let i = last - width + 1; i <= last; i++) hash = (Math.imul(hash, 31) + FOLD[buffer[i]!]!) | 0;
  return hash;
}
