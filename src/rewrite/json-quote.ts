// The quotes around strings of JSON, however they are spelled: plain, behind the backslashes of JSON in JSON, as \u0022,
// as an HTML entity, percent-encoded.

import type { Buffer } from 'node:buffer';
import { AMPERSAND, BACKSLASH, COLON, PERCENT, PLUS, QUOTE, readHex, SLASH, SPACE } from './bytes.ts';
import { readUnitAfter } from './spelling.ts';

/** 1 for the bytes that a quote, or anything that hides one, may begin with. Between them strings are skipped. */
export const QUOTE_STARTS = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, PERCENT, AMPERSAND]) QUOTE_STARTS[byte] = 1;

/** 1 for what a colon may begin with, or a space before it that isn't plain. */
const COLON_STARTS = new Uint8Array(256);
for (const byte of [COLON, BACKSLASH, PERCENT, AMPERSAND, PLUS]) COLON_STARTS[byte] = 1;

/** 1 for what may stand behind the ampersand of a spelled quote: `&quot;`, `&#34;`, `&amp;quot;` */
const ENTITY_STARTS = new Uint8Array(256);
for (const char of '#qQaA') ENTITY_STARTS[char.charCodeAt(0)] = 1;

/** Two quotes are of one JSON if both are equal. */
export interface QuoteKind {
  /** How it is spelled, without backslashes of JSON. */
  readonly core: string;
  /** How often the JSON was put into a string of JSON: each time, backslashes are doubled and quotes get one. */
  readonly level: number;
}

/** What stands at a place: the quote bytes[start, end) or, if `core` is empty, what must be skipped. Backslashes before
 *  `start` are part of the string that it ends. Reused: read it before the next call. */
export const quote = { core: '', level: 0, start: 0, end: 0 };

export const PLAIN = '"';
/** The longest: `&amp;amp;quot;` and the like. */
const LONGEST = 32;
const ENTITY = /^&(?:amp;)*(?:quot|#0*34|#x0*22);/i;
const ESCAPED_ENTITY = /^u0026(?:amp;)*(?:quot|#0*34|#x0*22);/i;
const PERCENT_QUOTE = /^((?:%(?:25)*5c)*)(%(?:25)*22)/i;
const PERCENT_BACKSLASH = /%(?:25)*5c/gi;

/** Reads into `quote` what stands at `at`, where one of QUOTE_STARTS is. */
export function readQuote(bytes: Buffer, at: number): void {
  let core = at;
  while (bytes[core] === BACKSLASH) core++;
  const backslashes = core - at;
  const byte = bytes[core];
  if (byte === QUOTE) setQuote(PLAIN, backslashes, core, core + 1);
  else if (byte === PERCENT) readPercent(bytes, core, backslashes);
  else if (byte === AMPERSAND) readEntity(bytes, core, backslashes);
  // With an even number of backslashes, the last one is no escape of what follows.
  else if (backslashes % 2 === 1) readEscaped(bytes, at, core);
  else setOther(Math.max(core, at + 1));
}

/** May what begins at `at` with a backslash, a percent sign or an ampersand be a quote, or escape one? */
function maySpellQuote(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  const next = bytes[at + 1];
  if (byte === PERCENT) {
    const code = readHex(bytes, at + 1, 2);
    return code === QUOTE || code === PERCENT || code === BACKSLASH;
  }
  // Of `&amp;` nearly all are ampersands and nothing more.
  if (byte === AMPERSAND)
    return next === 0x61 ? ENTITY_STARTS[bytes[at + 5] ?? 0] === 1 : ENTITY_STARTS[next ?? 0] === 1;
  if (next !== 0x75) return true;
  const code = readHex(bytes, at + 2, 4);
  return code === QUOTE || (code === AMPERSAND && ENTITY_STARTS[bytes[at + 6] ?? 0] === 1);
}

/** Where the next quote stands, if that is a plain one and no colon may follow it; or a control character, which no
 *  string of JSON has, or the end of the bytes. -1: what stands there has to be looked at. */
export function findPlainQuote(bytes: Buffer, from: number): number {
  const { length } = bytes;
  for (let at = from; at < length; at++) {
    const byte = bytes[at]!;
    if (QUOTE_STARTS[byte] === 0 && byte >= SPACE) continue;
    if (byte < SPACE) return at;
    if (byte === QUOTE) return mayEndKey(bytes, at + 1) ? -1 : at;
    if (byte === BACKSLASH && bytes[at + 1] === SLASH) at++;
    else if (maySpellQuote(bytes, at)) return -1;
  }
  return length;
}

function readEscaped(bytes: Buffer, at: number, core: number): void {
  const letter = bytes[core];
  if (letter === 0x75 && readHex(bytes, core + 1, 4) === QUOTE) setQuote(PLAIN, core - at, core, core + 5);
  else if (letter === 0x78 && readHex(bytes, core + 1, 2) === QUOTE)
    setQuote(PLAIN, core - at, core, core + 3);
  else {
    const entity = letter === 0x75 ? match(ESCAPED_ENTITY, bytes, core) : undefined;
    // The backslash is the ampersand's. Further ones make it the quote of another JSON.
    if (entity === undefined) setOther(core);
    else setQuote(bytes.toString('latin1', at, core) + entity, 0, at, core + entity.length);
  }
}

function readPercent(bytes: Buffer, at: number, backslashes: number): void {
  const found = PERCENT_QUOTE.exec(bytes.toString('latin1', at, Math.min(bytes.length, at + LONGEST)));
  if (found === null) {
    setOther(at + 1);
    return;
  }
  const [all, escapes, core] = found as unknown as [string, string, string];
  const escaped = escapes.match(PERCENT_BACKSLASH) ?? [];
  const width = escaped[0]?.length ?? 1;
  setQuote(core, backslashes + escaped.length, at + escapes.length, at + all.length, width);
}

function readEntity(bytes: Buffer, at: number, backslashes: number): void {
  const entity = match(ENTITY, bytes, at);
  if (entity === undefined) setOther(at + 1);
  else setQuote(entity, backslashes, at, at + entity.length);
}

function match(pattern: RegExp, bytes: Buffer, at: number): string | undefined {
  return pattern.exec(bytes.toString('latin1', at, Math.min(bytes.length, at + LONGEST)))?.[0].toLowerCase();
}

/** `width`: of each of the backslashes before the core. */
function setQuote(core: string, backslashes: number, coreAt: number, end: number, width = 1): void {
  const level = countLevel(backslashes);
  quote.core = core;
  quote.level = level;
  quote.start = coreAt - (2 ** level - 1) * width;
  quote.end = end;
}

function setOther(end: number): void {
  quote.core = '';
  quote.end = end;
}

/** Where the next quote of any kind begins, which is in `quote` then; `end`: there is none. */
export function findQuote(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    if (QUOTE_STARTS[bytes[at]!] === 0) {
      at++;
      continue;
    }
    readQuote(bytes, at);
    if (quote.core !== '') return at;
    at = quote.end;
  }
  return end;
}

/** A quote of level n has 2ⁿ − 1 backslashes, and 2ⁿ⁺¹ more for each backslash that stands right before it in the string
 *  that it ends. So it is the number of ones at the end of their count. */
function countLevel(backslashes: number): number {
  return 32 - Math.clz32(backslashes & ~(backslashes + 1));
}

/** Behind white space of JSON at `at`, which may be escaped with the JSON. */
export function skipSpace(bytes: Buffer, at: number): number {
  for (let end = at; ; ) {
    const byte = bytes[end];
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) end++;
    else if (byte === BACKSLASH || byte === PERCENT || byte === PLUS || byte === AMPERSAND) {
      const next = skipEscapedSpace(bytes, end);
      if (next === end) return end;
      end = next;
    } else return end;
  }
}

function skipEscapedSpace(bytes: Buffer, at: number): number {
  if (bytes[at] === PLUS) return at + 1;
  if (bytes[at] === BACKSLASH) {
    let letter = at;
    while (bytes[letter] === BACKSLASH) letter++;
    return bytes[letter] === 0x6e || bytes[letter] === 0x72 || bytes[letter] === 0x74 ? letter + 1 : at;
  }
  const { code, end } = readUnitAfter(bytes, at);
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 ? end : at;
}

/** Is bytes[…, at), which ends with a quote, the key of a pair: does a colon follow? */
export function isKeyEnd(bytes: Buffer, at: number): boolean {
  return mayEndKey(bytes, at) && readUnitAfter(bytes, skipSpace(bytes, at)).code === COLON;
}

/** False: nothing that follows can be a colon. */
function mayEndKey(bytes: Buffer, at: number): boolean {
  let next = at;
  while (next < bytes.length && bytes[next]! <= SPACE) next++;
  return next < bytes.length && COLON_STARTS[bytes[next]!] === 1;
}
