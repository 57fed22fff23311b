// Which keys lead to a place in serialized data: `["theme"]->colors[2]`. For people, so it is read anew and slowly;
// the walk itself has no need to know.

import type { Buffer } from 'node:buffer';
import { BRACE_CLOSE } from './bytes.ts';
import { unescapeHex } from './escape-layer.ts';
import { number, readNumber, skipScalar, TYPE } from './serialized-tokens.ts';

interface OpenContainer {
  readonly isObject: boolean;
  expectsKey: boolean;
  key: string;
}

/** Longer keys and deeper paths help nobody. */
const LONGEST_KEY = 60;
const MOST_KEYS = 12;

/** Reads one serialized value from its head on, and never back. Up to the places it is asked for the value must be
 *  sound; in one that isn't, it stops. */
export class KeyPath {
  /** Where the value begins. */
  readonly start: number;
  readonly #bytes: Buffer;
  #at: number;
  readonly #open: OpenContainer[] = [];

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.start = start;
    this.#at = start;
  }

  /** The way to the string that the byte at `offset` is in. Offsets only grow from call to call. */
  readTo(offset: number): { readonly path: string; readonly isKey: boolean } {
    while (this.#step(offset));
    const top = this.#open.at(-1);
    const isKey = top?.expectsKey === true;
    const named = isKey ? this.#open.slice(0, -1) : this.#open;
    const path = named.slice(-MOST_KEYS).map(({ key }) => key);
    return { path: (named.length > MOST_KEYS ? '…' : '') + path.join(''), isKey };
  }

  /** Past one token that ends before `offset`; false when there is none. */
  #step(offset: number): boolean {
    const top = this.#open.at(-1);
    const at = this.#at;
    if (top?.expectsKey && this.#bytes[at] === BRACE_CLOSE) {
      this.#open.pop();
      this.#complete(at, at + 1);
      return true;
    }
    const start = this.#findContainer(at);
    const end = start >= 0 ? start : this.#findEnd(at);
    if (end < 0 || end > offset) return false;
    if (start < 0) this.#complete(at, end);
    else {
      this.#open.push({ isObject: this.#bytes[at] === TYPE.object, expectsKey: true, key: '' });
      this.#at = end;
    }
    return true;
  }

  /** The token [at, end) was the last of a key or of a value. */
  #complete(at: number, end: number): void {
    this.#at = end;
    const top = this.#open.at(-1);
    if (top === undefined) return;
    if (top.expectsKey) top.key = this.#readKey(at, end, top.isObject);
    top.expectsKey = !top.expectsKey;
  }

  #readKey(at: number, end: number, isObject: boolean): string {
    if (this.#bytes[at] === TYPE.integer) return `[${this.#bytes.toString('latin1', at + 2, end - 1)}]`;
    const quote = this.#bytes.indexOf('"', at);
    const text = this.#bytes.toString('utf8', quote + 1, end - 2);
    // A private property is stored with its class: \0Class\0name.
    const name = isObject && text.startsWith('\0') ? text.slice(text.indexOf('\0', 1) + 1) : text;
    const shown = name.length > LONGEST_KEY ? `${name.slice(0, LONGEST_KEY)}…` : name;
    return isObject && /^\w+$/.test(shown) ? `->${shown}` : `[${JSON.stringify(shown)}]`;
  }

  /** Where the first key of the container at `at` begins, or -1. */
  #findContainer(at: number): number {
    const type = this.#bytes[at];
    const countAt = type === TYPE.array ? at + 2 : type === TYPE.object ? this.#skipName(at) : -1;
    return countAt >= 0 && readNumber(this.#bytes, countAt, this.#bytes.length) ? number.end + 2 : -1;
  }

  #findEnd(at: number): number {
    const { length } = this.#bytes;
    switch (this.#bytes[at]) {
      case TYPE.string:
        return this.#skipName(at);
      case TYPE.escapedString: {
        if (!readNumber(this.#bytes, at + 2, length)) return -1;
        const layer = unescapeHex(this.#bytes, number.end + 2, length, number.value);
        return layer === undefined ? -1 : layer.end + 2;
      }
      case TYPE.enum:
        return this.#skipName(at);
      case TYPE.custom: {
        const lengthAt = this.#skipName(at);
        const isSound = lengthAt >= 0 && readNumber(this.#bytes, lengthAt, length);
        return isSound ? number.end + 2 + number.value + 1 : -1;
      }
      default:
        return skipScalar(this.#bytes, at, length);
    }
  }

  /** Behind `O:3:"abc":` or `s:3:"abc";`. */
  #skipName(at: number): number {
    return readNumber(this.#bytes, at + 2, this.#bytes.length) ? number.end + 2 + number.value + 2 : -1;
  }
}
