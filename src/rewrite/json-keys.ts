// F13 Keys of JSON objects in a text, after its edits are known: where a rewritten key would become the same as another
// key of its object, PHP would keep one of the two values. Such a key stays as it was.
//
// Reads only texts with an edit in what looks like a key, each once for each way in which its quotes are spelled, and
// never back. What turns out to be no JSON ends the reading of that object, not of the text.

import { Buffer } from 'node:buffer';
import {
  AMPERSAND,
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  COLON,
  COMMA,
  isHostByte,
  PERCENT,
  PLUS,
  UNDERSCORE,
} from './bytes.ts';
import type { Edits } from './edits.ts';
import { findQuote, PLAIN, QUOTE_STARTS, type QuoteKind, quote, readQuote, skipSpace } from './json-quote.ts';
import { KeyEnds } from './key-ends.ts';
import type { KeyLedger } from './key-ledger.ts';
import { readUnitAfter } from './spelling.ts';

const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
/** PHP's json_decode() stops at 512 levels unless told otherwise. */
const MOST_LEVELS = 10_000;

interface Container {
  readonly isObject: boolean;
  /** Where its keys begin in the ledger. */
  readonly firstKey: number;
  readonly firstRewritten: number;
}

/** Takes back edits of bytes[start, end), which are those from `first` on. Returns whether there were any. */
export function leaveJsonKeys(
  bytes: Buffer,
  start: number,
  end: number,
  edits: Edits,
  first: number,
  keys: KeyLedger,
): boolean {
  const kinds = listKinds(bytes, edits, first);
  // Each of them on its own, as what one takes back another need not look at.
  const found = kinds.map(kind => new JsonKeys(bytes, start, end, edits, first, keys, kind).leave());
  return found.includes(true);
}

/** The quotes behind edits that a colon follows. */
function listKinds(bytes: Buffer, edits: Edits, first: number): QuoteKind[] {
  const kinds: QuoteKind[] = [];
  const ends = new KeyEnds();
  for (let i = first; i < edits.count; i++) if (edits.isReal(i)) ends.find(bytes, edits.endOf(i), kinds);
  return kinds;
}

/** What the reader waits for. */
type Expected = 'key' | 'value' | 'next';

class JsonKeys {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #edits: Edits;
  readonly #keys: KeyLedger;
  readonly #kind: QuoteKind;
  readonly #readKey: (bytes: Buffer, start: number, end: number) => string;
  readonly #open: Container[] = [];
  #at: number;
  /** Where the last string begins. Its first quote may have been the last one of a string before the object. */
  #resumeAt = 0;
  /** Where the last string ends. */
  #stringEnd = 0;
  /** The first edit that doesn't end before the place that is read. */
  #edit: number;
  #hasLeft = false;

  constructor(
    bytes: Buffer,
    start: number,
    end: number,
    edits: Edits,
    first: number,
    keys: KeyLedger,
    kind: QuoteKind,
  ) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#edits = edits;
    this.#edit = first;
    this.#keys = keys;
    this.#kind = kind;
    this.#readKey = kind.core === PLAIN ? readJsonText : readUnits;
  }

  /** Returns whether a key had to stay. */
  leave(): boolean {
    while (this.#findObject()) {
      this.#push(true);
      this.#resumeAt = this.#at;
      if (!this.#readObject()) this.#at = this.#resumeAt;
      // Also what is cut off or no JSON to its end may be an object for somebody.
      while (this.#open.length > 0) this.#pop();
    }
    return this.#hasLeft;
  }

  /** Behind the next brace that a quote of this kind follows; false: there is none. */
  #findObject(): boolean {
    const bytes = this.#bytes;
    const isSpelled = this.#kind.core !== PLAIN;
    for (let at = this.#at; at < this.#end; ) {
      const byte = bytes[at]!;
      const mayOpen = byte === BRACE_OPEN || (isSpelled && (byte === PERCENT || byte === AMPERSAND));
      const unit = mayOpen ? readUnitAfter(bytes, at) : undefined;
      if (unit?.code !== BRACE_OPEN) {
        at++;
        continue;
      }
      at = skipSpace(bytes, unit.end);
      if (!this.#isQuote(at)) continue;
      this.#at = at;
      return true;
    }
    this.#at = this.#end;
    return false;
  }

  /** Up to the end of the outermost object, or to what is no JSON: then false. */
  #readObject(): boolean {
    let expected: Expected | undefined = 'key';
    while (this.#open.length > 0) {
      this.#at = skipSpace(this.#bytes, this.#at);
      if (expected === undefined || this.#at >= this.#end) return false;
      if (expected === 'key') expected = this.#readPairKey();
      else if (expected === 'value') expected = this.#readValue();
      else expected = this.#readNext();
    }
    return true;
  }

  #readPairKey(): Expected | undefined {
    if (this.#takeCode(BRACE_CLOSE)) return this.#pop();
    const start = this.#readString();
    const end = this.#stringEnd;
    // JavaScript needs no quotes around names.
    if (start < 0 && !this.#skipWord()) return undefined;
    this.#at = skipSpace(this.#bytes, this.#at);
    if (!this.#takeCode(COLON)) return undefined;
    if (start >= 0) this.#noteKey(start, end);
    return 'value';
  }

  #readValue(): Expected | undefined {
    if (this.#readString() >= 0) return 'next';
    if (this.#takeCode(BRACE_OPEN)) return this.#push(true);
    if (this.#takeCode(BRACKET_OPEN)) return this.#push(false);
    if (!this.#open.at(-1)!.isObject && this.#takeCode(BRACKET_CLOSE)) return this.#pop();
    return this.#skipWord() ? 'next' : undefined;
  }

  #readNext(): Expected | undefined {
    const { isObject } = this.#open.at(-1)!;
    if (this.#takeCode(COMMA)) return isObject ? 'key' : 'value';
    return this.#takeCode(isObject ? BRACE_CLOSE : BRACKET_CLOSE) ? this.#pop() : undefined;
  }

  #push(isObject: boolean): Expected | undefined {
    if (this.#open.length >= MOST_LEVELS) return undefined;
    const { keyCount: firstKey, rewrittenCount: firstRewritten } = this.#keys;
    this.#open.push({ isObject, firstKey, firstRewritten });
    return isObject ? 'key' : 'value';
  }

  #pop(): Expected {
    const { firstKey, firstRewritten } = this.#open.pop()!;
    if (this.#keys.close(this.#bytes, firstKey, firstRewritten, this.#readKey)) this.#hasLeft = true;
    return 'next';
  }

  #isQuote(at: number): boolean {
    if (at >= this.#end || QUOTE_STARTS[this.#bytes[at]!] === 0) return false;
    readQuote(this.#bytes, at);
    return quote.core === this.#kind.core && quote.level === this.#kind.level;
  }

  /** Where the content of the string begins that stands here; -1: there is none, or it has no end. */
  #readString(): number {
    const { core, level } = this.#kind;
    if (!this.#isQuote(this.#at)) return -1;
    const start = quote.end;
    for (let at = findQuote(this.#bytes, start, this.#end); at < this.#end; ) {
      const isSame = quote.core === core;
      // Quotes of a JSON around this one end it; of one within it, or of another kind, are text.
      if (isSame && quote.level < level) return -1;
      if (isSame && quote.level === level) {
        this.#at = quote.end;
        this.#resumeAt = start;
        this.#stringEnd = quote.start;
        return start;
      }
      at = findQuote(this.#bytes, quote.end, this.#end);
    }
    return -1;
  }

  #takeCode(code: number): boolean {
    const byte = this.#bytes[this.#at]!;
    const isPlain = byte !== PERCENT && byte !== AMPERSAND && byte !== BACKSLASH;
    const unit = isPlain ? undefined : readUnitAfter(this.#bytes, this.#at);
    if ((unit?.code ?? byte) !== code) return false;
    this.#at = unit?.end ?? this.#at + 1;
    return true;
  }

  /** A number, `true`, `null`, a name. */
  #skipWord(): boolean {
    const from = this.#at;
    while (this.#at < this.#end && isWordByte(this.#bytes[this.#at]!)) this.#at++;
    return this.#at > from;
  }

  #noteKey(start: number, end: number): void {
    const edits = this.#edits;
    this.#keys.add(start, end);
    while (this.#edit < edits.count && edits.endOf(this.#edit) <= start) this.#edit++;
    const firstEdit = this.#edit;
    let isRewritten = false;
    for (; this.#edit < edits.count && edits.endOf(this.#edit) <= end; this.#edit++)
      isRewritten ||= edits.isReal(this.#edit);
    if (!isRewritten) return;
    const edited = edits.apply(this.#bytes, start, end, firstEdit);
    this.#keys.note({
      before: this.#readKey(this.#bytes, start, end),
      after: this.#readKey(edited, 0, edited.length),
      firstEdit,
      lastEdit: this.#edit,
    });
  }
}

function isWordByte(byte: number): boolean {
  return isHostByte(byte) || byte === UNDERSCORE || byte === PLUS || byte === 0x24;
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The text of a string of JSON, at any level: one backslash or many before a character mean that character. */
function readJsonText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, end);
  if (!text.includes('\\')) return text;
  return text
    .replaceAll(/(?:\\+u[0-9a-f]{4})+/gi, escapes => {
      const units = escapes.match(/[0-9a-f]{4}/gi)!.map(hex => Number.parseInt(hex, 16));
      return Buffer.from(String.fromCharCode(...units)).toString('latin1');
    })
    .replaceAll(/\\+(.?)/gs, (_, char: string) => CONTROLS[char] ?? (char || '\\'));
}

/** The same in other spellings, byte by byte. */
function readUnits(bytes: Buffer, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; ) {
    const unit = readUnitAfter(bytes, at);
    text += String.fromCharCode(unit.code);
    at = unit.end;
  }
  return text;
}
