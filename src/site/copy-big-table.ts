// A table that is large enough to be copied in chunks: which chunks of an earlier attempt are kept, which ranges are
// left, and what is said of each. The copying itself: copy-in-chunks.ts.

import type { CopiedChunk } from '../migration/events.ts';
import type { PlannedTable } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { type CopyResult, countSourceRows, type LoadMethod } from '../mysql/copy-table.ts';
import {
  chooseBoundaries,
  cutRest,
  filterRange,
  findRangeKey,
  type KeyRange,
  type RangeKey,
} from '../mysql/key-ranges.ts';
import { describeTable, type TableName } from '../mysql/loader.ts';
import { readChecksums } from '../mysql/read-checksums.ts';
import type { Column } from '../mysql/read-columns.ts';
import { digestShape, readCounter } from '../mysql/read-definition.ts';
import { buildWhere, type RowFilter } from '../mysql/row-filter.ts';
import { quoteName } from '../mysql/table-names.ts';
import { type CopiedRange, copyInChunks, type Help } from './copy-in-chunks.ts';
import type { ConnectionPair } from './site-connections.ts';
import type { StepContext } from './step.ts';

/** Smaller ones are done before helpers would have come, and a crash costs no more than a second. */
const SPLIT_FROM_CHUNKS = 2;

/** The state and each reader of the journal hold a line for every chunk of a table that is under way. */
const MOST_CHUNKS = 1_000;

/** Each pair of connections holds a row or two in memory. With rows larger than this on average nobody helps. */
const LARGE_ROW_BYTES = 1024 * 1024;

/** A table as the source has it now. */
export interface SourceTable {
  readonly planned: PlannedTable;
  readonly definition: string;
  /** What is asked for of it at the target. */
  readonly wanted: string;
  readonly columns: readonly Column[];
}

export interface CopyRowsOptions {
  readonly rowFilter: RowFilter | null;
  readonly method: LoadMethod;
  readonly signal: AbortSignal;
}

/** Copies some of the table's rows, and tells how far it is. */
export type CopyRows = (pair: ConnectionPair, options: CopyRowsOptions) => Promise<CopyResult>;

/** Only InnoDB's: of any other engine two statements see two states of a table, whatever the snapshot. None with its
 *  history, of whose rows a DELETE would only make more history. And not the network's, which are small, and copied when
 *  no site has a slot to spare. */
export function isBig(
  { engine, sizeBytes, emptiedBy, history }: PlannedTable,
  { task, chunkBytes }: StepContext,
): boolean {
  return (
    emptiedBy === undefined &&
    history === undefined &&
    engine.toLowerCase() === 'innodb' &&
    task.taskId !== NETWORK &&
    sizeBytes > SPLIT_FROM_CHUNKS * chunkBytes
  );
}

/** Has an earlier attempt copied chunks into a staging table that is as the source's is now? */
export function isBegun({ planned, definition }: SourceTable, { copiedChunks }: StepContext): boolean {
  const chunks = copiedChunks(planned.target);
  const shape = digestShape(definition);
  return chunks.length > 0 && chunks.every(chunk => chunk.sourceDefinition === shape);
}

/** `own`: the site's connections, the source's in its snapshot. The staging table is empty, or `isBegun`. null: it has no
 *  key by which it could be divided. */
export async function copyBigTable(
  table: SourceTable,
  context: StepContext,
  own: ConnectionPair,
  copyRows: CopyRows,
): Promise<CopyResult | null> {
  const { plan } = context;
  const source = { database: plan.source.database, name: table.planned.source };
  const key = await findRangeKey(own.source, source, table.columns);
  if (!key) return null;
  return await new BigTableCopy({ table, context, own, copyRows, key, source }).run();
}

class BigTableCopy {
  readonly #table: SourceTable;
  readonly #context: StepContext;
  readonly #own: ConnectionPair;
  readonly #copyRows: CopyRows;
  readonly #key: RangeKey;
  readonly #source: TableName;
  readonly #staging: TableName;

  constructor(given: {
    readonly table: SourceTable;
    readonly context: StepContext;
    readonly own: ConnectionPair;
    readonly copyRows: CopyRows;
    readonly key: RangeKey;
    readonly source: TableName;
  }) {
    this.#table = given.table;
    this.#context = given.context;
    this.#own = given.own;
    this.#copyRows = given.copyRows;
    this.#key = given.key;
    this.#source = given.source;
    this.#staging = { database: given.context.plan.target.staging, name: given.table.planned.target };
  }

  async run(): Promise<CopyResult> {
    const { chunkBytes, signal } = this.#context;
    const { planned } = this.#table;
    const begun = this.#context.copiedChunks(planned.target);
    const proven = begun.length > 0 ? await this.#keepProven(begun) : [];
    const count = Math.min(Math.ceil(planned.sizeBytes / chunkBytes), MOST_CHUNKS);
    const boundaries = await chooseBoundaries(this.#own.source, this.#source, this.#key, count);
    const ranges = cutRest(
      proven.map(({ range }) => range),
      boundaries,
    );
    if (begun.length > 0) for (const range of ranges) await this.#remove(range);
    return await copyInChunks({
      own: this.#own,
      proven,
      ranges,
      help: this.#findHelp(),
      copy: (pair, range, { besideOthers, signal: stop }) =>
        this.#copyRows(pair, {
          rowFilter: filterRange(this.#key, range),
          method: this.#chooseMethod(besideOthers),
          signal: stop,
        }),
      isTrue: copied => this.#isTrue(copied),
      remove: range => this.#remove(range),
      onCopied: ({ range, result }) =>
        this.#context.chunkCopied({
          table: planned.target,
          ...range,
          ...result,
          sourceDefinition: digestShape(this.#table.definition),
        }),
      signal,
    });
  }

  /** Of an earlier attempt's chunks, those that the site's snapshot still has. */
  async #keepProven(chunks: readonly CopiedChunk[]): Promise<CopiedRange[]> {
    await this.#waitForOthers();
    const proven: CopiedRange[] = [];
    for (const chunk of chunks) {
      this.#context.signal.throwIfAborted();
      const { table, from, to, sourceDefinition: _, ...result } = chunk;
      const copied = { range: { from, to }, result };
      if (await this.#isTrue(copied)) proven.push(copied);
      else await this.#context.chunkDiscarded(table, copied.range);
    }
    return proven;
  }

  async #isTrue({ range, result }: CopiedRange): Promise<boolean> {
    const [now] = await readChecksums(this.#own.source, [
      { table: this.#source, columns: this.#table.columns, rowFilter: filterRange(this.#key, range) },
    ]);
    this.#moved();
    return now!.rows === countSourceRows(result) && now!.checksum === result.sourceChecksum;
  }

  async #remove(range: KeyRange): Promise<void> {
    const where = buildWhere(this.#own.target, filterRange(this.#key, range));
    await this.#change(`DELETE FROM ${quoteName(this.#staging.database, this.#staging.name)} ${where}`);
    this.#moved();
  }

  /** Until the server has given up what a killed process was loading: each of these needs the table for itself. Also,
   *  rows that came and went have taken numbers that WordPress must not give again. */
  async #waitForOthers(): Promise<void> {
    const table = quoteName(this.#staging.database, this.#staging.name);
    await this.#change(`ALTER TABLE ${table} ENABLE KEYS`);
    const next = readCounter(this.#table.definition);
    if (next !== undefined) await this.#change(`ALTER TABLE ${table} AUTO_INCREMENT = ${next}`);
  }

  async #change(sql: string): Promise<void> {
    const { target } = this.#own;
    try {
      await target.execute(sql);
    } catch (error) {
      throw classifyDatabaseError(error, `going on with ${describeTable(this.#staging)} on ${target.label}`);
    }
  }

  /** A second unique key could have, in a later snapshot, the same value in a row of another range. */
  #findHelp(): Help | null {
    const { planned } = this.#table;
    if (!this.#key.isOnlyUniqueKey || planned.sizeBytes > planned.rows * LARGE_ROW_BYTES) return null;
    const { connections, spareSlots } = this.#context;
    return { spareSlots, openPair: () => connections.openPair() };
  }

  #chooseMethod(besideOthers: boolean): LoadMethod {
    const { loadMethod } = this.#context.plan.target;
    const locksOthersOut = this.#table.columns.some(column => column.isAutoIncrement);
    return besideOthers && locksOthersOut && loadMethod === 'load_data' ? 'insert_and_load' : loadMethod;
  }

  /** A server that computes moves as well. */
  #moved(): void {
    this.#context.tick({ part: this.#table.planned.target, rows: 0, bytes: 0 });
  }
}
