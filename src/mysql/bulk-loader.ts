// Rows into a table by MariaDB's bulk execute: one prepared INSERT for many rows, whose values the server takes as they
// are, without looking for the ends of fields or quotes. It costs the server less than LOAD DATA (decisions/0014), and keeps
// no other load out of the table.

import { BufferPool } from './buffer-pool.ts';
import { BulkStatement } from './bulk-statement.ts';
import { LoadDataLoader } from './load-data-loader.ts';
import {
  buildInsert,
  checkStored,
  type Loader,
  LoadStatements,
  type LoadTarget,
  needsCharset,
  refuseLargeRow,
  SentRows,
} from './loader.ts';
import type { Row } from './row.ts';

/** Longer keeps server and client waiting for each other, shorter costs round trips. A copy holds two of them. */
const STATEMENT_BYTES = 512 * 1024;
const STATEMENTS = new BufferPool(STATEMENT_BYTES, 16);

/** Before a value: its mark, and its length in the protocol's longest form. */
const MAX_BEFORE_BYTES = 10;
/** The statement's rows share their packet with the command, which has two bytes for each parameter's type. */
const PACKET_RESERVE_BYTES = 32;

const IS_VALUE = 0;
const IS_NULL = 1;

export class BulkLoader implements Loader {
  readonly failure: Promise<never>;
  readonly #statements: LoadStatements;
  readonly #target: LoadTarget;
  readonly #statement: BulkStatement;
  /** Of the rows of one execution, so that the server takes the packet. */
  readonly #maxBytes: number;
  /** Of an execution for several rows. */
  readonly #usualBytes: number;
  /** The rows of the next execution, one after another. */
  #rows = STATEMENTS.take();
  #used = 0;
  #sent: SentRows;
  /** Those of the execution before, on their way or done. */
  #before = STATEMENTS.take();
  #sending = Promise.resolve();
  #isInTransaction = false;

  constructor(target: LoadTarget) {
    const { connection, columns, maxAllowedPacket } = target;
    this.#target = target;
    this.#statement = new BulkStatement(
      connection.raw,
      `${buildInsert(target)} VALUES (${columns.map(() => '?').join(', ')})`,
      columns.map(column => (needsCharset(column) ? 'text' : 'bytes')),
    );
    this.#maxBytes = maxAllowedPacket - PACKET_RESERVE_BYTES - 2 * columns.length;
    this.#usualBytes = Math.min(STATEMENT_BYTES, this.#maxBytes);
    this.#sent = new SentRows(columns);
    this.#statements = new LoadStatements(target);
    this.failure = this.#statements.failure;
  }

  write(row: Row): Promise<void> | undefined {
    const bytes = row.sizeBytes + row.columnCount * MAX_BEFORE_BYTES;
    if (this.#used + bytes > this.#usualBytes) return this.#writeNext(row, bytes);
    this.#append(row);
    return undefined;
  }

  async finish(): Promise<void> {
    await this.#sending;
    if (this.#sent.count > 0) this.#execute(true);
    else this.#statement.close();
    await this.#sending;
    if (this.#isInTransaction) await this.#statements.run(() => this.#target.connection.pipeline('COMMIT'));
    STATEMENTS.giveBack(this.#rows, this.#before);
  }

  /** Writes a row for which the rows have no room. */
  async #writeNext(row: Row, bytes: number): Promise<void> {
    await this.#sendAndGoOn();
    if (bytes <= this.#usualBytes) return this.#append(row);
    // It goes alone, and is stored before this returns: there is only one such at a time.
    await this.#sending;
    this.#begin();
    if (this.#target.largeRowsByLoadData) await this.#statements.run(() => this.#loadAlone(row));
    else await this.#executeAlone(row, bytes);
  }

  /** Never too large for a packet, and no second copy of it is made. */
  async #loadAlone(row: Row): Promise<void> {
    const loader = new LoadDataLoader(this.#target);
    await Promise.race([loader.write(row), loader.failure]);
    await loader.finish();
  }

  async #executeAlone(row: Row, bytes: number): Promise<void> {
    if (bytes > this.#maxBytes) throw refuseLargeRow(this.#target, bytes);
    const usual = this.#rows;
    this.#rows = Buffer.allocUnsafe(bytes);
    this.#append(row);
    this.#execute(false);
    await this.#sending;
    this.#rows = usual;
  }

  /** Waits for the execution before, starts this one, and begins the next in the other's place, so that the server and
   *  we work at the same time. */
  async #sendAndGoOn(): Promise<void> {
    await this.#sending;
    if (this.#sent.count === 0) return;
    this.#begin();
    const rows = this.#rows;
    this.#execute(false);
    this.#rows = this.#before;
    this.#before = rows;
  }

  /** What takes more than one execution is stored as a whole or not at all. */
  #begin(): void {
    if (this.#isInTransaction) return;
    this.#isInTransaction = true;
    // Whether it succeeds is told through `failure`.
    void this.#statements.run(() => this.#target.connection.pipeline('START TRANSACTION'));
  }

  #execute(isLast: boolean): void {
    const rows = this.#rows.subarray(0, this.#used);
    const sent = this.#sent;
    this.#used = 0;
    this.#sent = new SentRows(this.#target.columns);
    this.#sending = this.#statements.run(async () => {
      const { affectedRows, warningStatus } = await this.#statement.execute(rows, isLast);
      await checkStored(this.#target, { affectedRows: Number(affectedRows), warnings: warningStatus }, sent);
    });
  }

  #append(row: Row): void {
    this.#sent.add(row);
    const out = this.#rows;
    let at = this.#used;
    for (let i = 0; i < row.columnCount; i++) {
      const start = row.starts[i]!;
      if (start < 0) {
        out[at++] = IS_NULL;
        continue;
      }
      const end = row.ends[i]!;
      out[at++] = IS_VALUE;
      at = writeLength(out, at, end - start);
      at = copyBytes(out, at, row.buffers[i]!, start, end);
    }
    this.#used = at;
  }
}

/** An integer in the protocol's length-encoded form. Returns where it ends. */
function writeLength(out: Buffer, at: number, length: number): number {
  if (length < 0xfb) {
    out[at] = length;
    return at + 1;
  }
  if (length <= 0xff_ff) {
    out[at] = 0xfc;
    return out.writeUInt16LE(length, at + 1);
  }
  if (length <= 0xff_ff_ff) {
    out[at] = 0xfd;
    return out.writeUIntLE(length, at + 1, 3);
  }
  out[at] = 0xfe;
  return Number(out.writeBigUInt64LE(BigInt(length), at + 1));
}

/** Below this many bytes a loop is faster than a call. */
const WORTH_A_CALL = 48;

function copyBytes(out: Buffer, at: number, source: Buffer, start: number, end: number): number {
  if (end - start > WORTH_A_CALL) return at + source.copy(out, at, start, end);
  let to = at;
  for (let i = start; i < end; i++) out[to++] = source[i]!;
  return to;
}
