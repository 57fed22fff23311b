// PHP-serialized data, read for the strings and keys in it. Complete or not at all: a value that PHP could not read is
// broken here, too.

import type { Buffer } from 'node:buffer';
import { BRACE_CLOSE, BRACE_OPEN, COLON, QUOTE, SEMICOLON } from '../rewrite/bytes.ts';
import { number, readNumber, skipScalar, skipString, TYPE } from '../rewrite/serialized-tokens.ts';

export interface SerializedVisitor {
  /** The content bytes[start, end) of a string that is no key; its `s:5:"` begins at `head`. `key`: the nearest key that
   *  is a name; null: none. */
  string?(start: number, end: number, head: number, key: string | null): void;
  /** The digits bytes[start, end) of a key of the outermost array. */
  outerIndex?(start: number, end: number): void;
}

/** PHP itself stops at 4,096. */
const MOST_LEVELS = 1_000;

/** Does the value begin as serialized data does that may hold strings? */
export function looksSerialized(bytes: Buffer): boolean {
  return /^(?:[aOC]:\d+:[{"]|[sS]:\d+:")/.test(bytes.toString('latin1', 0, 24));
}

/** False: broken, or of a kind whose strings can't be told (`C:` and `S:`). What was visited by then counts for nothing. */
export function walkSerialized(bytes: Buffer, visitor: SerializedVisitor): boolean {
  return new Walk(bytes, visitor).readValue(0, null, 0) === bytes.length;
}

const BROKEN = -1;

class Walk {
  readonly #bytes: Buffer;
  readonly #visitor: SerializedVisitor;

  constructor(bytes: Buffer, visitor: SerializedVisitor) {
    this.#bytes = bytes;
    this.#visitor = visitor;
  }

  /** The end of the value at `at`, or BROKEN. */
  readValue(at: number, key: string | null, depth: number): number {
    const bytes = this.#bytes;
    switch (bytes[at]) {
      case TYPE.string: {
        const end = skipString(bytes, at, bytes.length);
        if (end >= 0) this.#visitor.string?.(number.end + 2, end - 2, at, key);
        return end;
      }
      case TYPE.array:
        return this.#readPairs(at + 2, key, depth);
      case TYPE.object:
        return this.#readPairs(this.#skipName(at, COLON), key, depth);
      case TYPE.enum:
        return this.#skipName(at, SEMICOLON);
      default:
        return skipScalar(bytes, at, bytes.length);
    }
  }

  /** `countAt`: where the number of pairs stands, or BROKEN. */
  #readPairs(countAt: number, outer: string | null, depth: number): number {
    const bytes = this.#bytes;
    if (countAt < 0 || depth > MOST_LEVELS || !readNumber(bytes, countAt, bytes.length)) return BROKEN;
    const { value: count, end } = number;
    if (bytes[end] !== COLON || bytes[end + 1] !== BRACE_OPEN) return BROKEN;
    let at = end + 2;
    for (let pair = 0; pair < count; pair++) {
      const [key, keyEnd] = this.#readKey(at, outer, depth);
      at = keyEnd < 0 ? BROKEN : this.readValue(keyEnd, key, depth + 1);
      if (at < 0) return BROKEN;
    }
    return bytes[at] === BRACE_CLOSE ? at + 1 : BROKEN;
  }

  #readKey(at: number, outer: string | null, depth: number): [key: string | null, end: number] {
    const bytes = this.#bytes;
    if (bytes[at] === TYPE.integer) {
      const end = skipScalar(bytes, at, bytes.length);
      if (end >= 0 && depth === 0) this.#visitor.outerIndex?.(at + 2, end - 1);
      return [outer, end];
    }
    const end = bytes[at] === TYPE.string ? skipString(bytes, at, bytes.length) : BROKEN;
    if (end < 0) return [null, BROKEN];
    const key = bytes.toString('latin1', number.end + 2, end - 2);
    // Private and protected properties have the class's name, or a star, between NULs before their own.
    return [key.slice(key.lastIndexOf('\0') + 1), end];
  }

  /** Behind `O:len:"name"` and the byte that must follow. */
  #skipName(at: number, following: number): number {
    const bytes = this.#bytes;
    if (bytes[at + 1] !== COLON || !readNumber(bytes, at + 2, bytes.length)) return BROKEN;
    const start = number.end + 2;
    const end = start + number.value;
    const isQuoted = bytes[start - 2] === COLON && bytes[start - 1] === QUOTE && bytes[end] === QUOTE;
    return isQuoted && bytes[end + 1] === following ? end + 2 : BROKEN;
  }
}
