// One pass over a value, which is text. Text may hold serialized data anywhere; the strings of serialized data are
// text again. The walk keeps its own stack, so nesting costs memory, never the call stack, and it only ever reads
// on: what turns out broken is dropped by taking back edits, and is not read again.

import { Buffer } from 'node:buffer';
import { findBrokenEnd } from './broken-end.ts';
import { BACKSLASH, BRACE_CLOSE, BRACE_OPEN, COLON, QUOTE, SEMICOLON, ZERO } from './bytes.ts';
import { type Engine, MatchCollector } from './collect-matches.ts';
import { type Checkpoint, Edits } from './edits.ts';
import { type EscapeLayer, findEscapedEnd, spellInLayer, unescapeHex, unescapeText } from './escape-layer.ts';
import { type Escaping, findHead, isQuoteOfHead, readEscaping } from './find-head.ts';
import type { ContainerFrame, Holder, TextFrame } from './frames.ts';
import { NO_HIT } from './hits.ts';
import { leaveJsonKeys } from './json-keys.ts';
import { KeyEnds, mayBeInKey } from './key-ends.ts';
import { KeyLedger } from './key-ledger.ts';
import { number, readNumber, skipScalar, skipString, TYPE } from './serialized-tokens.ts';

/** Why text with a source host was left. `broken_serialized`: wrong lengths or counts, or cut off, at the source.
 *  `key_collision`: the array, or the object of JSON, has the new key already. `email`: an address, which the policy
 *  leaves. `too_deep`: nested beyond what PHP itself would read, or escaped so often that unescaping it would take too
 *  much memory. */
export type LeftReason = 'broken_serialized' | 'key_collision' | 'email' | 'too_deep';

/** PHP's unserialize() stops at 4,096 levels unless told otherwise. */
const MOST_LEVELS = 250_000;
/** JSON in JSON in JSON: each layer is copied once. */
const MOST_LAYERS = 16;
/** Bytes in all layers that are open at once, one within another. Each takes five bytes of memory. */
const MOST_UNESCAPED = 2 ** 26;
const LONGEST_IDENTIFIER = 256;
const IDENTIFIER = /^[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*$/;

/** What a reader of a token returns instead of the token's end. */
const BROKEN = -1;
const TOO_DEEP = -2;
/** The token goes on in a frame of its own. */
const OPENED = -3;
const NO_BYTES = Buffer.alloc(0);

/** One walk at a time; a walk is used again and again, so that small values cost no allocations of its own. */
export class ValueWalk {
  readonly edits = new Edits();
  readonly left = new Set<LeftReason>();
  readonly #engine: Engine;
  readonly #layer: number;
  readonly #matches: MatchCollector;
  readonly #keys: KeyLedger;
  readonly #keyEnds = new KeyEnds();
  readonly #frames: (TextFrame | ContainerFrame)[] = [];
  /** The texts among the frames. */
  readonly #texts: TextFrame[] = [];
  #bytes: Buffer = NO_BYTES;
  /** Whether keys of JSON are looked at: only where, in a first walk, something was rewritten that looks like one. */
  #mindsKeys = false;
  /** Bytes that may still be looked at twice. Only hostile values use it up. */
  #spare = 0;
  /** The place in serialized data. */
  #at = 0;
  /** The end of the innermost text: serialized data in it ends there at the latest. */
  #limit = 0;
  #inner: ValueWalk | undefined;
  /** Bytes in this layer and those around it. */
  #unescaped = 0;

  constructor(engine: Engine, layer = 0) {
    this.#engine = engine;
    this.#layer = layer;
    this.#matches = new MatchCollector(engine, this.edits);
    this.#keys = new KeyLedger(this.edits);
  }

  /** Reads the value; `edits` and `left` then tell the outcome, until the next run. Returns whether there was
   *  anything to look at. */
  run(bytes: Buffer, unescaped = 0): boolean {
    this.#matches.reset();
    if (this.#matches.findHit(bytes, 0) === NO_HIT) return false;
    this.#walk(bytes, unescaped);
    return true;
  }

  /** Apart from run(), which most values leave at once: small enough for the compiler to put in its callers' place. */
  #walk(bytes: Buffer, unescaped: number): void {
    // Who is traced tells all at once.
    this.#mindsKeys = this.#engine.trace !== undefined;
    this.#walkOnce(bytes, unescaped);
    if (this.edits.matches === 0 || bytes.length < this.#engine.index.shortestPair || this.#mindsKeys) return;
    if (mayBeInKey(bytes, this.edits)) {
      this.#mindsKeys = true;
      this.#matches.reset();
      this.#walkOnce(bytes, unescaped);
    }
  }

  #walkOnce(bytes: Buffer, unescaped: number): void {
    this.edits.clear();
    // Each is asked first: to empty what is empty costs as much as rewriting a short value.
    if (this.left.size > 0) this.left.clear();
    this.#keys.clear();
    if (this.#mindsKeys) this.#keyEnds.reset();
    // Not empty after an exception: a bug, but no reason to spoil the next value.
    if (this.#frames.length > 0) {
      this.#frames.length = 0;
      this.#texts.length = 0;
    }
    this.#bytes = bytes;
    this.#unescaped = unescaped;
    this.#spare = 4 * bytes.length + 1024;
    this.#pushText(0, 0, bytes.length, undefined);
    for (let top = this.#frames.at(-1); top !== undefined; top = this.#frames.at(-1)) {
      if (top.isText) this.#readText(top);
      else this.#readContainer(top);
    }
    if (this.#matches.emails > 0) this.left.add('email');
    this.#bytes = NO_BYTES;
  }

  /** `at`: how far it is read. */
  #pushText(start: number, at: number, end: number, holder: Holder | undefined, hasJsonKey = false): void {
    const unsorted = this.edits.count;
    const text: TextFrame = { isText: true, start, end, at, value: undefined, holder, unsorted, hasJsonKey };
    this.#frames.push(text);
    this.#texts.push(text);
    this.#engine.trace?.enterText(this.#bytes, text);
    this.#limit = end;
  }

  /** Up to the next serialized value in the text that takes a frame of its own, or to the text's end. */
  #readText(text: TextFrame): void {
    const bytes = this.#bytes;
    const matches = this.#matches;
    for (let hit = matches.findHit(bytes, text.at); hit < text.end; hit = matches.findHit(bytes, text.at)) {
      // A needle may be as short as the letter that a head begins with.
      const at = findHead(bytes, text.at, hit + 1, text.end);
      if (at < 0) {
        text.at = matches.collect(bytes, hit);
        continue;
      }
      matches.flush();
      this.#sortEdits(text);
      text.value = { at, mark: this.edits.mark(), seen: matches.seen, isQuoted: false };
      const end = this.#readValue(at);
      if (end < 0) {
        this.#stop(at, end);
        return;
      }
      this.#leaveValue(text, end);
    }
    this.#closeText(text);
  }

  #closeText(text: TextFrame): void {
    const { start, end, holder } = text;
    this.#matches.flush();
    this.#sortEdits(text);
    if (text.hasJsonKey) this.#leaveJsonKeys(start, end, holder?.mark.count ?? 0);
    this.#frames.pop();
    this.#texts.pop();
    this.#engine.trace?.leaveText();
    if (holder === undefined) return;
    this.#limit = this.#texts.at(-1)!.end;
    this.#fixHolder(holder, end - holder.length, end, this.edits.growth - holder.mark.growth);
    this.#completeValue(end + holder.closing);
  }

  /** Looks whether one of the text's edits, which are all of those so far, is in a key of JSON. */
  #sortEdits(text: TextFrame): void {
    if (!this.#mindsKeys) return;
    const { count } = this.edits;
    if (text.unsorted < count && !text.hasJsonKey)
      text.hasJsonKey = this.#keyEnds.areInKey(this.#bytes, this.edits, text.unsorted);
    text.unsorted = count;
  }

  /** Of the text bytes[start, end), whose edits are those from `first` on. */
  #leaveJsonKeys(start: number, end: number, first: number): void {
    if (leaveJsonKeys(this.#bytes, start, end, this.edits, first, this.#keys)) this.left.add('key_collision');
  }

  /** The content bytes[start, end) of a string was read, and grew by so many bytes. */
  #fixHolder(
    { lengthStart, lengthEnd, length, isKey, mark }: Holder,
    start: number,
    end: number,
    growth: number,
  ): void {
    if (this.edits.matches === mark.matches) return;
    this.#fixLength(mark.count, lengthStart, lengthEnd, length, growth);
    if (isKey) this.#keys.noteRewritten(this.#bytes, start, end, mark);
  }

  /** Keeps a place for a length, before the edits of what it is the length of. */
  #reserveLength(at: number): Checkpoint {
    const mark = this.edits.mark();
    this.edits.reserve(at);
    return mark;
  }

  /** Up to the container's end, or to the next thing in it that takes a frame of its own. */
  #readContainer(container: ContainerFrame): void {
    while (this.#skipSimple(container)) {
      const at = this.#at;
      const end = container.expectsKey ? this.#readKey(at, container) : this.#readValue(at);
      if (end < 0) {
        this.#stop(at, end);
        return;
      }
      this.#passPart(container, end);
    }
    const at = this.#at;
    if (at < this.#limit && this.#bytes[at] === BRACE_CLOSE) this.#closeContainer(container, at + 1);
    else this.#giveUp(at, 'broken_serialized');
  }

  /** Reads on over keys and values that are numbers, or strings without a hit: most of them are. Returns whether
   *  more is to come. */
  #skipSimple(container: ContainerFrame): boolean {
    const bytes = this.#bytes;
    const limit = this.#limit;
    const hit = this.#matches.findHit(bytes, this.#at);
    let { left, expectsKey } = container;
    let at = this.#at;
    let hasString = false;
    for (; left > 0; expectsKey = !expectsKey) {
      const type = bytes[at];
      const isString = type === TYPE.string;
      if (expectsKey && !isString && type !== TYPE.integer) break;
      const end = isString ? skipString(bytes, at, limit) : skipScalar(bytes, at, limit);
      if (end < 0 || end > hit) break;
      if (isString) hasString = true;
      if (isString && expectsKey) this.#keys.add(number.end + 2, end - 2);
      if (!expectsKey) left--;
      at = end;
    }
    if (hasString) this.#texts.at(-1)!.value!.isQuoted = true;
    this.#at = at;
    container.left = left;
    container.expectsKey = expectsKey;
    return left > 0;
  }

  #closeContainer({ firstKey, firstRewritten }: ContainerFrame, end: number): void {
    if (this.#keys.close(this.#bytes, firstKey, firstRewritten)) this.left.add('key_collision');
    this.#frames.pop();
    this.#completeValue(end);
  }

  /** `why`: what the reader of the token at `at` returned instead of its end. */
  #stop(at: number, why: number): void {
    if (why !== OPENED) this.#giveUp(at, why === BROKEN ? 'broken_serialized' : 'too_deep');
  }

  /** What is directly in the innermost frame is read up to `end`. */
  #completeValue(end: number): void {
    const top = this.#frames.at(-1)!;
    if (top.isText) this.#leaveValue(top, end);
    else this.#passPart(top, end);
  }

  #leaveValue(text: TextFrame, end: number): void {
    text.at = end;
    text.value = undefined;
    text.unsorted = this.edits.count;
  }

  #passPart(container: ContainerFrame, end: number): void {
    this.#at = end;
    if (!container.expectsKey) container.left--;
    container.expectsKey = !container.expectsKey;
  }

  // Each of these reads one token of serialized data at `at` and returns its end, or BROKEN, TOO_DEEP, OPENED.

  #readValue(at: number): number {
    switch (this.#bytes[at]) {
      case TYPE.string:
      case TYPE.escapedString:
        return this.#readString(at, undefined);
      case TYPE.array:
        return this.#readContainerHead(at + 2, false);
      case TYPE.object:
        return this.#readContainerHead(this.#skipName(at, COLON), true);
      case TYPE.custom:
        return this.#readCustom(this.#skipName(at, COLON));
      case TYPE.enum:
        return this.#skipName(at, SEMICOLON);
      default:
        return skipScalar(this.#bytes, at, this.#limit);
    }
  }

  #readKey(at: number, container: ContainerFrame): number {
    const type = this.#bytes[at];
    if (type === TYPE.integer) return skipScalar(this.#bytes, at, this.#limit);
    return type === TYPE.string || type === TYPE.escapedString ? this.#readString(at, container) : BROKEN;
  }

  /** `countAt`: where the number of pairs stands, then `:{`; or BROKEN. */
  #readContainerHead(countAt: number, isObject: boolean): number {
    const start = this.#readCount(countAt, BRACE_OPEN);
    if (start === BROKEN) return BROKEN;
    if (this.#frames.length >= MOST_LEVELS) return TOO_DEEP;
    const { keyCount: firstKey, rewrittenCount: firstRewritten } = this.#keys;
    this.#frames.push({
      isText: false,
      left: number.value,
      expectsKey: true,
      isObject,
      firstKey,
      firstRewritten,
    });
    this.#at = start;
    return OPENED;
  }

  /** Reads `len:` and an opening character at `at`; returns where the content begins, or BROKEN. Leaves the number
   *  and its end in `number`. The opening may be the mark that closes the text: then no end is found within it. */
  #readCount(at: number, opening: number): number {
    if (at === BROKEN || !readNumber(this.#bytes, at, this.#limit) || this.#bytes[number.end] !== COLON)
      return BROKEN;
    return this.#bytes[number.end + 1] === opening ? number.end + 2 : BROKEN;
  }

  /** The same for the length of something quoted. */
  #readLength(at: number): number {
    const start = this.#bytes[at + 1] === COLON ? this.#readCount(at + 2, QUOTE) : BROKEN;
    if (start !== BROKEN) this.#texts.at(-1)!.value!.isQuoted = true;
    return start;
  }

  /** Behind `O:len:"name"` and the byte that must follow; or BROKEN. Names of classes are never rewritten. */
  #skipName(at: number, following: number): number {
    const start = this.#readLength(at);
    const end = start + number.value;
    if (start === BROKEN || end + 1 >= this.#limit) return BROKEN;
    return this.#bytes[end] === QUOTE && this.#bytes[end + 1] === following ? end + 2 : BROKEN;
  }

  /** `keyOf`: the container whose key it is, if it is one. */
  #readString(at: number, keyOf: ContainerFrame | undefined): number {
    const start = this.#readLength(at);
    if (start === BROKEN) return BROKEN;
    const { value: length, end: lengthEnd } = number;
    const mayEscape = this.#bytes[at] === TYPE.escapedString;
    const most = Math.min(length, this.#limit - start);
    if (mayEscape && !this.#spend(most)) return TOO_DEEP;
    const isEscaped = mayEscape && this.#bytes.subarray(start, start + length).includes(BACKSLASH);
    if (isEscaped && !this.#mayUnescape(most)) return TOO_DEEP;
    const layer = isEscaped ? unescapeHex(this.#bytes, start, this.#limit, length) : undefined;
    const end = isEscaped ? (layer?.end ?? this.#limit) : start + length;
    if (end + 1 >= this.#limit || this.#bytes[end] !== QUOTE || this.#bytes[end + 1] !== SEMICOLON)
      return BROKEN;
    if (keyOf !== undefined) this.#keys.add(start, end);
    if (this.#matches.findHit(this.#bytes, start) >= end) return end + 2;
    if (keyOf?.isObject && this.#isPropertyName(start, end)) return end + 2;
    if (this.#frames.length >= MOST_LEVELS) return TOO_DEEP;
    const isKey = keyOf !== undefined;
    if (!isKey && layer === undefined && this.#engine.trace === undefined)
      return this.#readPlainString(at + 2, lengthEnd, start, end);
    const mark = this.#reserveLength(at + 2);
    const holder = { lengthStart: at + 2, lengthEnd, length, isKey, closing: 2, mark };
    if (layer === undefined) {
      this.#pushText(start, start, end, holder);
      return OPENED;
    }
    const growth = this.#walkLayer(layer);
    this.#fixHolder(holder, start, end, growth);
    return end + 2;
  }

  /** A string whose content bytes[start, end) has a hit, and hardly ever serialized data: only then does it take a
   *  frame. */
  #readPlainString(lengthStart: number, lengthEnd: number, start: number, end: number): number {
    const { edits } = this;
    const bytes = this.#bytes;
    const matches = this.#matches;
    const { count, growth, matches: matchesBefore } = edits;
    edits.reserve(lengthStart);
    let at = start;
    for (let hit = matches.findHit(bytes, at); hit < end; hit = matches.findHit(bytes, at)) {
      if (findHead(bytes, at, hit + 1, end) >= 0) {
        const mark = { count, growth, matches: matchesBefore };
        const length = end - start;
        const holder = { lengthStart, lengthEnd, length, isKey: false, closing: 2, mark };
        matches.flush();
        this.#pushText(
          start,
          at,
          end,
          holder,
          this.#mindsKeys && this.#keyEnds.areInKey(bytes, edits, count),
        );
        return OPENED;
      }
      at = matches.collect(bytes, hit);
    }
    matches.flush();
    if (this.#mindsKeys && this.#keyEnds.areInKey(bytes, edits, count))
      this.#leaveJsonKeys(start, end, count);
    this.#fixLength(count, lengthStart, lengthEnd, end - start, edits.growth - growth);
    return end + 2;
  }

  #fixLength(reserved: number, lengthStart: number, lengthEnd: number, length: number, growth: number): void {
    if (growth === 0) return;
    // Leading zeros are legal, and are kept.
    const digits = String(length + growth);
    const hasZeros = this.#bytes[lengthStart] === ZERO;
    this.edits.fill(reserved, lengthEnd, hasZeros ? digits.padStart(lengthEnd - lengthStart, '0') : digits);
  }

  /** An `S:` string is looked at byte by byte, and again as text if it turns out broken. That must end. */
  #spend(bytes: number): boolean {
    this.#spare -= bytes;
    return this.#spare >= 0;
  }

  /** Declared properties are names of the class's own: identifiers, and private ones with the class's name. */
  #isPropertyName(start: number, end: number): boolean {
    if (this.#bytes[start] === 0) return true;
    return IDENTIFIER.test(this.#bytes.toString('latin1', start, Math.min(end, start + LONGEST_IDENTIFIER)));
  }

  /** The body of a `C:` object is the class's own affair: text, whose length is known. */
  #readCustom(lengthStart: number): number {
    const start = this.#readCount(lengthStart, BRACE_OPEN);
    if (start === BROKEN) return BROKEN;
    const { value: length, end: lengthEnd } = number;
    const end = start + length;
    if (end >= this.#limit || this.#bytes[end] !== BRACE_CLOSE) return BROKEN;
    if (this.#matches.findHit(this.#bytes, start) >= end) return end + 1;
    if (this.#frames.length >= MOST_LEVELS) return TOO_DEEP;
    const mark = this.#reserveLength(lengthStart);
    this.#pushText(start, start, end, { lengthStart, lengthEnd, length, isKey: false, closing: 1, mark });
    return OPENED;
  }

  /** Reads the escaped text that begins at `at` as a layer, where it can be. */
  #readEscaped(text: TextFrame, at: number, escaping: Escaping): void {
    const end = findEscapedEnd(this.#bytes, at, text.end, escaping);
    if (isQuoteOfHead(this.#bytes, at, end)) this.#leave(text, at, text.end, at, 'broken_serialized');
    else if (!this.#mayUnescape(end - at)) this.#leave(text, at, end, at, 'too_deep');
    else {
      this.#walkLayer(unescapeText(this.#bytes, at, end, escaping));
      text.at = end;
    }
  }

  /** Deeper and bigger ones than anybody means to write could take all memory. */
  #mayUnescape(bytes: number): boolean {
    return this.#layer < MOST_LAYERS && this.#unescaped + bytes <= MOST_UNESCAPED;
  }

  /** Rewrites a layer and carries its edits over. Returns by how much the layer grew. */
  #walkLayer(layer: EscapeLayer): number {
    this.#inner ??= new ValueWalk(this.#engine, this.#layer + 1);
    const { edits, left } = this.#inner;
    this.#engine.trace?.enterLayer(layer);
    const hasHit = this.#inner.run(layer.bytes, this.#unescaped + layer.offsets.length);
    this.#engine.trace?.leaveLayer();
    if (!hasHit) return 0;
    for (const { start, end, text, isMatch } of edits) {
      const spelled = spellInLayer(layer, this.#bytes, start, end, text);
      this.edits.add(layer.offsets[start]!, layer.offsets[end]!, spelled, isMatch);
    }
    this.#matches.seen += edits.matches;
    for (const reason of left) this.left.add(reason);
    return edits.growth;
  }

  /** The token at `at` is not what it must be: gives up the serialized value that it is in, up to where that may
   *  end. Unless it is one behind backslashes: then that is read as a layer. */
  #giveUp(at: number, reason: LeftReason): void {
    const text = this.#texts.at(-1)!;
    const value = text.value!;
    const open = this.#closeUpTo(text);
    text.value = undefined;
    const escaping = value.isQuoted ? undefined : readEscaping(this.#bytes, at, text.end);
    if (escaping !== undefined) {
      this.#readEscaped(text, value.at, escaping);
      return;
    }
    this.edits.restore(value.mark);
    if (this.#matches.seen > value.seen) this.left.add(reason);
    const end = value.at === text.start ? text.end : findBrokenEnd(this.#bytes, at, open, text.end);
    this.#leave(text, value.at, end, at, reason);
  }

  /** Leaves bytes[from, to) of a text as they are, all matches in them. `at`: what can't be read. */
  #leave(text: TextFrame, from: number, to: number, at: number, reason: LeftReason): void {
    text.at = to;
    const isInEscapedString = this.#bytes[at] === TYPE.escapedString;
    if (this.#matches.hasMatch(this.#bytes, at, to, isInEscapedString)) this.left.add(reason);
    this.#engine.trace?.giveUp(from, at, reason);
  }

  /** Drops the frames above a text, and returns how many there were. */
  #closeUpTo(text: TextFrame): number {
    let dropped = 0;
    for (let top = this.#frames.at(-1)!; top !== text; top = this.#frames.at(-1)!) {
      if (!top.isText) this.#keys.drop(top.firstKey, top.firstRewritten);
      this.#frames.pop();
      dropped++;
    }
    return dropped;
  }
}
