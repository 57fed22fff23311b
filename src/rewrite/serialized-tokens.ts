// The tokens of PHP's serialize() format, read from bytes by position. Nothing here allocates or descends.

import {
  BACKSLASH,
  BRACE_OPEN,
  COLON,
  isHostByte,
  NINE,
  QUOTE,
  SEMICOLON,
  UNDERSCORE,
  ZERO,
} from './bytes.ts';

export const TYPE = {
  array: 0x61, // a
  bool: 0x62, // b
  custom: 0x43, // C
  double: 0x64, // d
  enum: 0x45, // E
  integer: 0x69, // i
  null: 0x4e, // N
  object: 0x4f, // O
  reference: 0x52, // R
  sameObject: 0x72, // r
  string: 0x73, // s
  escapedString: 0x53, // S
} as const;

/** Above every count and length that a value of a gigabyte can hold; longer numbers stop here. Small enough for the
 *  fast integers of the engine that runs us. */
const TOO_MANY = 2 ** 30;
const FLOAT = /^(?:-?INF|NAN|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const LONGEST_FLOAT = 400;

/** A number and where it ends: `end` is -1 when there are no digits. Reused: read it before the next call. */
export const number = { value: 0, end: -1 };

/** Reads digits at `at`, before `limit`, into `number`. */
export function readNumber(bytes: Uint8Array, at: number, limit: number): boolean {
  let value = 0;
  let i = at;
  for (; i < limit; i++) {
    const byte = bytes[i]!;
    if (byte < ZERO || byte > NINE) break;
    value = value > TOO_MANY / 10 - 1 ? TOO_MANY : value * 10 + (byte - ZERO);
  }
  number.value = value;
  number.end = i > at ? i : -1;
  return i > at;
}

/** The end of a scalar (`i:5;` `b:1;` `d:0.5;` `N;` `R:2;`) at `at`, or -1. */
export function skipScalar(bytes: Buffer, at: number, limit: number): number {
  const type = bytes[at];
  if (type === TYPE.null) return at + 1 < limit && bytes[at + 1] === SEMICOLON ? at + 2 : -1;
  if (bytes[at + 1] !== COLON) return -1;
  let end = -1;
  if (type === TYPE.integer) end = skipInteger(bytes, at + 2, limit);
  else if (type === TYPE.bool) end = bytes[at + 2] === ZERO || bytes[at + 2] === ZERO + 1 ? at + 3 : -1;
  else if (type === TYPE.reference || type === TYPE.sameObject)
    end = readNumber(bytes, at + 2, limit) ? number.end : -1;
  else if (type === TYPE.double) end = skipFloat(bytes, at + 2, limit);
  return end >= 0 && end < limit && bytes[end] === SEMICOLON ? end + 1 : -1;
}

function skipInteger(bytes: Uint8Array, at: number, limit: number): number {
  const sign = bytes[at] === 0x2d || bytes[at] === 0x2b;
  return readNumber(bytes, sign ? at + 1 : at, limit) ? number.end : -1;
}

function skipFloat(bytes: Buffer, at: number, limit: number): number {
  const end = bytes.subarray(at, Math.min(limit, at + LONGEST_FLOAT)).indexOf(SEMICOLON);
  return end > 0 && FLOAT.test(bytes.toString('latin1', at, at + end)) ? at + end : -1;
}

/** Does something stand at `at` that only serialized data begins with: `a:1:{` `O:8:"` `s:5:"` `C:` `E:` `S:`?
 *  A backslash, `\u0022` or the like in place of the quote counts: it may be serialized data within JSON. */
export function isHead(bytes: Uint8Array, at: number, limit: number): boolean {
  const type = bytes[at];
  if (bytes[at + 1] !== COLON || at + 2 >= limit || bytes[at + 2]! > NINE) return false;
  if (type === TYPE.array) {
    if (!readNumber(bytes, at + 2, limit) || bytes[number.end] !== COLON) return false;
    return number.end + 1 < limit && bytes[number.end + 1] === BRACE_OPEN;
  }
  if (
    type !== TYPE.string &&
    type !== TYPE.escapedString &&
    type !== TYPE.object &&
    type !== TYPE.custom &&
    type !== TYPE.enum
  )
    return false;
  const digits = bytes[at + 2] === 0x2b ? at + 3 : at + 2;
  if (!readNumber(bytes, digits, limit) || bytes[number.end] !== COLON) return false;
  const quote = number.end + 1 < limit ? bytes[number.end + 1] : undefined;
  return quote === QUOTE || quote === BACKSLASH;
}

/** The first head that begins in bytes[from, to), or -1. It must not follow a letter or digit: `data:1:{`. */
export function findHead(bytes: Buffer, from: number, to: number, limit: number): number {
  const end = Math.min(to + 1, limit);
  for (let i = from + 1; i < end; i++) {
    if (bytes[i] === COLON && isHead(bytes, i - 1, limit) && beginsWord(bytes, i - 1, from)) return i - 1;
  }
  return -1;
}

/** Does a token begin at `at`: at the start of the text, or behind something that is no part of a word or host? The
 *  letter of an escape (`\n`) is none either. */
function beginsWord(bytes: Uint8Array, at: number, from: number): boolean {
  if (at === from) return true;
  const before = bytes[at - 1];
  if (before === UNDERSCORE) return false;
  return (
    !isHostByte(before) ||
    bytes[at - 2] === BACKSLASH ||
    (bytes[at - 5] === 0x75 && bytes[at - 6] === BACKSLASH)
  );
}
