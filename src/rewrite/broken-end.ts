// Where broken serialized data ends that stands in the middle of a text. Nobody can know, so the guess is a wide
// one: what is taken for broken stays as it is and is reported; what is not would be rewritten with wrong lengths.

import { Buffer } from 'node:buffer';
import { BRACE_CLOSE, BRACE_OPEN, COLON } from './bytes.ts';
import { isHead } from './find-head.ts';
import { TYPE } from './serialized-tokens.ts';

const STRING_END = Buffer.from('";');

/** `at`: the token that can't be right. `open`: how many arrays and objects it stands in. The end is where their
 *  braces are closed, strings read up to the next `";`, or `limit`. Reads on from `at`, never back. */
export function findBrokenEnd(bytes: Buffer, at: number, open: number, limit: number): number {
  let depth = open;
  for (let i = at; i < limit; i++) {
    const byte = bytes[i]!;
    if (byte === BRACE_OPEN) depth++;
    else if (byte === BRACE_CLOSE && --depth <= 0) return i + 1;
    else if (isStringHead(bytes, i, limit)) {
      const end = bytes.indexOf(STRING_END, i + 3);
      if (end < 0 || end + STRING_END.length > limit) return limit;
      if (depth === 0) return end + 2;
      i = end + 1;
    }
  }
  return limit;
}

function isStringHead(bytes: Buffer, at: number, limit: number): boolean {
  if (bytes[at + 1] !== COLON || (bytes[at] !== TYPE.string && bytes[at] !== TYPE.escapedString))
    return false;
  return isHead(bytes, at, limit);
}
