// Rows into a table by one LOAD DATA LOCAL INFILE, whose "file" is made of chunks in memory.

import { BufferPool } from './buffer-pool.ts';
import { classifyDatabaseError } from './classify.ts';
import { InfileStatement } from './driver.ts';
import {
  BACKSLASH,
  checkStored,
  describeLoading,
  type Loader,
  type LoadTarget,
  markBytes,
  needsCharset,
  SentRows,
  writeEscaped,
} from './loader.ts';
import type { Row } from './row.ts';
import { quoteName } from './table-names.ts';

/** Smaller costs more calls, larger only memory: a copy holds two of them. */
const CHUNK_BYTES = 256 * 1024;
const CHUNKS = new BufferPool(CHUNK_BYTES, 16);

const TAB = 0x09;
const NEWLINE = 0x0a;
const NULL_LETTER = 0x4e;
const MARKED = markBytes('\t\n\\');

export class LoadDataLoader implements Loader {
  readonly failure: Promise<never>;
  readonly #target: LoadTarget;
  readonly #sent: SentRows;
  readonly #statement: InfileStatement;
  #chunk = CHUNKS.take();
  #used = 0;
  /** The chunk before, on its way or free. */
  #flushed = CHUNKS.take();
  #flushing = Promise.resolve();

  constructor(target: LoadTarget) {
    this.#target = target;
    this.#sent = new SentRows(target.columns);
    this.#statement = new InfileStatement(target.connection.raw, buildStatement(target));
    this.failure = this.#statement.result.then(
      () => new Promise<never>(() => {}),
      (error: unknown) => {
        throw classifyDatabaseError(error, describeLoading(target));
      },
    );
    // Whoever never looks at it is told by `finish`.
    this.failure.catch(() => {});
  }

  write(row: Row): Promise<void> | undefined {
    const worstBytes = row.sizeBytes * 2 + row.columnCount * 3;
    if (this.#used + worstBytes > CHUNK_BYTES) return this.#writeNext(row, worstBytes);
    this.#append(row);
    return undefined;
  }

  async finish(): Promise<void> {
    await this.#flushing;
    await this.#statement.end(this.#chunk.subarray(0, this.#used));
    const { affectedRows, warningStatus } = await Promise.race([this.#statement.result, this.failure]);
    CHUNKS.giveBack(this.#chunk, this.#flushed);
    await checkStored(
      this.#target,
      { affectedRows: Number(affectedRows), warnings: warningStatus },
      this.#sent,
    );
  }

  /** Writes a row for which the chunk has no room. */
  async #writeNext(row: Row, worstBytes: number): Promise<void> {
    await this.#push();
    if (worstBytes <= CHUNK_BYTES) this.#append(row);
    else await this.#appendPieces(row);
  }

  #append(row: Row): void {
    this.#sent.add(row);
    for (let i = 0; i < row.columnCount; i++) {
      this.#used = this.#writeValue(row, i, row.starts[i]!, row.ends[i]!);
      this.#chunk[this.#used++] = TAB;
    }
    this.#chunk[this.#used - 1] = NEWLINE;
  }

  /** A row that may not fit a chunk goes in pieces, so that memory holds no second copy of it. */
  async #appendPieces(row: Row): Promise<void> {
    this.#sent.add(row);
    const pieceBytes = CHUNK_BYTES / 2 - 4;
    for (let i = 0; i < row.columnCount; i++) {
      let from = row.starts[i]!;
      const end = row.ends[i]!;
      do {
        const to = Math.min(from + pieceBytes, end);
        if (this.#used + (to - from) * 2 + 3 > CHUNK_BYTES) await this.#push();
        this.#used = this.#writeValue(row, i, from, to);
        from = to;
      } while (from < end);
      this.#chunk[this.#used++] = i < row.columnCount - 1 ? TAB : NEWLINE;
    }
  }

  #writeValue(row: Row, column: number, start: number, end: number): number {
    const chunk = this.#chunk;
    const at = this.#used;
    if (start < 0) {
      chunk[at] = BACKSLASH;
      chunk[at + 1] = NULL_LETTER;
      return at + 2;
    }
    return writeEscaped(chunk, at, row.buffers[column]!, start, end, MARKED);
  }

  /** Waits for the chunk before, starts sending this one, and begins the next in the other's place. */
  async #push(): Promise<void> {
    await this.#flushing;
    if (this.#used === 0) return;
    const chunk = this.#chunk;
    this.#flushing = this.#statement.write(chunk.subarray(0, this.#used));
    this.#chunk = this.#flushed;
    this.#flushed = chunk;
    this.#used = 0;
  }
}

// The character set "binary" keeps the server from converting bytes.
function buildStatement({ table, columns }: LoadTarget): string {
  const assigned = columns.some(needsCharset)
    ? columns.filter(column => needsCharset(column) || column.isAutoIncrement)
    : [];
  const places = columns.map(column => {
    const i = assigned.indexOf(column);
    return i < 0 ? quoteName(column.name) : `@v${i}`;
  });
  // With a SET clause, MariaDB takes the value 0 of an auto column for "make one", unless the clause assigns it.
  const assignments = assigned.map(
    (column, i) =>
      `${quoteName(column.name)} = ${needsCharset(column) ? `CONVERT(@v${i} USING utf8mb4)` : `@v${i}`}`,
  );
  return [
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quoteName(table.database, table.name)} CHARACTER SET binary`,
    `FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${places.join(', ')})`,
    ...(assignments.length > 0 ? [`SET ${assignments.join(', ')}`] : []),
  ].join(' ');
}
