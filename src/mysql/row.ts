// One row on its way from source to target, as places in buffers. A copy has one Row and reuses it for every row:
// nothing is allocated for a value that passes through untouched.

import { isUtf8 } from 'node:buffer';
import type { Column } from './read-columns.ts';

const NULL_MARK = 0xfb;
const NULL_START = -1;

export class Row {
  readonly columnCount: number;
  /** Where each value lies: `buffers[i][starts[i]..ends[i])`. */
  readonly buffers: Buffer[];
  readonly starts: number[];
  readonly ends: number[];
  /** Of all values together. */
  sizeBytes = 0;

  constructor(columnCount: number) {
    this.columnCount = columnCount;
    this.buffers = new Array<Buffer>(columnCount).fill(Buffer.alloc(0));
    this.starts = new Array<number>(columnCount).fill(NULL_START);
    this.ends = new Array<number>(columnCount).fill(NULL_START);
  }

  /** Takes the row in the text protocol's packet `buffer[start..)`: each value has its length before it. */
  read(buffer: Buffer, start: number): void {
    const { buffers, starts, ends, columnCount } = this;
    let at = start;
    let sizeBytes = 0;
    for (let i = 0; i < columnCount; i++) {
      buffers[i] = buffer;
      let length = buffer[at++]!;
      if (length >= NULL_MARK) {
        if (length === NULL_MARK) {
          starts[i] = ends[i] = NULL_START;
          continue;
        }
        const lengthBytes = length === 0xfc ? 2 : length === 0xfd ? 3 : 8;
        // No value is longer than 4 GB, so the upper half of eight bytes is zero.
        length = buffer.readUIntLE(at, Math.min(lengthBytes, 4));
        at += lengthBytes;
      }
      starts[i] = at;
      at += length;
      ends[i] = at;
      sizeBytes += length;
    }
    this.sizeBytes = sizeBytes;
  }

  isNull(column: number): boolean {
    return this.starts[column] === NULL_START;
  }

  /** The value's bytes, not a copy of them. */
  value(column: number): Buffer {
    return this.buffers[column]!.subarray(this.starts[column], this.ends[column]);
  }

  replace(column: number, value: Buffer): void {
    this.sizeBytes += value.length - (this.ends[column]! - this.starts[column]!);
    this.buffers[column] = value;
    this.starts[column] = 0;
    this.ends[column] = value.length;
  }
}

/** Names a row for people by its primary key: `option_id=12`. null: the table has none. */
export function describeKey(row: Row, columns: readonly Column[]): string | null {
  const parts = columns.flatMap((column, i) =>
    column.isKey ? [`${column.name}=${describeValue(row, i, column)}`] : [],
  );
  return parts.length > 0 ? parts.join(', ') : null;
}

const MAX_KEY_BYTES = 100;

function describeValue(row: Row, index: number, column: Column): string {
  if (row.isNull(index)) return 'NULL';
  const value = row.value(index);
  const start = value.subarray(0, MAX_KEY_BYTES);
  const isWide = column.isText && !column.isRewritable;
  // Other bytes as SQL takes them.
  const text =
    column.isBinary || isWide || !isUtf8(value) ? `0x${start.toString('hex')}` : start.toString('utf8');
  return value.length > MAX_KEY_BYTES ? `${text}…` : text;
}
