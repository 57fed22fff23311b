// One character, however it is spelled: plain, behind backslashes (JSON in JSON), as \u002f, percent-encoded
// (%2F, %252F), as an HTML entity. Reads single units forward and backward, and writes text in the form that
// was found.

import type { Buffer } from 'node:buffer';
import {
  AMPERSAND,
  BACKSLASH,
  COLON,
  DOT,
  isDigit,
  isHostByte,
  PERCENT,
  QUOTE,
  readHex,
  SEMICOLON,
  SLASH,
} from './bytes.ts';

/** One character of a text and the bytes that spell it: bytes[start, end). `code` is -1 beyond an end. */
export interface Unit {
  code: number;
  start: number;
  end: number;
}

/** `%252525...` deeper than this is noise; a bound keeps reading constant in time. */
const DEEPEST_PERCENT = 4;
const LONGEST_ENTITY = 10;

const NAMED_ENTITIES: ReadonlyMap<string, number> = new Map([
  ['amp', 0x26],
  ['quot', 0x22],
  ['lt', 0x3c],
  ['gt', 0x3e],
  ['apos', 0x27],
  ['sol', 0x2f],
  ['colon', 0x3a],
  ['commat', 0x40],
  ['period', 0x2e],
]);
/** All of them white space, as far as hosts and paths are concerned. */
const CONTROL_ESCAPES: ReadonlyMap<number, number> = new Map(
  Array.from('bfnrtv', char => [char.charCodeAt(0), 0x0a] as const),
);

/** The character that begins at `at`. */
export function readUnitAfter(bytes: Buffer, at: number): Unit {
  const byte = bytes[at];
  if (byte === undefined) return { code: -1, start: at, end: at };
  if (byte === PERCENT) return readPercentAfter(bytes, at) ?? { code: byte, start: at, end: at + 1 };
  if (byte === BACKSLASH) return readEscapeAfter(bytes, at);
  if (byte === AMPERSAND) return readEntityAfter(bytes, at) ?? { code: byte, start: at, end: at + 1 };
  return { code: byte, start: at, end: at + 1 };
}

/** The character that ends at `at`. */
export function readUnitBefore(bytes: Buffer, at: number): Unit {
  const byte = at > 0 ? bytes[at - 1] : undefined;
  if (byte === undefined) return { code: -1, start: at, end: at };
  if (byte === SEMICOLON) {
    const ampersand = bytes.subarray(Math.max(0, at - LONGEST_ENTITY), at).lastIndexOf(AMPERSAND);
    const entity =
      ampersand < 0 ? undefined : readEntityAfter(bytes, Math.max(0, at - LONGEST_ENTITY) + ampersand);
    return entity?.end === at ? entity : { code: byte, start: at - 1, end: at };
  }
  if (byte === SLASH || byte === QUOTE) return { code: byte, start: skipBackslashes(bytes, at - 1), end: at };
  if (isHostByte(byte)) return readEscapeBefore(bytes, at) ?? { code: byte, start: at - 1, end: at };
  return { code: byte, start: at - 1, end: at };
}

/** Where the first of the backslashes that end at `at` stands; `at` itself when there is none. */
function skipBackslashes(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && bytes[start - 1] === BACKSLASH) start--;
  return start;
}

function readPercentAfter(bytes: Buffer, at: number): Unit | undefined {
  let code = readHex(bytes, at + 1, 2);
  let end = at + 3;
  for (let depth = 1; depth < DEEPEST_PERCENT && code === PERCENT && readHex(bytes, end, 2) >= 0; depth++) {
    code = readHex(bytes, end, 2);
    end += 2;
  }
  return code < 0 ? undefined : { code, start: at, end };
}

function readEscapeAfter(bytes: Buffer, at: number): Unit {
  let last = at;
  while (bytes[last + 1] === BACKSLASH) last++;
  const char = bytes[last + 1];
  if (char === 0x75 && readHex(bytes, last + 2, 4) >= 0)
    return { code: readHex(bytes, last + 2, 4), start: at, end: last + 6 };
  if (char === 0x78 && readHex(bytes, last + 2, 2) >= 0)
    return { code: readHex(bytes, last + 2, 2), start: at, end: last + 4 };
  if (char === SLASH || char === QUOTE) return { code: char, start: at, end: last + 2 };
  return { code: CONTROL_ESCAPES.get(char ?? 0) ?? BACKSLASH, start: at, end: last + 1 };
}

function readEscapeBefore(bytes: Buffer, at: number): Unit | undefined {
  if (bytes[at - 5] === 0x75 && bytes[at - 6] === BACKSLASH && readHex(bytes, at - 4, 4) >= 0) {
    return { code: readHex(bytes, at - 4, 4), start: skipBackslashes(bytes, at - 5), end: at };
  }
  if (bytes[at - 3] === 0x78 && bytes[at - 4] === BACKSLASH && readHex(bytes, at - 2, 2) >= 0) {
    return { code: readHex(bytes, at - 2, 2), start: skipBackslashes(bytes, at - 3), end: at };
  }
  for (let depth = 1, start = at - 3; depth <= DEEPEST_PERCENT; depth++, start -= 2) {
    const unit = bytes[start] === PERCENT ? readPercentAfter(bytes, start) : undefined;
    if (unit?.end === at) return unit;
  }
  const control = bytes[at - 2] === BACKSLASH ? CONTROL_ESCAPES.get(bytes[at - 1]!) : undefined;
  return control === undefined
    ? undefined
    : { code: control, start: skipBackslashes(bytes, at - 1), end: at };
}

function readEntityAfter(bytes: Buffer, at: number): Unit | undefined {
  const length = bytes.subarray(at, at + LONGEST_ENTITY).indexOf(SEMICOLON);
  if (length < 0) return undefined;
  const name = bytes.toString('latin1', at + 1, at + length);
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name) ?? [];
  const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : NAMED_ENTITIES.get(name);
  return code === undefined ? undefined : { code, start: at, end: at + length + 1 };
}

/** Writes one character in the form of another. */
export type Form = (char: string) => string;

export const PLAIN: Form = char => char;

/** The form in which a text spells this unit. Percent-encoding is for every character that needs it; the other
 *  escapes are for the one that was found, since `\/` says nothing of colons. */
export function readForm(bytes: Buffer, unit: Unit): Form {
  const raw = bytes.toString('latin1', unit.start, unit.end);
  if (raw.length === 1) return PLAIN;
  if (raw.startsWith('%')) return char => encodePercent(char, (raw.length - 3) / 2, /[a-f]/.test(raw));
  return char => (char.charCodeAt(0) === unit.code ? raw : char);
}

function encodePercent(char: string, extraDepth: number, lower: boolean): string {
  if (/[A-Za-z0-9._~-]/.test(char)) return char;
  const hex = char.charCodeAt(0).toString(16).padStart(2, '0');
  return `%${'25'.repeat(extraDepth)}${lower ? hex : hex.toUpperCase()}`;
}

/** Does a host go on at `at`, in any spelling? Full stops only count with something behind them. */
export function continuesHost(bytes: Buffer, at: number): boolean {
  if (at >= bytes.length || bytes[at] === SLASH || bytes[at] === QUOTE) return false; // nearly always
  let unit = readUnitAfter(bytes, at);
  while (unit.code === DOT) unit = readUnitAfter(bytes, unit.end);
  return isHostByte(unit.code);
}

/** Where the digits end that follow a colon, in any spelling, at `at`; or -1. */
export function skipPort(bytes: Buffer, at: number): number {
  const colon = readUnitAfter(bytes, at);
  if (colon.code !== COLON) return -1;
  let end = colon.end;
  while (isDigit(bytes[end])) end++;
  return end === colon.end || continuesHost(bytes, end) ? -1 : end;
}
