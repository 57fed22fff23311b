// The changes of one pass over a value, in order of position. Nothing is copied until all of them are known.

import { Buffer } from 'node:buffer';

/** A state to fall back to when what was read turns out to be broken. */
export interface Checkpoint {
  readonly count: number;
  readonly growth: number;
  readonly matches: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of a rule; otherwise a length that follows. */
  readonly isMatch: boolean;
}

const NOTHING: Checkpoint = { count: 0, growth: 0, matches: 0 };

/** The lists keep their room from value to value, for growing them anew costs more than a small value does. Beyond
 *  this many they give it back. */
export const MOST_KEPT = 10_000;

/** Replacement texts are latin1: one character per byte. */
export class Edits {
  count = 0;
  /** Bytes that the value has gained so far. */
  growth = 0;
  /** How many of the edits are matches of rules; the others are lengths that follow. */
  matches = 0;
  #starts: number[] = [];
  #ends: number[] = [];
  #texts: string[] = [];
  #areMatches: boolean[] = [];

  clear(): void {
    this.restore(NOTHING);
    if (this.#starts.length <= MOST_KEPT) return;
    this.#starts = [];
    this.#ends = [];
    this.#texts = [];
    this.#areMatches = [];
  }

  add(start: number, end: number, text: string, isMatch = false): void {
    const i = this.count++;
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#texts[i] = text;
    this.#areMatches[i] = isMatch;
    this.growth += text.length - (end - start);
    if (isMatch) this.matches++;
  }

  addMatch(start: number, end: number, text: string): void {
    this.add(start, end, text, true);
  }

  /** Keeps a place for an edit that belongs before those that follow, but is only known after them. */
  reserve(at: number): void {
    this.add(at, at, '');
  }

  fill(reserved: number, end: number, text: string): void {
    this.#ends[reserved] = end;
    this.#texts[reserved] = text;
    this.growth += text.length - (end - this.#starts[reserved]!);
  }

  /** Takes back the edits [first, last), and leaves those after them. */
  cancel(first: number, last: number): void {
    for (let i = first; i < last; i++) {
      this.growth -= this.#texts[i]!.length - (this.#ends[i]! - this.#starts[i]!);
      if (this.#areMatches[i]) this.matches--;
      this.#areMatches[i] = false;
      this.#ends[i] = this.#starts[i]!;
      this.#texts[i] = '';
    }
  }

  startOf(edit: number): number {
    return this.#starts[edit]!;
  }

  endOf(edit: number): number {
    return this.#ends[edit]!;
  }

  /** Does it change anything, that is: was it neither taken back nor only reserved? */
  isReal(edit: number): boolean {
    return this.#ends[edit]! > this.#starts[edit]!;
  }

  mark(): Checkpoint {
    return { count: this.count, growth: this.growth, matches: this.matches };
  }

  restore(checkpoint: Checkpoint): void {
    this.count = checkpoint.count;
    this.growth = checkpoint.growth;
    this.matches = checkpoint.matches;
  }

  /** bytes[start, end) with the edits from number `first` on that lie within. */
  apply(bytes: Buffer, start = 0, end = bytes.length, first = 0): Buffer {
    let size = end - start;
    let last = first;
    for (; last < this.count && this.#ends[last]! <= end; last++) {
      size += this.#texts[last]!.length - (this.#ends[last]! - this.#starts[last]!);
    }
    const out = Buffer.allocUnsafe(size);
    let from = start;
    let at = 0;
    for (let i = first; i < last; i++) {
      at += copyBytes(bytes, from, this.#starts[i]!, out, at);
      at += writeText(this.#texts[i]!, out, at);
      from = this.#ends[i]!;
    }
    copyBytes(bytes, from, end, out, at);
    return out;
  }

  *[Symbol.iterator](): Generator<Edit> {
    for (let i = 0; i < this.count; i++)
      yield {
        start: this.#starts[i]!,
        end: this.#ends[i]!,
        text: this.#texts[i]!,
        isMatch: this.#areMatches[i]!,
      };
  }
}

/** Short stretches are copied here: a native call costs more than they do. */
const SHORT = 48;

function copyBytes(from: Buffer, start: number, end: number, out: Buffer, at: number): number {
  const length = end - start;
  if (length > SHORT) from.copy(out, at, start, end);
  else for (let i = 0; i < length; i++) out[at + i] = from[start + i]!;
  return length;
}

function writeText(text: string, out: Buffer, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return text.length;
}
