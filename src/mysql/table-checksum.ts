// A table's checksum that CLI and server compute alike: here from the bytes that are sent, there by one aggregate
// over the stored rows. Each value is hashed by itself (no concatenation of values that max_allowed_packet would
// turn into NULL), the hashes of a row are hashed together, and the rows' hashes are summed, so that their order
// doesn't matter. Only one aggregate: the server would compute the row's hash again for a second.
//
// A row's hash is hashed once more, as decimal text. CRC-32 alone is linear: two rows that exchange a value change in
// the same bits, and on average once in ten thousand times their sum stays the same. The digits of the text carry, so
// changes cancel out once in 2^32 times.

import { crc32 } from 'node:zlib';
import { isParsedJson, readParsed } from './json-text.ts';
import type { Column } from './read-columns.ts';
import type { Row } from './row.ts';
import { quoteName } from './table-names.ts';

/** The hash of NULL: "NULL" in ASCII. An empty string's is 0. */
const NULL_HASH = 0x4e_55_4c_4c;

/** Below this length a call into zlib costs more than the loop here. */
const SHORT_BYTES = 48;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
  return crc;
});

function hashBytes(buffer: Buffer, start: number, end: number): number {
  if (end - start > SHORT_BYTES) return crc32(buffer.subarray(start, end));
  let crc = -1;
  for (let i = start; i < end; i++) crc = CRC_TABLE[(crc ^ buffer[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Hashes rows; one per copy, as it keeps a buffer. */
export class RowHasher {
  readonly #hashes: Buffer;

  constructor(columnCount: number) {
    this.#hashes = Buffer.alloc(columnCount * 4);
  }

  hash(row: Row): number {
    const { buffers, starts, ends, columnCount } = row;
    const hashes = this.#hashes;
    let at = 0;
    for (let i = 0; i < columnCount; i++) {
      const start = starts[i]!;
      const hash = start < 0 ? NULL_HASH : hashBytes(buffers[i]!, start, ends[i]!);
      // As SQL's CHAR() does: big-endian, without leading zero bytes, at least one byte.
      if (hash > 0xff_ff_ff) hashes[at++] = hash >>> 24;
      if (hash > 0xff_ff) hashes[at++] = hash >>> 16;
      if (hash > 0xff) hashes[at++] = hash >>> 8;
      hashes[at++] = hash;
    }
    return hashDecimal(hashBytes(hashes, 0, at));
  }
}

const ZERO = 0x30;
const decimal = Buffer.alloc(10);

/** The hash of the number's text, as SQL's CRC32() takes a number. */
function hashDecimal(number: number): number {
  let at = decimal.length;
  let rest = number;
  do {
    const quotient = Math.floor(rest / 10);
    decimal[--at] = ZERO + (rest - quotient * 10);
    rest = quotient;
  } while (rest > 0);
  return hashBytes(decimal, at, decimal.length);
}

/** Where a sum of 32-bit numbers has to be carried over, to stay exact in a double. */
const CARRY = 2 ** 52;

/** A table's checksum, from the hashes of its rows. */
export class TableChecksum {
  rows = 0;
  #sum = 0;
  #carried = 0n;

  add(rowHash: number): void {
    this.rows++;
    this.#sum += rowHash;
    if (this.#sum >= CARRY) {
      this.#carried += BigInt(this.#sum);
      this.#sum = 0;
    }
  }

  /** Of the rows so far. */
  digest(): string {
    return formatChecksum(this.#carried + BigInt(this.#sum));
  }
}

/** The SQL aggregate that gives the same over stored rows; its result is for `formatChecksum`. Of no columns: 0. */
export function buildChecksumExpression(
  columns: readonly Column[],
  readValue: (column: Column) => string = buildSelectExpression,
): string {
  if (columns.length === 0) return '0';
  const hashes = columns.map(column => {
    const hash = `CRC32(${readValue(column)})`;
    return column.isNullable ? `IFNULL(${hash}, ${NULL_HASH})` : hash;
  });
  return `COALESCE(SUM(CRC32(CRC32(CHAR(${hashes.join(', ')})))), 0)`;
}

/** Of all the rows that the given ones are of; none of which may be in two of them. */
export function addChecksums(checksums: readonly string[]): string {
  return formatChecksum(checksums.reduce((sum, checksum) => sum + BigInt(`0x${checksum}`), 0n));
}

export function formatChecksum(sum: bigint | string): string {
  return BigInt(sum).toString(16).padStart(16, '0');
}

/** How a column is read so that its text tells its value exactly, at the source and for the checksum. */
export function buildSelectExpression(column: Column): string {
  const name = quoteName(column.name);
  const { endsOfTime: ends } = column;
  if (ends) return `IF(${name} = '${ends.source}', '${ends.target}', ${name})`;
  const isInexact =
    column.dataType === 'float' || (column.dataType === 'double' && column.columnType.includes('('));
  // A float is printed with six digits, one with a fixed number of decimals rounded; as a double with all that
  // matter. Multiplied, as adding 0 would lose the sign of -0.
  if (isInexact) return `${name} * 1e0`;
  return isParsedJson(column) ? readParsed(name) : name;
}
