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

export interface NeedleSearch {
  /** Index of the last byte of the first window found in buffer[start, end), or -1. A window is the tail of a
   *  needle: a hit may be a false one, a miss never is. */
  find(buffer: Uint8Array, start: number, end: number): number;
}

/** One search for all needles, or two where their lengths differ much. `needles`: lower case, not empty. */
export function createSearches(needles: readonly string[]): readonly NeedleSearch[] {
  const short = needles.filter(needle => needle.length < SHORT);
  const long = needles.filter(needle => needle.length >= SHORT);
  return [short, long].filter(group => group.length > 0).map(createSearch);
}

function createSearch(needles: readonly string[]): NeedleSearch {
  const width = needles.reduce((least, needle) => Math.min(least, needle.length), LONGEST_WINDOW);
  const windows = [...new Set(needles.map(needle => needle.slice(-width)))];
  const isWindow = windows.length <= FEW ? compareAll(windows, width) : compareHashed(windows, width);
  return width === 1 ? searchBytes(isWindow) : searchBlocks(windows, width, isWindow);
}

type WindowTest = (buffer: Uint8Array, last: number) => boolean;

function searchBytes(isWindow: WindowTest): NeedleSearch {
  return {
    find(buffer, start, end) {
      for (let i = start; i < end; i++) if (isWindow(buffer, i)) return i;
      return -1;
    },
  };
}

function searchBlocks(windows: readonly string[], width: number, isWindow: WindowTest): NeedleSearch {
  const shifts = buildShifts(windows, width);
  return {
    find(buffer, start, end) {
      let i = start + width - 1;
      while (i < end) {
        const shift = shifts[(buffer[i - 1]! << 8) | buffer[i]!]!;
        if (shift > 0) i += shift;
        else if (isWindow(buffer, i)) return i;
        else i++;
      }
      return -1;
    },
  };
}

/** How far the search may move on when it sees a block of two bytes; 0 where a window may end. */
function buildShifts(windows: readonly string[], width: number): Uint8Array {
  const shifts = new Uint8Array(0x10000).fill(width - 1);
  for (const window of windows) {
    for (let last = 1; last < width; last++) {
      for (const high of spellCases(window.charCodeAt(last - 1))) {
        for (const low of spellCases(window.charCodeAt(last))) {
          const block = (high << 8) | low;
          shifts[block] = Math.min(shifts[block]!, width - 1 - last);
        }
      }
    }
  }
  return shifts;
}

function spellCases(byte: number): readonly number[] {
  return byte >= 0x61 && byte <= 0x7a ? [byte, byte - 0x20] : [byte];
}

function compareAll(windows: readonly string[], width: number): WindowTest {
  return (buffer, last) => {
    for (const window of windows) if (equalsFolded(buffer, last - width + 1, window)) return true;
    return false;
  };
}

function compareHashed(windows: readonly string[], width: number): WindowTest {
  const buckets = Map.groupBy(windows, window => hashBytes(Buffer.from(window, 'latin1'), width - 1, width));
  return (buffer, last) => {
    const bucket = buckets.get(hashBytes(buffer, last, width));
    return bucket?.some(window => equalsFolded(buffer, last - width + 1, window)) ?? false;
  };
}

function hashBytes(buffer: Uint8Array, last: number, width: number): number {
  let hash = 0;
  for (let i = last - width + 1; i <= last; i++) hash = (Math.imul(hash, 31) + FOLD[buffer[i]!]!) | 0;
  return hash;
}
