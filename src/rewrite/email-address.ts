// Is the host at this place the domain of an e-mail address? `joe@host` is; `https://user:pass@host` is not.

import { Buffer } from 'node:buffer';
import { AT, isHostByte, QUOTE, SLASH } from './bytes.ts';
import { readUnitAfter, readUnitBefore, type Unit } from './spelling.ts';

/** No user name with a password is longer; a bound keeps the look back short. */
const LONGEST_USERINFO = 256;
/** Beside those of hosts. */
const USERINFO_MARKS: ReadonlySet<number> = new Set(Buffer.from('_~%:+!$*='));
const NO_UNIT: Unit = { code: -1, start: 0, end: 0 };

/** Is bytes[start, end), a host, part of an e-mail address, as its domain or as its local part? */
export function isInEmailAddress(bytes: Buffer, start: number, end: number): boolean {
  // Nearly every host follows a slash and is followed by a slash or quote.
  const before = start > 0 ? bytes[start - 1] : QUOTE;
  const at = before === SLASH || before === QUOTE ? NO_UNIT : readUnitBefore(bytes, start);
  if (at.code === AT) return !isUserinfo(bytes, at.start);
  const next = end < bytes.length ? bytes[end] : QUOTE;
  if (next === SLASH || next === QUOTE) return false;
  const after = readUnitAfter(bytes, end);
  return after.code === AT && isHostByte(bytes[after.end]);
}

/** Does what ends at `at` reach back to a `//` over nothing but characters of a user name and password? */
function isUserinfo(bytes: Buffer, at: number): boolean {
  let unit: Unit = readUnitBefore(bytes, at);
  while (isUserinfoCode(unit.code) && at - unit.start < LONGEST_USERINFO)
    unit = readUnitBefore(bytes, unit.start);
  return unit.code === SLASH && readUnitBefore(bytes, unit.start).code === SLASH;
}

function isUserinfoCode(code: number): boolean {
  return isHostByte(code) || USERINFO_MARKS.has(code);
}
