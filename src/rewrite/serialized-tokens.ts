// The tokens of PHP's serialize() format, read from bytes by position. Nothing here allocates or descends.

import type { Buffer } from 'node:buffer';
import { COLON, DOT, MINUS, NINE, PLUS, QUOTE, SEMICOLON, ZERO } from './bytes.ts';

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

/** The end of `s:5:"...";` at `at`, or -1. Leaves the length and its end in `number`: the content begins two bytes
 *  behind that, and ends two before the string does. */
export function skipString(bytes: Uint8Array, at: number, limit: number): number {
  if (bytes[at + 1] !== COLON || !readNumber(bytes, at + 2, limit)) return -1;
  const start = number.end + 2;
  const end = start + number.value;
  if (end + 1 >= limit || bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON) return -1;
  return bytes[start - 1] === QUOTE && bytes[start - 2] === COLON ? end + 2 : -1;
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
  const sign = bytes[at] === MINUS || bytes[at] === PLUS;
  return readNumber(bytes, sign ? at + 1 : at, limit) ? number.end : -1;
}

function skipFloat(bytes: Buffer, at: number, limit: number): number {
  const simple = skipDecimal(bytes, at, limit);
  if (simple > 0 && simple < limit && bytes[simple] === SEMICOLON) return simple;
  const end = bytes.subarray(at, Math.min(limit, at + LONGEST_FLOAT)).indexOf(SEMICOLON);
  return end > 0 && FLOAT.test(bytes.toString('latin1', at, at + end)) ? at + end : -1;
}

/** The end of `-12.5`, as nearly every float is written, without making a string of it; -1 where it is written in
 *  another way. */
function skipDecimal(bytes: Uint8Array, at: number, limit: number): number {
  const start = bytes[at] === MINUS ? at + 1 : at;
  if (!readNumber(bytes, start, limit) || bytes[number.end] !== DOT) return -1;
  return readNumber(bytes, number.end + 1, limit) ? number.end : -1;
}
