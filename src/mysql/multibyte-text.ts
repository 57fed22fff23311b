// Text in the character sets of Eastern Asia whose characters have bytes in them that look like ASCII: the second byte of
// a kana may be "p", "@" or a backslash. The rewriter reads UTF-8, so it is shown such a value as UTF-8, and what it made
// of that is put back into the column's own bytes. That is exact, since it never changes anything but ASCII.

import type { RewriteResult } from '../rewrite/rewriter.ts';

interface CharacterSet {
  /** As WHATWG's Encoding Standard calls it. */
  readonly encoding: string;
  isLead(byte: number): boolean;
  isTrail(byte: number): boolean;
  /** Of four bytes, the second and the last of which are digits. */
  readonly hasFour?: true;
}

const between = (byte: number, first: number, last: number): boolean => byte >= first && byte <= last;
const isTrail = (byte: number): boolean => byte >= 0x40 && byte !== 0x7f && byte <= 0xfe;
const SJIS: CharacterSet = {
  encoding: 'shift_jis',
  isLead: byte => between(byte, 0x81, 0x9f) || between(byte, 0xe0, 0xfc),
  isTrail: byte => isTrail(byte) && byte <= 0xfc,
};
const isWideLead = (byte: number): boolean => between(byte, 0x81, 0xfe);

/** By the servers' names. In the others of several bytes (utf8, ujis, eucjpms, gb2312) no byte looks like ASCII. */
const CHARACTER_SETS: ReadonlyMap<string, CharacterSet> = new Map([
  ['sjis', SJIS],
  ['cp932', SJIS],
  ['big5', { encoding: 'big5', isLead: byte => between(byte, 0xa1, 0xf9), isTrail }],
  ['gbk', { encoding: 'gbk', isLead: isWideLead, isTrail }],
  ['euckr', { encoding: 'euc-kr', isLead: isWideLead, isTrail }],
  ['gb18030', { encoding: 'gb18030', isLead: isWideLead, isTrail, hasFour: true }],
]);

type Rewrite = (value: Buffer) => RewriteResult;

/** A value, as units beyond ASCII stand for something else in it. */
interface View {
  readonly text: Buffer;
  /** In their order. */
  readonly units: readonly { readonly own: Buffer; readonly shown: Buffer }[];
}

/** The same rewriting for values in this character set: itself, where it reads them as they are. To be made once for a
 *  column, as it keeps what it has decoded. */
export function forCharset(charset: string | null, rewrite: Rewrite): Rewrite {
  const set = CHARACTER_SETS.get(charset ?? '');
  if (!set) return rewrite;
  const show = createShow(set.encoding);
  return value => {
    const asUtf8 = rewriteView(value, createView(value, set, show), rewrite);
    if (!asUtf8.left.includes('broken_serialized')) return asUtf8;
    // PHP counts the bytes that it was given: those of UTF-8, or, of a site that speaks this character set with its
    // database, these.
    const asOwn = rewriteView(value, createView(value, set, hide), rewrite);
    return asOwn.left.includes('broken_serialized') ? asUtf8 : asOwn;
  };
}

const REPLACEMENT = '\ufffd';
const HAS_ASCII = /\p{ASCII}/u;

/** The characters' UTF-8. */
function createShow(encoding: string): (unit: Buffer) => Buffer {
  const decoder = new TextDecoder(encoding);
  const known = new Map<string, Buffer>();
  return unit => {
    const name = unit.toString('latin1');
    let shown = known.get(name);
    if (!shown) {
      const text = decoder.decode(unit);
      // Of a pair that is none the decoder keeps a second byte that looks like ASCII. To the server it is one character.
      shown = Buffer.from(HAS_ASCII.test(text) ? REPLACEMENT : text);
      known.set(name, shown);
    }
    return shown;
  };
}

/** As many bytes, none of which looks like ASCII. */
const hide = (unit: Buffer): Buffer => unit.map(byte => byte | 0x80) as Buffer;

function createView(value: Buffer, set: CharacterSet, show: (unit: Buffer) => Buffer): View {
  const units: { own: Buffer; shown: Buffer }[] = [];
  const parts: Buffer[] = [];
  let plainFrom = 0;
  for (let at = 0; at < value.length; ) {
    if (value[at]! < 0x80) {
      at++;
      continue;
    }
    const own = value.subarray(at, at + measure(value, at, set));
    const shown = show(own);
    parts.push(value.subarray(plainFrom, at), shown);
    units.push({ own, shown });
    at += own.length;
    plainFrom = at;
  }
  parts.push(value.subarray(plainFrom));
  return { text: Buffer.concat(parts), units };
}

/** Of the character there, in bytes; of what is none, 1. */
function measure(value: Buffer, at: number, { isLead, isTrail: isSecond, hasFour }: CharacterSet): number {
  const [lead, second = 0, third = 0, fourth = 0] = value.subarray(at, at + 4);
  if (!isLead(lead!)) return 1;
  if (isSecond(second)) return 2;
  const isFour = hasFour && isDigit(second) && isWideLead(third) && isDigit(fourth);
  return isFour ? 4 : 1;
}

const isDigit = (byte: number): boolean => between(byte, 0x30, 0x39);

function rewriteView(value: Buffer, view: View, rewrite: Rewrite): RewriteResult {
  const result = rewrite(view.text);
  return result.changed ? { ...result, value: putBack(result.value, view) } : { ...result, value };
}

/** The units stand in their order; of some, those of a host, nothing may be left. */
function putBack(text: Buffer, { units }: View): Buffer {
  const parts: Buffer[] = [];
  let next = 0;
  let plainFrom = 0;
  for (let at = 0; at < text.length; ) {
    if (text[at]! < 0x80) {
      at++;
      continue;
    }
    const stands = ({ shown }: { shown: Buffer }): boolean =>
      text.compare(shown, 0, shown.length, at, at + shown.length) === 0;
    while (next < units.length && !stands(units[next]!)) next++;
    const unit = units[next++];
    if (!unit) throw new Error('The rewriter has put something else than ASCII into a text.');
    parts.push(text.subarray(plainFrom, at), unit.own);
    at += unit.shown.length;
    plainFrom = at;
  }
  parts.push(text.subarray(plainFrom));
  return Buffer.concat(parts);
}
