// The keys of all arrays and objects that are open, for the one question asked when one closes: may its rewritten
// keys stay rewritten?

import type { Buffer } from 'node:buffer';
import { type Checkpoint, type Edits, MOST_KEPT } from './edits.ts';
import { type ChangedKey, findCollisions } from './key-collisions.ts';

interface RewrittenKey extends ChangedKey {
  /** Its edits are those from this one on, less than `lastEdit`. */
  readonly firstEdit: number;
  readonly lastEdit: number;
}

/** What a key means, however it is spelled: two keys are one when these are equal. */
type ReadKey = (bytes: Buffer, start: number, end: number) => string;

const readBytes: ReadKey = (bytes, start, end) => bytes.toString('latin1', start, end);

export class KeyLedger {
  readonly #edits: Edits;
  /** Start and end of each string key, `keyCount` numbers of them. Integer keys can't become the same as a host. */
  #keys: number[] = [];
  keyCount = 0;
  readonly #rewritten: RewrittenKey[] = [];

  constructor(edits: Edits) {
    this.#edits = edits;
  }

  get rewrittenCount(): number {
    return this.#rewritten.length;
  }

  clear(): void {
    this.drop(0, 0);
    if (this.#keys.length > MOST_KEPT) this.#keys = [];
  }

  add(start: number, end: number): void {
    this.#keys[this.keyCount++] = start;
    this.#keys[this.keyCount++] = end;
  }

  /** The key bytes[start, end) was rewritten by the edits since `mark`; the first of them is its length. */
  noteRewritten(bytes: Buffer, start: number, end: number, mark: Checkpoint): void {
    this.note({
      before: bytes.toString('latin1', start, end),
      after: this.#edits.apply(bytes, start, end, mark.count + 1).toString('latin1'),
      firstEdit: mark.count,
      lastEdit: this.#edits.count,
    });
  }

  note(key: RewrittenKey): void {
    this.#rewritten.push(key);
  }

  /** Closes the container whose keys begin at the given places. Returns whether a key had to stay. */
  close(bytes: Buffer, firstKey: number, firstRewritten: number, readKey = readBytes): boolean {
    const hasRewritten = this.#rewritten.length > firstRewritten;
    const refused = hasRewritten
      ? findCollisions(this.#listKeys(bytes, firstKey, readKey), this.#rewritten.slice(firstRewritten))
      : [];
    for (const key of refused) this.#edits.cancel(key.firstEdit, key.lastEdit);
    this.drop(firstKey, firstRewritten);
    return refused.length > 0;
  }

  /** Forgets the keys after the given places: what they belong to is broken. */
  drop(firstKey: number, firstRewritten: number): void {
    this.keyCount = firstKey;
    if (this.#rewritten.length > firstRewritten) this.#rewritten.length = firstRewritten;
  }

  #listKeys(bytes: Buffer, first: number, readKey: ReadKey): readonly string[] {
    const keys: string[] = [];
    for (let i = first; i < this.keyCount; i += 2)
      keys.push(readKey(bytes, this.#keys[i]!, this.#keys[i + 1]!));
    return keys;
  }
}
