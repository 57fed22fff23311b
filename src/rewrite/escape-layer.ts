// Serialized data within escaped text: its lengths count the bytes before escaping. A layer is the unescaped copy,
// with the way back: where each of its bytes stands in the original, and how a new byte is spelled there.

import { Buffer } from 'node:buffer';
import { BACKSLASH, isHostByte, QUOTE, readHex } from './bytes.ts';

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

/** Unescapes a JSON string literal from `start` to its closing quote, or to `limit`. Lenient: what is no JSON
 *  escape stands for the character behind the backslash, as in text that went through addslashes(). */
export function unescapeJson(original: Buffer, start: number, limit: number): EscapeLayer {
  const end = findQuote(original, start, limit);
  const bytes = Buffer.allocUnsafe(end - start);
  const offsets = new Uint32Array(end - start + 1);
  let size = 0;
  for (let at = start; at < end; ) {
    offsets[size] = at;
    const byte = original[at]!;
    if (byte !== BACKSLASH || at + 1 >= end) {
      bytes[size++] = byte;
      at++;
      continue;
    }
    const escaped = readEscape(original, at, end);
    for (const unescaped of escaped.bytes) {
      offsets[size] = at;
      bytes[size++] = unescaped;
    }
    at = escaped.end;
  }
  offsets[size] = end;
  return { bytes: bytes.subarray(0, size), offsets, end, spellByDefault: spellJson };
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

/** `text` for the layer's bytes[start, end) as it must be written in the original: a character that stands there,
 *  or right beside it, is spelled as it is there. */
export function spellInLayer(
  layer: EscapeLayer,
  original: Buffer,
  start: number,
  end: number,
  text: string,
): string {
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

/** The bytes that the escape at `at`, a backslash, stands for. */
function readEscape(
  bytes: Buffer,
  at: number,
  limit: number,
): { readonly bytes: Iterable<number>; readonly end: number } {
  const escaped = bytes[at + 1]!;
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
