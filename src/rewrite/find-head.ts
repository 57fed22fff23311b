// Where serialized data begins in a text: `a:1:{`, `O:8:"`, `s:5:"`, its punctuation plain or escaped, as in
// `s:5:\"` (JSON), `s:5:&quot;` (HTML), `s%3A5%3A%22` (URL).

import type { Buffer } from 'node:buffer';
import {
  AMPERSAND,
  BACKSLASH,
  BRACE_OPEN,
  COLON,
  isHostByte,
  PERCENT,
  PLUS,
  QUOTE,
  UNDERSCORE,
} from './bytes.ts';
import { number, readNumber, TYPE } from './serialized-tokens.ts';
import { readUnitAfter, readUnitBefore, type Unit } from './spelling.ts';

export type Escaping = 'json' | 'entity' | 'percent';

/** Of a head with its escapes; a bound keeps the look back short. */
const LONGEST_HEAD = 64;

const LETTERS = 'asSOCE';
const DIGITS = '0123456789';
/** What may stand right behind that letter: a colon or what begins an escaped one. */
const COLON_STARTS = ':%&\\';
/** What stands in the four places behind the letter, by the first of them: `:55:`, `:5:"`, `:+5%`, `%3A5`, `%253`, `&#58`,
 *  `&#x3`, `&col`, `\u00`, `\x3a`, `\\\u`. May name more than there is, but must miss nothing. */
const SHAPES: readonly (readonly [string, string, string, string])[] = [
  [':', `${DIGITS}+`, `${DIGITS}:%&\\`, `${DIGITS}:%&\\{"#cux`],
  ['%', '23', '5Aa', `${DIGITS}+`],
  ['&', '#c', `${DIGITS}Xxo`, `${DIGITS}l`],
  ['\\', 'ux\\', '03ux\\', '0Aa3ux\\'],
];

/** 1 for the letters that a head begins with. */
const TYPES = new Uint8Array(256);
/** 1 for what may stand right behind that letter. */
const COLONS = new Uint8Array(256);
/** 1 for two bytes that may stand side by side in the first five of a head, by `first << 8 | second`. There are four such
 *  pairs, so looking at every fourth finds each head; and text has few of them, unlike the bytes they are made of. */
const PAIRS = new Uint8Array(0x10000);
for (const letter of LETTERS) TYPES[letter.charCodeAt(0)] = 1;
for (const char of COLON_STARTS) COLONS[char.charCodeAt(0)] = 1;
markPairs(LETTERS, COLON_STARTS);
for (const [first, second, third, fourth] of SHAPES) {
  markPairs(first, second);
  markPairs(second, third);
  markPairs(third, fourth);
}

function markPairs(firsts: string, seconds: string): void {
  for (const first of firsts) {
    for (const second of seconds) PAIRS[(first.charCodeAt(0) << 8) | second.charCodeAt(0)] = 1;
  }
}

/** Where the first head stands that begins in bytes[from, to), or -1. It must not follow a letter or digit:
 *  `data:1:{`. */
export function findHead(bytes: Buffer, from: number, to: number, limit: number): number {
  const end = Math.min(to + 4, limit);
  for (let i = from + 4; i < end; i += 4) {
    if (PAIRS[(bytes[i - 1]! << 8) | bytes[i]!] === 0) continue;
    const last = Math.min(i, to);
    for (let at = i - 4; at < last; at++) {
      if (TYPES[bytes[at]!] === 0 || COLONS[bytes[at + 1]!] === 0) continue;
      if (isAnyHead(bytes, at, limit) && beginsWord(bytes, at, from)) return at;
    }
  }
  return -1;
}

function isAnyHead(bytes: Buffer, at: number, limit: number): boolean {
  return isHead(bytes, at, limit) || readEscaping(bytes, at, limit) !== undefined;
}

/** Does a plain head stand at `at`, where a type's letter is? A backslash in place of the quote counts: it may be
 *  one within JSON. */
export function isHead(bytes: Uint8Array, at: number, limit: number): boolean {
  if (bytes[at + 1] !== COLON) return false;
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
  return readEscapedHead(bytes, at, limit)?.escaping;
}

/** Is the quote at `end`, where the escaped text bytes[start, end) ends, that of a head within: `s%3A5%3A"`? Then
 *  nobody knows what is escaped there and what is not. */
export function isQuoteOfHead(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[end] !== QUOTE) return false;
  for (let at = Math.max(start, end - LONGEST_HEAD); at < end; at++) {
    if (TYPES[bytes[at]!] !== 1) continue;
    if (isHead(bytes, at, end + 1) && number.end + 1 === end) return true;
    if (readEscapedHead(bytes, at, end + 1)?.end === end + 1) return true;
  }
  return false;
}

function readEscapedHead(
  bytes: Buffer,
  at: number,
  limit: number,
): { readonly escaping: Escaping; readonly end: number } | undefined {
  const next = bytes[at + 1];
  if (next !== COLON && next !== PERCENT && next !== AMPERSAND && next !== BACKSLASH) return undefined;
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
  const escaping = nameEscaping(bytes, first) ?? nameEscaping(bytes, second) ?? nameEscaping(bytes, opening);
  return escaping && { escaping, end: opening.end };
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
