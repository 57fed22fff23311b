// Rows into a table by multi-row INSERTs in one transaction: for a target that has LOAD DATA LOCAL switched off, as
// MySQL has by default, and for several loads of one table at a time. (With InnoDB's usual settings a LOAD DATA keeps
// every other out of a table with AUTO_INCREMENT until its end.)

import { BufferPool } from './buffer-pool.ts';
import { sendStatement } from './driver.ts';
import { LoadDataLoader } from './load-data-loader.ts';
import {
  buildInsert,
  checkStored,
  type Loader,
  LoadStatements,
  type LoadTarget,
  markBytes,
  needsCharset,
  refuseLargeRow,
  SentRows,
  writeEscaped,
} from './loader.ts';
import type { Row } from './row.ts';

/** Longer gains nothing, shorter costs round trips. A copy holds two of them. */
const STATEMENT_BYTES = 1024 * 1024;
const STATEMENTS = new BufferPool(STATEMENT_BYTES, 16);

/** The statement shares its packet with the command's bytes. */
const PACKET_RESERVE_BYTES = 16;

const MARKED = markBytes("'\\");
const COMMA = 0x2c;
const OPEN = 0x28;
const CLOSE = 0x29;
const NULL_WORD = Buffer.from('NULL');

/** What stands around a value's bytes. The introducer keeps the server from converting them. */
const BINARY = { before: Buffer.from("_binary'"), after: Buffer.from("'") };
const CONVERTED = { before: Buffer.from("CONVERT(_binary'"), after: Buffer.from("' USING utf8mb4)") };
const MAX_AROUND_BYTES = CONVERTED.before.length + CONVERTED.after.length + 1;

export class InsertLoader implements Loader {
  readonly failure: Promise<never>;
  readonly #statements: LoadStatements;
  readonly #target: LoadTarget;
  readonly #head: Buffer;
  readonly #around: readonly (typeof BINARY)[];
  readonly #maxStatementBytes: number;
  /** Of a statement with several rows. */
  readonly #usualBytes: number;
  #statement: Buffer;
  /** The statement before, on its way or done. */
  #sent: Buffer;
  #sending: Promise<void>;
  /** For rows that need a statement of their own; kept for the next such row. */
  #large = Buffer.alloc(0);
  #used = 0;
  /** The statement's rows. */
  #rows: SentRows;

  constructor(target: LoadTarget) {
    const { columns, maxAllowedPacket } = target;
    this.#target = target;
    this.#head = Buffer.from(`${buildInsert(target)} VALUES `);
    this.#around = columns.map(column => (needsCharset(column) ? CONVERTED : BINARY));
    this.#maxStatementBytes = maxAllowedPacket - PACKET_RESERVE_BYTES;
    this.#usualBytes = Math.min(STATEMENT_BYTES, this.#maxStatementBytes);
    this.#statement = STATEMENTS.take();
    this.#sent = STATEMENTS.take();
    this.#statements = new LoadStatements(target);
    this.failure = this.#statements.failure;
    this.#rows = new SentRows(columns);
    this.#used = this.#head.copy(this.#statement);
    this.#sending = this.#statements.run(() => target.connection.execute('START TRANSACTION'));
  }

  write(row: Row): Promise<void> | undefined {
    const worstBytes = row.sizeBytes * 2 + row.columnCount * MAX_AROUND_BYTES + 3;
    if (this.#used + worstBytes > this.#usualBytes) return this.#writeNext(row, worstBytes);
    this.#append(row);
    return undefined;
  }

  async finish(): Promise<void> {
    await this.#send();
    await this.#sending;
    await this.#statements.run(() => this.#target.connection.execute('COMMIT'));
    STATEMENTS.giveBack(this.#statement, this.#sent);
  }

  /** Writes a row for which the statement has no room. */
  async #writeNext(row: Row, worstBytes: number): Promise<void> {
    await this.#send();
    if (this.#used + worstBytes <= this.#usualBytes) return this.#append(row);

    if (this.#target.largeRowsByLoadData) return this.#loadAlone(row);

    // It goes in a statement of its own, and is sent before this returns: there is only one such at a time.
    const usual = this.#statement;
    const largeBytes = this.#head.length + worstBytes;
    if (largeBytes > this.#large.length) this.#large = Buffer.allocUnsafe(largeBytes);
    this.#statement = this.#large;
    this.#begin();
    this.#append(row);
    if (this.#used > this.#maxStatementBytes) throw refuseLargeRow(this.#target, this.#used);
    const sent = this.#sent;
    await this.#send();
    await this.#sending;
    this.#statement = usual;
    this.#sent = sent;
    this.#begin();
  }

  /** Never too large for a packet, and no second copy of it is made. */
  async #loadAlone(row: Row): Promise<void> {
    await this.#sending;
    await this.#statements.run(async () => {
      const loader = new LoadDataLoader(this.#target);
      await Promise.race([loader.write(row), loader.failure]);
      await loader.finish();
    });
  }

  #begin(): void {
    this.#used = this.#head.copy(this.#statement);
    this.#rows = new SentRows(this.#target.columns);
  }

  #append(row: Row): void {
    const statement = this.#statement;
    let at = this.#used;
    if (this.#rows.count > 0) statement[at++] = COMMA;
    this.#rows.add(row);
    statement[at++] = OPEN;
    for (let i = 0; i < row.columnCount; i++) {
      if (i > 0) statement[at++] = COMMA;
      const start = row.starts[i]!;
      const end = row.ends[i]!;
      if (start < 0) {
        at += NULL_WORD.copy(statement, at);
        continue;
      }
      const { before, after } = this.#around[i]!;
      at += before.copy(statement, at);
      at = writeEscaped(statement, at, row.buffers[i]!, start, end, MARKED);
      at += after.copy(statement, at);
    }
    statement[at++] = CLOSE;
    this.#used = at;
  }

  /** Waits for the statement before, starts sending this one, and begins the next, so that the server and we work
   *  at the same time. */
  async #send(): Promise<void> {
    await this.#sending;
    if (this.#rows.count === 0) return;
    const { connection } = this.#target;
    const statement = this.#statement;
    const bytes = statement.subarray(0, this.#used);
    const rows = this.#rows;
    this.#sending = this.#statements.run(async () => {
      const { affectedRows, warningStatus } = await sendStatement(connection.raw, bytes);
      await checkStored(this.#target, { affectedRows: Number(affectedRows), warnings: warningStatus }, rows);
    });
    this.#statement = this.#sent;
    this.#sent = statement;
    this.#begin();
  }
}
