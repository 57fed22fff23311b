// Whether edits of a text are in keys of JSON: whether the string that they are in ends with a quote and a colon. Which
// quote ends it, one can't tell from there, as behind the edit there may be quotes within the string; but those have more
// backslashes, or another spelling, than the one that ends it.

import type { Buffer } from 'node:buffer';
import { AMPERSAND, BACKSLASH, BRACE_OPEN, COMMA, PERCENT, QUOTE, SPACE } from './bytes.ts';
import type { Edits } from './edits.ts';
import {
  findPlainQuote,
  findQuote,
  isKeyEnd,
  PLAIN,
  QUOTE_STARTS,
  type QuoteKind,
  quote,
} from './json-quote.ts';

/** Quotes in other spellings may stand in a string that ends with a plain one, whatever their level. */
const SPELLED = 8;
const ORDERS = 2 * SPELLED;

interface FoundQuote extends QuoteKind {
  readonly at: number;
  readonly order: number;
  readonly endsKey: boolean;
}

/** Of one buffer, asked for places that only grow: each byte is looked at once for each level. */
export class KeyEnds {
  /** By order: the first quote of that order or a lower one behind the place that was asked for last. */
  readonly #known: (FoundQuote | undefined)[] = new Array<undefined>(ORDERS).fill(undefined);

  reset(): void {
    this.#known.fill(undefined);
  }

  /** Is one of the edits from number `first` on in what may be a key? */
  areInKey(bytes: Buffer, edits: Edits, first: number): boolean {
    for (let i = first; i < edits.count; i++) {
      if (edits.isReal(i) && this.find(bytes, edits.endOf(i))) return true;
    }
    return false;
  }

  /** May bytes[…, from) be in a key? Of all quotes that may end it, `kinds` gets those that do. */
  find(bytes: Buffer, from: number, kinds?: QuoteKind[]): boolean {
    let isFound = false;
    let order = ORDERS;
    for (let at = from; order > 0; ) {
      const next = this.#findBelow(bytes, order, at);
      if (next.endsKey) {
        isFound = true;
        if (kinds === undefined) return true;
        addKind(kinds, next);
      }
      at = next.at;
      order = next.order;
    }
    return isFound;
  }

  /** The first quote of an order below `limit` at or behind `from`; order 0 also when there is none. */
  #findBelow(bytes: Buffer, limit: number, from: number): FoundQuote {
    const known = this.#known[limit - 1];
    if (known !== undefined && known.at >= from) return known;
    let found: FoundQuote | undefined;
    for (let at = from; found === undefined; ) {
      at = findQuote(bytes, at, bytes.length);
      const isEnd = at === bytes.length;
      const order = isEnd ? 0 : Math.min(quote.level, SPELLED - 1) + (quote.core === PLAIN ? 0 : SPELLED);
      if (order < limit) {
        const { core, level } = quote;
        found = { core, level, at, order, endsKey: !isEnd && isKeyEnd(bytes, quote.end) };
      } else at = quote.end;
    }
    this.#known[limit - 1] = found;
    return found;
  }
}

function addKind(kinds: QuoteKind[], { core, level }: QuoteKind): void {
  if (!kinds.some(kind => kind.core === core && kind.level === level)) kinds.push({ core, level });
}

/** So far a scheme reaches, also one with escaped slashes. */
const LOOK_BACK = 12;
/** In shorter values, to search for an object costs more than it saves. */
const LONG_VALUE = 256;
/** What may belong to an object's first brace and quote. */
const OPENINGS = new Uint8Array(256);
for (const byte of [BRACE_OPEN, QUOTE, BACKSLASH, PERCENT, AMPERSAND]) OPENINGS[byte] = 1;

/** May any of the edits be in a key? Asked of each value that was rewritten, of which nearly none has one: so it says no
 *  as soon as it can, and yes where it would take long to be sure. */
export function mayBeInKey(bytes: Buffer, edits: Edits): boolean {
  const { count } = edits;
  if (bytes.length > LONG_VALUE && !mayHaveObject(bytes)) return false;
  let noKeyTo = -1;
  for (let i = 0; i < count; i++) {
    const start = edits.startOf(i);
    const end = edits.endOf(i);
    if (end === start || end <= noKeyTo || cantBeKey(bytes, start)) continue;
    // Nearly always a plain quote follows, and what follows that is no colon.
    noKeyTo = findPlainQuote(bytes, end);
    if (noKeyTo < 0) return true;
  }
  return false;
}

/** Enough of them for a small serialized array. */
const MOST_BRACES = 8;

/** Is there a brace with a quote behind it, or what may spell one? Braces of serialized data have none. */
function mayHaveObject(bytes: Buffer): boolean {
  let at = bytes.indexOf(BRACE_OPEN);
  for (let i = 0; at >= 0; at = bytes.indexOf(BRACE_OPEN, at + 1)) {
    let next = at + 1;
    while (bytes[next]! <= SPACE) next++;
    if (QUOTE_STARTS[bytes[next] ?? 0] === 1 || ++i > MOST_BRACES) return true;
  }
  at = bytes.indexOf(PERCENT);
  for (let i = 0; at >= 0; at = bytes.indexOf(PERCENT, at + 1)) {
    // `%7B`, `%257B`
    if (bytes[at + 1] === 0x37 || bytes[at + 1] === 0x32 || ++i > MOST_BRACES) return true;
  }
  return false;
}

/** Is a host no part of a key for what stands before it, as nearly all are: it begins the value, but for a scheme, or a
 *  string that follows neither a brace nor a comma? */
function cantBeKey(bytes: Buffer, host: number): boolean {
  const first = host > LOOK_BACK ? host - LOOK_BACK : 0;
  let at = host - 1;
  while (at >= first && OPENINGS[bytes[at]!] === 0) at--;
  if (at < first) return first === 0;
  return bytes[at] === QUOTE && followsNoPair(bytes, at);
}

/** Of a plain quote: can't it be the first one of a key? */
function followsNoPair(bytes: Buffer, quoteAt: number): boolean {
  let at = quoteAt - 1;
  while (at >= 0 && bytes[at]! <= SPACE) at--;
  const byte = at < 0 ? QUOTE : bytes[at]!;
  // Behind a backslash it may stand in the key itself.
  return byte !== BRACE_OPEN && byte !== COMMA && byte !== BACKSLASH;
}
