// Does a pattern stand around this anchor? Compares what is before and after the anchor unit by unit, so that each
// separator may be spelled in its own way, and checks that both ends are where a host or a path segment ends.

import { Buffer } from 'node:buffer';
import { BACKSLASH, DOT, FOLD, isHostByte, SLASH } from './bytes.ts';
import type { Pattern } from './parse-rule.ts';
import { continuesHost, readUnitAfter, readUnitBefore, type Unit } from './spelling.ts';

/** Where a pattern matched, and the first separator within (a slash if there is one): it shows the form. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly separator: Unit | undefined;
}

/** Characters of a path segment, beside those of hosts. */
const SEGMENT_MARKS: ReadonlySet<number> = new Set(Buffer.from('_~%+@$=*'));

/** bytes[anchorStart, anchorEnd) is a whole run of host characters that equals the pattern's anchor. */
export function matchPattern(
  bytes: Buffer,
  pattern: Pattern,
  anchorStart: number,
  anchorEnd: number,
): PatternMatch | undefined {
  if (pattern.isHost) return { start: anchorStart, end: anchorEnd, separator: undefined };
  let start = anchorStart;
  let end = anchorEnd;
  let separator: Unit | undefined;
  for (let i = pattern.before.length - 1; i >= 0; i--) {
    const unit = readSame(bytes, pattern.before.charCodeAt(i), start, -1);
    if (unit === undefined) return undefined;
    start = unit.start;
    separator = preferSlash(unit, separator);
  }
  for (let i = 0; i < pattern.after.length; i++) {
    const unit = readSame(bytes, pattern.after.charCodeAt(i), end, 1);
    if (unit === undefined) return undefined;
    end = unit.end;
    separator ??= preferSlash(unit, separator);
  }
  if (pattern.needsSlash) {
    const slash = readUnitAfter(bytes, end);
    if (slash.code !== SLASH) return undefined;
    separator ??= slash;
  }
  const isWhole = beginsWhole(bytes, pattern, start) && endsWhole(bytes, pattern, end);
  return isWhole ? { start, end, separator } : undefined;
}

/** Host characters stand for themselves; every other character may be spelled in any way. */
function readSame(bytes: Buffer, code: number, at: number, direction: 1 | -1): Unit | undefined {
  if (isHostByte(code)) {
    const start = direction === 1 ? at : at - 1;
    const byte = bytes[start];
    return byte !== undefined && FOLD[byte] === code ? { code, start, end: start + 1 } : undefined;
  }
  const unit = direction === 1 ? readUnitAfter(bytes, at) : readUnitBefore(bytes, at);
  return unit.code >= 0 && (FOLD[unit.code] ?? unit.code) === code ? unit : undefined;
}

function preferSlash(unit: Unit, known: Unit | undefined): Unit | undefined {
  if (isHostByte(unit.code)) return known;
  return known?.code === SLASH && unit.code !== SLASH ? known : unit;
}

/** A first host character begins a run of its own, less an escape sequence before it. */
function beginsWhole(bytes: Buffer, pattern: Pattern, start: number): boolean {
  if (pattern.begin !== undefined) {
    const unit = readUnitBefore(bytes, start);
    const isLabel = (isHostByte(unit.code) && unit.code !== DOT) || unit.code >= 0x80;
    return pattern.begin === 'label' ? isLabel : !isHostByte(unit.code);
  }
  if (pattern.before === '' || !isHostByte(pattern.before.charCodeAt(0))) return true;
  const unit = readUnitBefore(bytes, start);
  return !isHostByte(unit.code) && unit.code !== 0x2b;
}

function endsWhole(bytes: Buffer, pattern: Pattern, end: number): boolean {
  if (pattern.end === 'anything') return true;
  if (pattern.end === 'segment') return endsSegment(bytes, end);
  return pattern.after === '' || !continuesHost(bytes, end);
}

/** Is a path segment over here? `/art` ends before `/`, `?`, quotes, spaces, punctuation; not in `/arts`, `/art-2`,
 *  `/art.html`, `/art%C3%A9`. */
function endsSegment(bytes: Buffer, at: number): boolean {
  let unit = readUnitAfter(bytes, at);
  while (unit.code === DOT) unit = readUnitAfter(bytes, unit.end);
  if (unit.code >= 0x80) return isPunctuation(bytes, unit);
  return !isHostByte(unit.code) && !SEGMENT_MARKS.has(unit.code);
}

/** Quotes, dashes and spaces beyond ASCII (U+00A0 to U+00BF, U+2000 to U+206F, U+3000 to U+303F), as UTF-8 or \u. */
function isPunctuation(bytes: Buffer, unit: Unit): boolean {
  const { code, start } = unit;
  if (code > 0xff) return (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x303f);
  if (bytes[start] === BACKSLASH) return code >= 0xa0 && code <= 0xbf;
  const second = readUnitAfter(bytes, unit.end).code;
  return (
    code === 0xc2 ||
    (code === 0xe2 && (second === 0x80 || second === 0x81)) ||
    (code === 0xe3 && second === 0x80)
  );
}
