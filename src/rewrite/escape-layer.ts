// Serialized data within escaped text: its lengths count the bytes before escaping. A layer is the unescaped copy,
// with the way back: where each of its bytes stands in the original, and how a new byte is spelled there.

import { Buffer } from 'node:buffer';
import { AMPERSAND, BACKSLASH, isHostByte, PERCENT, QUOTE, readHex } from './bytes.ts';
import type { Escaping } from './find-head.ts';
import { readUnitAfter } from './spelling.ts';

export interface EscapeLayer {
  readonly bytes: Buffer;
  /** bytes[i] is spelled by the original's [offsets[i], offsets[i + 1]). */
  readonly offsets: Uint32Array;
  /** Where the escaped text ends in the original. */
  readonly end: number;
  readonly spellByDefault: (char: string) => string;
}

const JSON_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x30, 0x00],
]);

/** Where a text in one of these forms ends, how its escapes read, and how a character is written that has none to
 *  copy. */
interface EscapedForm {
  readonly findEnd: (bytes: Buffer, start: number, limit: number) => number;
  /** Undefined where no escape begins. */
  readonly readEscape: (bytes: Buffer, at: number, end: number) => Escape | undefined;
  readonly spellByDefault: (char: string) => string;
}

interface Escape {
  readonly bytes: Iterable<number>;
  readonly end: number;
}

const FORMS: Readonly<Record<Escaping, EscapedForm>> = {
  // A string literal. Lenient: what is no JSON escape stands for the character behind the backslash, as in text
  // that went through addslashes().
  json: { findEnd: findQuote, readEscape: readJsonEscape, spellByDefault: spellJson },
  entity: { findEnd: findAttributeEnd, readEscape: readEntity, spellByDefault: spellEntity },
  percent: { findEnd: findUrlEnd, readEscape: readPercent, spellByDefault: spellPercent },
};

/** Where the escaped text that begins at `start` must end, or `limit`. */
export function findEscapedEnd(bytes: Buffer, start: number, limit: number, escaping: Escaping): number {
  return FORMS[escaping].findEnd(bytes, start, limit);
}

/** Unescapes original[start, end). Takes five bytes for each of them. */
export function unescapeText(original: Buffer, start: number, end: number, escaping: Escaping): EscapeLayer {
  const { readEscape, spellByDefault } = FORMS[escaping];
  const bytes = Buffer.allocUnsafe(end - start);
  const offsets = new Uint32Array(end - start + 1);
  let size = 0;
  for (let at = start; at < end; ) {
    const found = readEscape(original, at, end);
    if (found === undefined) {
      offsets[size] = at;
      bytes[size++] = original[at++]!;
      continue;
    }
    for (const byte of found.bytes) {
      offsets[size] = at;
      bytes[size++] = byte;
    }
    at = found.end;
  }
  offsets[size] = end;
  return { bytes: bytes.subarray(0, size), offsets, end, spellByDefault };
}

/** Unescapes the content of an `S:` string: `count` bytes, some of them spelled as backslash and two hex digits.
 *  Undefined when there are not so many before `limit`. */
export function unescapeHex(
  original: Buffer,
  start: number,
  limit: number,
  count: number,
): EscapeLayer | undefined {
  if (count > limit - start) return undefined;
  const bytes = Buffer.allocUnsafe(count);
  const offsets = new Uint32Array(count + 1);
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at >= limit) return undefined;
    const isEscape = original[at] === BACKSLASH;
    const byte = isEscape ? readHex(original, at + 1, 2) : original[at]!;
    if (byte < 0) return undefined;
    offsets[i] = at;
    bytes[i] = byte;
    at += isEscape ? 3 : 1;
  }
  offsets[count] = at;
  return at > limit
    ? undefined
    : { bytes, offsets, end: at, spellByDefault: char => (char === '\\' ? '\\5c' : char) };
}

/** Stands for itself in every escaped text; so does nearly every edit. */
const HOST_TEXT = /^[A-Za-z0-9.-]*$/;

/** `text` for the layer's bytes[start, end) as it must be written in the original: a character that stands there,
 *  or right beside it, is spelled as it is there. */
export function spellInLayer(
  layer: EscapeLayer,
  original: Buffer,
  start: number,
  end: number,
  text: string,
): string {
  if (HOST_TEXT.test(text)) return text;
  let spelled = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    const known = isHostByte(code) ? -1 : findNear(layer.bytes, code, start, end);
    spelled +=
      known < 0
        ? layer.spellByDefault(char)
        : original.toString('latin1', layer.offsets[known], layer.offsets[known + 1]);
  }
  return spelled;
}

function findNear(bytes: Buffer, code: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === code) return i;
  if (bytes[start - 1] === code) return start - 1;
  return bytes[end] === code ? end : -1;
}

function findQuote(bytes: Buffer, start: number, limit: number): number {
  for (let at = start; at < limit; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return limit;
}

function readJsonEscape(bytes: Buffer, at: number, limit: number): Escape | undefined {
  if (bytes[at] !== BACKSLASH || at + 1 >= limit) return undefined;
  const escaped = bytes[at + 1]!;
  // Of JavaScript, not of JSON; but no slashes that PHP adds look like it.
  if (escaped === 0x78 && at + 4 <= limit && readHex(bytes, at + 2, 2) >= 0)
    return { bytes: [readHex(bytes, at + 2, 2)], end: at + 4 };
  if (escaped !== 0x75 || at + 6 > limit || readHex(bytes, at + 2, 4) < 0) {
    return { bytes: [JSON_ESCAPES.get(escaped) ?? escaped], end: at + 2 };
  }
  const high = readHex(bytes, at + 2, 4);
  const isPair =
    high >= 0xd800 &&
    high < 0xdc00 &&
    at + 12 <= limit &&
    bytes[at + 6] === BACKSLASH &&
    bytes[at + 7] === 0x75;
  const low = isPair ? readHex(bytes, at + 8, 4) : -1;
  if (low >= 0xdc00 && low < 0xe000)
    return { bytes: Buffer.from(String.fromCharCode(high, low)), end: at + 12 };
  return { bytes: Buffer.from(String.fromCharCode(high)), end: at + 6 };
}

function spellJson(char: string): string {
  if (char === '"' || char === '\\') return `\\${char}`;
  return char < ' ' ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char;
}

/** Text in an attribute of HTML has no quote. */
function findAttributeEnd(bytes: Buffer, start: number, limit: number): number {
  let end = start;
  while (end < limit && bytes[end] !== QUOTE) end++;
  return end;
}

/** One with a name that we don't know stands for itself: lengths that count what it means are wrong then, and the
 *  value is left. */
function readEntity(bytes: Buffer, at: number, limit: number): Escape | undefined {
  if (bytes[at] !== AMPERSAND) return undefined;
  const { code, end } = readUnitAfter(bytes, at);
  if (end === at + 1 || end > limit || code > 0x10ffff) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(code)), end };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
};

function spellEntity(char: string): string {
  return ENTITIES[char] ?? char;
}

/** `+` is left as it is: as long as the space that it may mean. */
function readPercent(bytes: Buffer, at: number, limit: number): Escape | undefined {
  const byte = bytes[at] === PERCENT && at + 3 <= limit ? readHex(bytes, at + 1, 2) : -1;
  return byte < 0 ? undefined : { bytes: [byte], end: at + 3 };
}

function spellPercent(char: string): string {
  if (/[A-Za-z0-9._~-]/.test(char)) return char;
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** A URL ends at white space, a quote or an angle bracket. */
function findUrlEnd(bytes: Buffer, start: number, limit: number): number {
  let end = start;
  while (
    end < limit &&
    bytes[end]! > 0x20 &&
    bytes[end] !== QUOTE &&
    bytes[end] !== 0x3c &&
    bytes[end] !== 0x3e
  )
    end++;
  return end;
}
