// A plugin that looks a long address up by its hash keeps both in one row: once the address is rewritten, the row is
// found no more. So where a value of the row is the hash of what another one was, it becomes the hash of what that one is
// now. No list of plugins: that one is the other's hash is seen in each row, and chance can't make it look so.

import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Column } from './read-columns.ts';
import type { Row } from './row.ts';

/** A value that has just been rewritten. */
export interface RewrittenValue {
  readonly index: number;
  /** Valid as long as the row's bytes are. */
  readonly before: Buffer;
  readonly after: Buffer;
}

/** What programs make of an address before they hash it. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  text => text,
  text => text.toLowerCase(),
  text => text.replace(/\/+$/, ''),
  text => text.replace(/^[a-z]+:\/\//i, ''),
  text => text.replace(/^[a-z]+:\/\//i, '').replace(/\/+$/, ''),
];

type Hash = (text: Buffer) => Buffer;

const digest =
  (name: 'md5' | 'sha1' | 'sha256'): Hash =>
  text =>
    hash(name, text, 'buffer');
const inHex =
  (make: Hash): Hash =>
  text =>
    Buffer.from(make(text).toString('hex'));
const inCapitals =
  (make: Hash): Hash =>
  text =>
    Buffer.from(make(text).toString('hex').toUpperCase());
/** As Yoast SEO has it: the length in bytes, a colon, the MD5. */
const withLength: Hash = text => Buffer.concat([Buffer.from(`${text.length}:`), inHex(digest('md5'))(text)]);
const checksum: Hash = text => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes;
};
const inDecimals: Hash = text => Buffer.from(String(crc32(text)));

/** By the length of what they make. */
const AS_TEXT: ReadonlyMap<number, Hash> = new Map([
  [8, checksum],
  [32, digest('md5')],
  [40, digest('sha1')],
  [64, digest('sha256')],
]);
const AS_BYTES: ReadonlyMap<number, Hash> = new Map([
  [16, digest('md5')],
  [20, digest('sha1')],
  [32, digest('sha256')],
]);
const HEX = /^[\da-f]+$/;
const CAPITAL_HEX = /^[\dA-F]+$/;
const WITH_LENGTH = /^\d{1,8}:[\da-f]{32}$/;
const DECIMAL = /^\d{1,10}$/;
/** By lengths: may it be a hash? Asked of most values of most rows that change. */
const HASH_LENGTHS = new Uint8Array(65);
for (const length of [...AS_TEXT.keys(), ...AS_BYTES.keys(), 34, 35, 36, 37, 38, 39, 40, 41])
  HASH_LENGTHS[length] = 1;
/** Any number might be a CRC-32 by chance, of very many rows: such a column must also be called one. */
const NAMES = /hash|crc|checksum|digest|md5|sha/i;
const INTEGERS = /^(?:int|bigint)$/;
/** Bytes. What is longer is no address. */
const LONGEST_SOURCE = 8_192;

export class HashFollower {
  readonly #columns: readonly Column[];
  /** Indexes of the columns that may hold hashes. */
  readonly #candidates: readonly number[];

  constructor(columns: readonly Column[], skipColumns: ReadonlySet<string>) {
    this.#columns = columns;
    this.#candidates = [...columns.entries()]
      .filter(([, column]) => !skipColumns.has(column.name) && mayHoldHash(column))
      .map(([index]) => index);
  }

  get hasNone(): boolean {
    return this.#candidates.length === 0;
  }

  /** Replaces the hashes of what these values were. `told` gets the index of each column whose value was replaced (true),
   *  or by its name and look is one of their hashes, and none that is known here (false). */
  follow(
    row: Row,
    values: readonly RewrittenValue[],
    told: (index: number, isFollowed: boolean) => void,
  ): void {
    for (const index of this.#candidates) {
      const column = this.#columns[index]!;
      if (!isNumber(column) && HASH_LENGTHS[row.ends[index]! - row.starts[index]!] !== 1) continue;
      if (row.isNull(index) || values.some(value => value.index === index)) continue;
      const found = row.value(index);
      const functions = listFunctions(found, column);
      if (functions.length === 0) continue;
      const followed = findSource(found, functions, values);
      if (followed) row.replace(index, followed);
      if (followed || this.#isNamedAfter(index, values)) told(index, followed !== null);
    }
  }

  /** `permalink_hash` beside `permalink`. */
  #isNamedAfter(index: number, values: readonly RewrittenValue[]): boolean {
    const { name } = this.#columns[index]!;
    return (
      NAMES.test(name) &&
      values.some(value => name.toLowerCase().includes(this.#columns[value.index]!.name.toLowerCase()))
    );
  }
}

function mayHoldHash({ name, dataType, isText, isRewritable, isBinary, maxLength }: Column): boolean {
  if (INTEGERS.test(dataType)) return NAMES.test(name);
  if (isBinary) return /^(?:var)?binary|blob$/.test(dataType);
  return isText && isRewritable && (maxLength === null || maxLength >= 8);
}

const isNumber = ({ isBinary, isText }: Column): boolean => !isText && !isBinary;

/** Those whose results look like this one. */
function listFunctions(value: Buffer, column: Column): readonly Hash[] {
  const text = value.toString('latin1');
  if (isNumber(column)) return DECIMAL.test(text) ? [inDecimals] : [];
  if (WITH_LENGTH.test(text)) return [withLength];
  const make = AS_TEXT.get(value.length);
  const functions: Hash[] = [];
  if (make && HEX.test(text)) functions.push(inHex(make));
  if (make && CAPITAL_HEX.test(text)) functions.push(inCapitals(make));
  const makeBytes = column.isBinary && functions.length === 0 ? AS_BYTES.get(value.length) : undefined;
  return makeBytes ? [makeBytes] : functions;
}

/** The new hash; null: it isn't that of any of them. */
function findSource(
  wanted: Buffer,
  functions: readonly Hash[],
  values: readonly RewrittenValue[],
): Buffer | null {
  for (const { before, after } of values) {
    if (before.length > LONGEST_SOURCE) continue;
    const old = before.toString('latin1');
    const tried = new Set<string>();
    for (const spell of SPELLINGS) {
      const text = spell(old);
      if (tried.has(text)) continue;
      tried.add(text);
      const bytes = Buffer.from(text, 'latin1');
      const make = functions.find(one => one(bytes).equals(wanted));
      if (make) return make(Buffer.from(spell(after.toString('latin1')), 'latin1'));
    }
  }
  return null;
}
