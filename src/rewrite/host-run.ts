// A host in running text: a maximal run of host characters, less an escape sequence right before it and full
// stops after it.

import type { Buffer } from 'node:buffer';
import { BACKSLASH, DOT, isHostByte, PERCENT, readHex, SEMICOLON } from './bytes.ts';
import { continuesHost, readUnitBefore } from './spelling.ts';

export interface HostRun {
  /** The host is bytes[start, end). */
  readonly start: number;
  readonly end: number;
  /** Where the run ends and the search goes on. */
  readonly next: number;
  /** The host goes on in escaped form (`my\u002dprod.example.edu`): it is another one. */
  readonly continuesBefore: boolean;
  readonly continuesAfter: boolean;
}

/** The run around bytes[from, to], which are host characters. `isInEscapedString`: of an `S:` string, where `\2f` is a
 *  slash. */
export function readHostRun(bytes: Buffer, from: number, to: number, isInEscapedString = false): HostRun {
  let first = from;
  let next = to + 1;
  while (first > 0 && isHostByte(bytes[first - 1])) first--;
  while (next < bytes.length && isHostByte(bytes[next])) next++;
  const hex = isInEscapedString && bytes[first - 1] === BACKSLASH ? readHex(bytes, first, 2) : -1;
  const start = hex < 0 ? skipEscape(bytes, first, next) : Math.min(first + 2, next);
  let end = next;
  while (end > start && bytes[end - 1] === DOT) end--;
  // Nothing else before a run can spell a character of a host.
  const isAfterEscape = start > first || (first > 0 && bytes[first - 1] === SEMICOLON);
  const continuesBefore =
    hex < 0 ? isAfterEscape && isHostByte(readUnitBefore(bytes, start).code) : isHostByte(hex);
  return { start, end, next, continuesBefore, continuesAfter: continuesHost(bytes, next) };
}

/** Where the host begins when the first bytes of its run belong to an escape: %2F %252F \u002f \x2f \n. */
function skipEscape(bytes: Buffer, first: number, next: number): number {
  if (first === 0) return first;
  const before = bytes[first - 1];
  if (before === PERCENT) return skipPercent(bytes, first, next);
  if (before !== BACKSLASH) return first;
  if (bytes[first] === 0x75 && readHex(bytes, first + 1, 4) >= 0) return Math.min(first + 5, next);
  if (bytes[first] === 0x78 && readHex(bytes, first + 1, 2) >= 0) return Math.min(first + 3, next);
  return 'bfnrtv'.includes(String.fromCharCode(bytes[first]!)) ? first + 1 : first;
}

function skipPercent(bytes: Buffer, first: number, next: number): number {
  let at = first;
  while (readHex(bytes, at, 2) === PERCENT && readHex(bytes, at + 2, 2) >= 0) at += 2;
  return readHex(bytes, at, 2) < 0 ? first : Math.min(at + 2, next);
}
