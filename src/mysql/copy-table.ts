// One table from source to target: rows stream through memory, rewritten on their way, with no more of them in
// flight than a few chunks. Whichever side is slower sets the pace.

import { untilAbort } from '../lib/until-abort.ts';
import type { RuleCount, TableTreatment } from '../policy/row-rule.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { BulkLoader } from './bulk-loader.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { readRows } from './driver.ts';
import { InsertLoader } from './insert-loader.ts';
import { findLossyJson } from './json-text.ts';
import type { LeftValues } from './left-values.ts';
import { LoadDataLoader } from './load-data-loader.ts';
import { describeTable, type Loader, type TableName } from './loader.ts';
import { readChecksums } from './read-checksums.ts';
import type { Column } from './read-columns.ts';
import { Row } from './row.ts';
import { buildFrom, type RowFilter } from './row-filter.ts';
import { RowRewriter } from './row-rewriter.ts';
import { buildSelectExpression, RowHasher, TableChecksum } from './table-checksum.ts';
import { quoteName } from './table-names.ts';

/** `bulk`: only where the connection takes it. `…_and_load`: large rows by LOAD DATA, where the server takes that. Only
 *  `load_data` keeps others of its kind out of the table; see insert-loader.ts. */
export type LoadMethod = 'load_data' | 'insert' | 'insert_and_load' | 'bulk' | 'bulk_and_load';

export interface ReadTableOptions {
  readonly source: DatabaseConnection;
  readonly sourceTable: TableName;
  /** As `readColumns` gives them; generated ones are left to the server. */
  readonly columns: readonly Column[];
  /** null: copy as it is. */
  readonly rewriter: Rewriter | null;
  /** What becomes of the rows before they are rewritten; this copy's own. Absent: all go on as they are. */
  readonly treatment?: TableTreatment | null;
  /** Names of columns that are copied as they are. */
  readonly skipColumns?: ReadonlySet<string>;
  /** Names of columns whose values are rewritten inside base64 as well. */
  readonly base64Columns?: ReadonlySet<string>;
  readonly rowFilter?: RowFilter;
  /** In ascending order of the numbers that the table gives out. */
  readonly inOrder?: boolean;
  readonly signal: AbortSignal;
  /** Called now and then with what has been read of this table so far. */
  readonly onProgress?: (rows: number, bytes: number) => void;
}

export interface CopyTableOptions extends ReadTableOptions {
  readonly target: DatabaseConnection;
  /** Exists, has none of the rows that are copied, and has the source table's columns. */
  readonly stagingTable: TableName;
  readonly method: LoadMethod;
  /** The target's. */
  readonly maxAllowedPacket: number;
}

export interface CopyResult {
  /** As they were sent. */
  readonly rows: number;
  /** As they were read, where some were left at the source; absent: as many. */
  readonly sourceRows?: number;
  /** Of the values as they were sent. */
  readonly bytes: number;
  /** Of the rows as they were sent; `verifyTables` computes it from the stored ones. */
  readonly checksum: string;
  /** Of the rows as they were read; `readChecksums` tells later whether they still are what they were. */
  readonly sourceChecksum: string;
  /** Rewritten values per column name. */
  readonly changedByColumn: Readonly<Record<string, number>>;
  /** Values that were left as they are, by column and reason. */
  readonly left: readonly LeftValues[];
  /** What the rules of the treatment did; absent: nothing. */
  readonly treated?: readonly RuleCount[];
  /** How many of the rows were copied inside the server (copy-inside.ts); absent: none. */
  readonly rowsInside?: number;
  /** How many parts were to be copied inside the server and travelled in the end, because somebody wrote to them at the
   *  source or had locked them; absent: none. */
  readonly againTravelled?: number;
}

/** What the checksum of the source's rows was computed over. */
export function countSourceRows({
  rows,
  sourceRows = rows,
}: Pick<CopyResult, 'rows' | 'sourceRows'>): number {
  return sourceRows;
}

/** Ticks are for displays. */
const PROGRESS_INTERVAL_ROWS = 500;
const PROGRESS_INTERVAL_BYTES = 4 * 1024 * 1024;

/** Rejects with a MigrationError, or with the signal's reason as soon as it aborts. After a rejection both connections
 *  may be in the middle of a statement: the caller destroys them and ends their queries (`endQuery`). */
export async function copyTable(options: CopyTableOptions): Promise<CopyResult> {
  options.signal.throwIfAborted();
  if (listStored(options.columns).length === 0) return await copyCount(options);
  return pumpRows(options, createLoader(options), 'copying');
}

function createLoader({ target, stagingTable, columns, maxAllowedPacket, method }: CopyTableOptions): Loader {
  const loadTarget = {
    connection: target,
    table: stagingTable,
    columns: listStored(columns),
    maxAllowedPacket,
    largeRowsByLoadData: method.endsWith('_and_load'),
  };
  if (method === 'load_data') return new LoadDataLoader(loadTarget);
  return method.startsWith('bulk') ? new BulkLoader(loadTarget) : new InsertLoader(loadTarget);
}

/** What `copyTable` would send, sent nowhere: its figures, by which a table that was copied is held against its source. */
export async function readRewritten(options: ReadTableOptions): Promise<CopyResult> {
  options.signal.throwIfAborted();
  if (listStored(options.columns).length === 0) return await countRows(options);
  return pumpRows(options, leadNowhere(), 'reading');
}

/** One each: whoever waits for a promise that is never fulfilled stays in memory as long as that does. */
function leadNowhere(): Loader {
  return { write: () => undefined, finish: async () => {}, failure: new Promise(() => {}) };
}

/** Of a table all of whose columns are computed. */
async function countRows({ source, sourceTable, rowFilter, signal }: ReadTableOptions): Promise<CopyResult> {
  const counting = readChecksums(source, [{ table: sourceTable, columns: [], rowFilter: rowFilter ?? null }]);
  const [counted] = await untilAbort(counting, signal);
  const { rows, checksum } = counted!;
  return { rows, bytes: 0, checksum, sourceChecksum: checksum, changedByColumn: {}, left: [] };
}

/** Rows in one statement. */
const COUNTED_ROWS = 1_000;

/** There is nothing to send but how many rows there are. */
async function copyCount(options: CopyTableOptions): Promise<CopyResult> {
  const { target, stagingTable, signal, onProgress } = options;
  const counted = await countRows(options);
  const into = `INSERT INTO ${quoteName(stagingTable.database, stagingTable.name)} () VALUES`;
  for (let rows = 0; rows < counted.rows; rows += COUNTED_ROWS) {
    const some = Math.min(COUNTED_ROWS, counted.rows - rows);
    const sent = target.execute(`${into} ${Array(some).fill('()').join(', ')}`);
    await untilAbort(sent, signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw classifyDatabaseError(error, `loading ${describeTable(stagingTable)} on ${target.label}`);
    });
    onProgress?.(rows + some, 0);
  }
  return counted;
}

const listStored = (columns: readonly Column[]): Column[] => columns.filter(column => !column.isGenerated);

async function pumpRows(options: ReadTableOptions, loader: Loader, doing: string): Promise<CopyResult> {
  const { signal, sourceTable, source } = options;
  const columns = listStored(options.columns);
  const lossy = await findLossyJson(source, sourceTable, columns, options.rowFilter);
  const pump = new RowPump(options, columns, loader);
  try {
    const copying = readRows(source.raw, buildSelect(options, columns), pump.take).then(() =>
      loader.finish(),
    );
    await untilAbort(Promise.race([copying, loader.failure]), signal);
  } catch (error) {
    pump.stop();
    if (signal.aborted) throw signal.reason;
    throw classifyDatabaseError(error, `${doing} ${describeTable(sourceTable)} from ${source.label}`);
  }
  const result = pump.result();
  return lossy.length > 0 ? { ...result, left: [...result.left, ...lossy] } : result;
}

/** Takes each row from the reader to the loader. */
class RowPump {
  readonly #loader: Loader;
  readonly #row: Row;
  readonly #hasher: RowHasher;
  readonly #checksum = new TableChecksum();
  readonly #sourceChecksum = new TableChecksum();
  readonly #rewriter: RowRewriter | undefined;
  readonly #treatment: TableTreatment | null;
  readonly #onProgress: ((rows: number, bytes: number) => void) | undefined;
  #bytes = 0;
  #nextTickRows = PROGRESS_INTERVAL_ROWS;
  #nextTickBytes = PROGRESS_INTERVAL_BYTES;
  #stopped = false;

  constructor(options: ReadTableOptions, columns: readonly Column[], loader: Loader) {
    const { rewriter, skipColumns = new Set<string>(), base64Columns = new Set<string>() } = options;
    this.#loader = loader;
    this.#row = new Row(columns.length);
    this.#hasher = new RowHasher(columns.length);
    this.#rewriter = rewriter
      ? new RowRewriter({ columns, rewriter, skipColumns, base64Columns })
      : undefined;
    this.#treatment = options.treatment ?? null;
    this.#onProgress = options.onProgress;
  }

  readonly take = (packet: Buffer, start: number, end: number): Promise<void> | undefined => {
    // Never fulfilled: the reader stays paused until its connection is destroyed, and reads nothing into memory.
    if (this.#stopped) return new Promise<void>(() => {});
    const row = this.#row;
    const checksum = this.#checksum;
    row.read(packet, start);
    const sourceHash = this.#hasher.hash(row);
    const source = this.#sourceChecksum;
    source.add(sourceHash);
    // Also of what stays at the source: it takes its time.
    if (source.rows >= this.#nextTickRows || this.#bytes >= this.#nextTickBytes) this.#tick();
    const outcome = this.#treatment?.treat(row) ?? 'same';
    if (outcome === 'dropped') return undefined;
    const rewritten = this.#rewriter?.rewrite(row, packet, start, end, source.rows) ?? false;
    checksum.add(rewritten || outcome === 'changed' ? this.#hasher.hash(row) : sourceHash);
    this.#bytes += row.sizeBytes;
    return this.#loader.write(row);
  };

  stop(): void {
    this.#stopped = true;
  }

  result(): CopyResult {
    const [rows, sourceRows] = [this.#checksum.rows, this.#sourceChecksum.rows];
    const treated = this.#treatment?.counts ?? [];
    this.#onProgress?.(sourceRows, this.#bytes);
    return {
      rows,
      ...(sourceRows > rows ? { sourceRows } : {}),
      bytes: this.#bytes,
      checksum: this.#checksum.digest(),
      sourceChecksum: this.#sourceChecksum.digest(),
      changedByColumn: this.#rewriter?.changedByColumn ?? {},
      left: this.#rewriter?.left ?? [],
      ...(treated.length > 0 ? { treated } : {}),
    };
  }

  #tick(): void {
    const { rows } = this.#sourceChecksum;
    this.#nextTickRows = rows + PROGRESS_INTERVAL_ROWS;
    this.#nextTickBytes = this.#bytes + PROGRESS_INTERVAL_BYTES;
    this.#onProgress?.(rows, this.#bytes);
  }
}

function buildSelect(options: ReadTableOptions, columns: readonly Column[]): string {
  const { source, sourceTable, rowFilter, inOrder = false } = options;
  const names = columns.map(buildSelectExpression).join(', ');
  const numbered = inOrder ? columns.find(column => column.isAutoIncrement) : undefined;
  const order = numbered ? `ORDER BY ${quoteName(numbered.name)}` : '';
  return `SELECT ${names} ${buildFrom(source, sourceTable, columns, rowFilter)} ${order}`.trimEnd();
}
