// What the walk over a value keeps on its stack.

import type { Checkpoint } from './edits.ts';

/** Text still to be read: bytes[at, end). */
export interface TextFrame {
  readonly isText: true;
  readonly start: number;
  readonly end: number;
  at: number;
  /** The serialized value that is being read in it. */
  value: OpenValue | undefined;
  /** Undefined for the text that is the whole value. */
  readonly holder: Holder | undefined;
  /** The first of its edits of which it isn't known yet whether it is in a key of JSON. */
  unsorted: number;
  /** One of the others seems to be. */
  hasJsonKey: boolean;
}

export interface OpenValue {
  readonly at: number;
  readonly mark: Checkpoint;
  readonly seen: number;
  /** A quote was read, so quotes are not escaped here. */
  isQuoted: boolean;
}

/** The string or custom object whose content a text is: what follows when that changes is its length, written in
 *  bytes[lengthStart, lengthEnd), and its name if it is a key. */
export interface Holder {
  readonly lengthStart: number;
  readonly lengthEnd: number;
  readonly length: number;
  readonly isKey: boolean;
  /** How many bytes follow the content: `";` or `}`. */
  readonly closing: number;
  /** Before the content. Its first edit is the place kept for the length. */
  readonly mark: Checkpoint;
}

/** An array or object: `left` pairs are still to come. */
export interface ContainerFrame {
  readonly isText: false;
  left: number;
  expectsKey: boolean;
  readonly isObject: boolean;
  /** Where its keys begin in the ledger. */
  readonly firstKey: number;
  readonly firstRewritten: number;
}
