// A plugin that looks a long address up by its hash keeps both in one row: once the address is rewritten, the row is
// found no more. So where a value of the row is the hash of what another one was, it becomes the hash of what that one is
// now. No list of plugins: that one is the other's hash is seen in each row, and chance can't make it look so.

import { createHash } from 'node:crypto';
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
    createHash(name).update(text).digest();
const inHex =
  (hash: Hash): Hash =>
  text =>
    Buffer.from(hash(text).toString('hex'));
const inCapitals =
  (hash: Hash): Hash =>
  text =>
    Buffer.from(hash(text).toString('hex').toUpperCase());
/** As Yoast SEO has it: the length in bytes, a colon, the MD5. */
const withLength: Hash = text => Buffer.concat([Buffer.from(`${text.length}:`), inHex(digest('md5'))(text)]);
const checksum: Hash = text => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes;
};
const inDecimals: Hash = text => Buffer.from(String(crc32(text)));

/** By the length of the result, which is looked at before anything is computed. */
const BY_LENGTH: ReadonlyMap<number, readonly Hash[]> = new Map([
  [8, [inHex(checksum), inCapitals(checksum)]],
  [16, [digest('md5')]],
  [20, [digest('sha1')]],
  [32, [inHex(digest('md5')), inCapitals(digest('md5')), digest('sha256')]],
  [40, [inHex(digest('sha1')), inCapitals(digest('sha1'))]],
  [64, [inHex(digest('sha256')), inCapitals(digest('sha256'))]],
]);
const HEX = /^(?:[\da-f]+|[\dA-F]+)$/;
const WITH_LENGTH = /^\d{1,8}:[\da-f]{32}$/;
const DECIMAL = /^\d{1,10}$/;
/** Any number might be a CRC-32 by chance, of very many rows: such a column must also be called one. */
const NAMES = /hash|crc|checksum|digest|md5|sha/i;
const INTEGERS = /^(?:int|bigint)$/;
const LONGEST_WITH_LENGTH = 41;
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
      if (row.isNull(index) || values.some(value => value.index === index)) continue;
      const hash = row.value(index);
      const functions = listFunctions(hash, this.#columns[index]!);
      if (functions.length === 0) continue;
      const followed = findSource(hash, functions, values);
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

/** Those whose results look like this one. */
function listFunctions(hash: Buffer, { isBinary, isText }: Column): readonly Hash[] {
  if (!isText && !isBinary) return DECIMAL.test(hash.toString('latin1')) ? [inDecimals] : [];
  if (hash.length >= 34 && hash.length <= LONGEST_WITH_LENGTH && hash[hash.length - 33] === 0x3a)
    return WITH_LENGTH.test(hash.toString('latin1')) ? [withLength] : [];
  const functions = BY_LENGTH.get(hash.length);
  if (!functions) return [];
  return isBinary || HEX.test(hash.toString('latin1')) ? functions : [];
}

/** The new hash; null: it isn't that of any of them. */
function findSource(
  hash: Buffer,
  functions: readonly Hash[],
  values: readonly RewrittenValue[],
): Buffer | null {
  for (const { before, after } of values) {
    if (before.length > LONGEST_SOURCE) continue;
    const [old, fresh] = [before.toString('latin1'), after.toString('latin1')];
    for (const spell of SPELLINGS) {
      const text = Buffer.from(spell(old), 'latin1');
      const found = functions.find(make => make(text).equals(hash));
      if (found) return found(Buffer.from(spell(fresh), 'latin1'));
    }
  }
  return null;
}
