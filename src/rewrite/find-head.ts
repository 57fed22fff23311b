// Where serialized data begins in a text: `a:1:{`, `O:8:"`, `s:5:"`, its punctuation plain or escaped, as in
// `s:5:\"` (JSON), `s:5:&quot;` (HTML), `s%3A5%3A%22` (URL).

import type { Buffer } from 'node:buffer';
import {
  AMPERSAND,
  BACKSLASH,
  BRACE_OPEN,
  COLON,
  isHostByte,
  NINE,
  PERCENT,
  PLUS,
  QUOTE,
  UNDERSCORE,
} from './bytes.ts';
import { number, readNumber, TYPE } from './serialized-tokens.ts';
import { readUnitAfter, readUnitBefore, type Unit } from './spelling.ts';

export type Escaping = 'json' | 'entity' | 'percent';

/** The last head that was found. Reused: read it before the next search. `escaping` is how it must be unescaped
 *  before anything can be read; JSON shows later, for `a:1:{` is the same in it. */
export const head: { at: number; escaping: Escaping | undefined } = { at: -1, escaping: undefined };

/** 1 for the letters that a head begins with. */
const TYPES = new Uint8Array(256);
/** 1 for `:`, digits and the characters of `%3A`: of the three bytes behind a head's letter each is one of these, so
 *  looking at every third byte finds it. */
const MARKS = new Uint8Array(256);
for (const letter of 'asSOCE') TYPES[letter.charCodeAt(0)] = 1;
for (const char of ':0123456789%Aa') MARKS[char.charCodeAt(0)] = 1;

/** Looks for the first head that begins in bytes[from, to) and leaves it in `head`. It must not follow a letter or
 *  digit: `data:1:{`. */
export function findHead(bytes: Buffer, from: number, to: number, limit: number): boolean {
  const end = Math.min(to + 3, limit);
  for (let i = from + 1; i < end; i += 3) {
    if (MARKS[bytes[i]!] === 0) continue;
    const last = Math.min(i, to);
    for (let at = Math.max(from, i - 3); at < last; at++) {
      if (TYPES[bytes[at]!] === 1 && readHead(bytes, at, from, limit)) return true;
    }
  }
  return false;
}

function readHead(bytes: Buffer, at: number, from: number, limit: number): boolean {
  const isPlain = isHead(bytes, at, limit);
  const escaping = isPlain ? undefined : readEscaping(bytes, at, limit);
  if ((!isPlain && escaping === undefined) || !beginsWord(bytes, at, from)) return false;
  head.at = at;
  head.escaping = escaping;
  return true;
}

/** Does a plain head stand at `at`, where a type's letter is? A backslash in place of the quote counts: it may be
 *  one within JSON. */
export function isHead(bytes: Uint8Array, at: number, limit: number): boolean {
  if (bytes[at + 1] !== COLON || at + 2 >= limit || bytes[at + 2]! > NINE) return false;
  const isArray = bytes[at] === TYPE.array;
  const digits = bytes[at + 2] === PLUS && !isArray ? at + 3 : at + 2;
  if (!readNumber(bytes, digits, limit) || bytes[number.end] !== COLON || number.end + 1 >= limit)
    return false;
  const opening = bytes[number.end + 1];
  return isArray ? opening === BRACE_OPEN : opening === QUOTE || opening === BACKSLASH;
}

/** How the punctuation of the head at `at` is escaped; undefined when it isn't, or when there is no head. What is
 *  escaped more than once has the outermost escaping. */
export function readEscaping(bytes: Buffer, at: number, limit: number): Escaping | undefined {
  const next = bytes[at + 1];
  if (next !== COLON && next !== PERCENT) return undefined;
  const first = readUnitAfter(bytes, at + 1);
  if (first.code !== COLON) return undefined;
  const digits = bytes[first.end] === PLUS ? first.end + 1 : first.end;
  if (!readNumber(bytes, digits, limit)) return undefined;
  const second = readUnitAfter(bytes, number.end);
  if (second.code !== COLON) return undefined;
  let opening = readUnitAfter(bytes, second.end);
  // The quote of JSON, itself escaped: `\&quot;`.
  if (opening.code === BACKSLASH && bytes[opening.start] === BACKSLASH)
    opening = readUnitAfter(bytes, opening.end);
  if (opening.end > limit || !mayOpen(opening, bytes[at] === TYPE.array ? BRACE_OPEN : QUOTE))
    return undefined;
  return nameEscaping(bytes, first) ?? nameEscaping(bytes, second) ?? nameEscaping(bytes, opening);
}

/** An escape character, itself escaped, may hide what it must be. */
function mayOpen({ code, start, end }: Unit, expected: number): boolean {
  if (code === expected) return true;
  return end > start + 1 && (code === BACKSLASH || code === AMPERSAND || code === PERCENT);
}

function nameEscaping(bytes: Buffer, { start, end }: Unit): Escaping | undefined {
  if (end === start + 1) return undefined;
  if (bytes[start] === PERCENT) return 'percent';
  return bytes[start] === AMPERSAND ? 'entity' : 'json';
}

/** Does a token begin at `at`: at the start of the text, or behind something that is no part of a word or host? The
 *  letter of an escape (`\n`) is none either. */
function beginsWord(bytes: Buffer, at: number, from: number): boolean {
  if (at === from) return true;
  const before = bytes[at - 1];
  if (before === UNDERSCORE) return false;
  return !isHostByte(before) || bytes[at - 2] === BACKSLASH || !isHostByte(readUnitBefore(bytes, at).code);
}
