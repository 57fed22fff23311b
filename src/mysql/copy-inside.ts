// One table, or some rows of it, where source and target are databases of one server: rows without a source host are
// copied inside the server by INSERT … SELECT, and only the others travel through here (copy-table.ts).
//
// The statement must not lock the source's rows, so it runs at READ COMMITTED and sees the newest rows instead of the
// snapshot that everything else is read from. Afterwards the server computes, in the snapshot, the checksum of the rows
// that should have been copied, and that of those that were: only if they are equal does the copy count. If not (the
// source was written to meanwhile), what was copied inside is deleted and all rows travel. See
// docs/decisions/0010-copying-inside-the-server.md.

import { MigrationError } from '../errors.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { addCopies } from './add-copies.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { type CopyResult, type CopyTableOptions, copyTable } from './copy-table.ts';
import { buildHostSearch } from './host-search.ts';
import { describeTable, type TableName } from './loader.ts';
import { type Checksum, readChecksums } from './read-checksums.ts';
import { isSameServer } from './read-server.ts';
import { buildWhere, type RowFilter } from './row-filter.ts';
import { mayHoldHost } from './row-rewriter.ts';
import { quoteName } from './table-names.ts';

/** What the target's connection asks of the source's tables may wait behind an ALTER, which waits for our snapshot to
 *  end, which waits for the target's connection. Meanwhile nobody can read that table, so this ends in two seconds. (Only
 *  MariaDB takes this. MySQL waits as long as for any other lock.) */
const BRIEFLY = '/*M! SET STATEMENT lock_wait_timeout = 2 FOR */';

export interface CopyInsideOptions extends CopyTableOptions {
  readonly rewriter: Rewriter;
}

/** Does the target's connection lead to the source's server, may its user read the table there, and can the server log
 *  what it copies? Asked of each pair of connections: after a failover they may lead to two servers. Rejects with a
 *  MigrationError. */
export async function canCopyInside(
  source: DatabaseConnection,
  target: DatabaseConnection,
  table: TableName,
): Promise<boolean> {
  try {
    // A log of statements can't hold what was read at READ COMMITTED: the server refuses the INSERT.
    if (target.logsStatements || !(await isSameServer(source, target))) return false;
    await target.query(
      `${BRIEFLY} SELECT COUNT(*) FROM (SELECT * FROM ${quoteName(table.database, table.name)} LIMIT 0) AS none`,
    );
    return true;
  } catch (error) {
    const problem = classifyDatabaseError(error, `asking ${target.label} for ${describeTable(table)}`);
    if (problem.code === 'access' || problem.code === 'lock') return false;
    throw problem;
  }
}

/** What `copyTable` does and gives, for two connections that `canCopyInside`. The target's session is at READ COMMITTED
 *  from then on. `bytes` are only those that travelled. */
export async function copyInside(options: CopyInsideOptions): Promise<CopyResult> {
  options.signal.throwIfAborted();
  // The server's search doesn't see into base64, and it knows no rules.
  const mayChange = (options.base64Columns?.size ?? 0) > 0 || (options.treatment ?? null) !== null;
  const hasKey = options.columns.some(column => column.isKey && !column.isGenerated);
  if (mayChange || !hasKey) return await copyTable(options);
  return await new InsideCopy(options).run();
}

/** So many rows are looked at to tell whether it is worth it. A table with fewer travels as a whole: the statements
 *  would take longer than its rows. */
const SAMPLE_ROWS = 200;

/** Of the sample, how many may hold a source host. Above, searching all rows costs the server more than it saves:
 *  WordPress has the host in the guid of every post. */
const MOST_HITS = SAMPLE_ROWS / 10;

/** Of what was copied inside the server. */
interface Proven extends Checksum {
  /** No row of the snapshot has to travel. */
  readonly areAll: boolean;
}

class InsideCopy {
  readonly #options: CopyInsideOptions;
  /** Of the rows that have to travel. */
  readonly #hit: string;

  constructor(options: CopyInsideOptions) {
    this.#options = options;
    this.#hit = buildHostSearch(options.target, options.rewriter, options.columns.filter(mayHoldHost));
  }

  async run(): Promise<CopyResult> {
    const sample = await this.#readSample();
    const hits = sample?.filter(row => Number(row.hit) === 1).length ?? 0;
    if (sample && (sample.length < SAMPLE_ROWS || hits > MOST_HITS)) return await copyTable(this.#options);
    // Before the snapshot's transaction reads the table: whoever waits for that to end would hold this up.
    const proven = sample && (await this.#copyProven(hits === 0));
    this.#options.signal.throwIfAborted();
    if (proven) return await this.#copyRest(proven);
    await this.#delete();
    return { ...(await copyTable(this.#options)), againTravelled: 1 };
  }

  async #readSample(): Promise<{ readonly hit: string | number }[] | null> {
    const where = buildWhere(this.#options.target, this.#options.rowFilter);
    return await this.#askBriefly(
      `SELECT ${this.#hit} AS hit FROM ${this.#source} ${where} LIMIT ${SAMPLE_ROWS}`,
    );
  }

  /** null: what was copied is not, or not only, what the snapshot has of rows without a source host. `searchLater`: as
   *  there seem to be no others, all are copied; should there be some, they are deleted again. */
  async #copyProven(searchLater: boolean): Promise<Proven | null> {
    if (!(await this.#insert(searchLater ? 'TRUE' : `NOT ${this.#hit}`))) return null;
    const proven = await this.#prove();
    if (proven || !searchLater) return proven;
    await this.#delete(this.#hit);
    return await this.#prove();
  }

  /** False: nothing was copied, as another statement keeps the table locked. */
  async #insert(condition: string): Promise<boolean> {
    const columns = this.#options.columns.filter(column => !column.isGenerated);
    const names = columns.map(column => quoteName(column.name)).join(', ');
    const where = buildWhere(this.#options.target, this.#filter(condition));
    // Without this it would lock every row that it reads, and whoever writes to the source would wait.
    await this.#ask('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    const answer = await this.#askBriefly(
      `INSERT INTO ${this.#staging} (${names}) SELECT ${names} FROM ${this.#source} ${where}`,
    );
    this.#showLife();
    return answer !== null;
  }

  async #prove(): Promise<Proven | null> {
    const { source, target, sourceTable, stagingTable, columns, rowFilter = null } = this.#options;
    const [expected, all] = await readChecksums(source, [
      { table: sourceTable, columns, rowFilter: this.#filter(`NOT ${this.#hit}`) },
      { table: sourceTable, columns: [], rowFilter },
    ]);
    this.#showLife();
    const [stored] = await readChecksums(target, [{ table: stagingTable, columns, rowFilter }]);
    this.#showLife();
    if (stored!.rows !== expected!.rows || stored!.checksum !== expected!.checksum) return null;
    return { ...stored!, areAll: stored!.rows === all!.rows };
  }

  /** The rows that have to travel. */
  async #copyRest({ rows, checksum, areAll }: Proven): Promise<CopyResult> {
    const { onProgress } = this.#options;
    onProgress?.(rows, 0);
    const travelled = await copyTable({
      ...this.#options,
      rowFilter: this.#filter(areAll ? 'FALSE' : this.#hit),
      onProgress: (rowsNow, bytesNow) => onProgress?.(rows + rowsNow, bytesNow),
    });
    const inside = { rows, bytes: 0, checksum, sourceChecksum: checksum, changedByColumn: {}, left: [] };
    return { ...addCopies([inside, travelled]), rowsInside: rows };
  }

  /** What is not proven yet doesn't count as copied, but it shows that something moves. */
  #showLife(): void {
    this.#options.onProgress?.(0, 0);
  }

  async #delete(condition = 'TRUE'): Promise<void> {
    const where = buildWhere(this.#options.target, this.#filter(condition));
    await this.#ask(`DELETE FROM ${this.#staging} ${where}`);
  }

  /** The condition's text is complete: question marks in it stand behind those that the filter has values for. */
  #filter(condition: string): RowFilter {
    const { rowFilter } = this.#options;
    if (!rowFilter) return { sql: condition, values: [] };
    return { sql: `(${rowFilter.sql}) AND ${condition}`, values: rowFilter.values };
  }

  /** null: another statement keeps the table locked. */
  async #askBriefly<T>(sql: string): Promise<T[] | null> {
    try {
      return await this.#ask<T>(`${BRIEFLY} ${sql}`);
    } catch (error) {
      if (error instanceof MigrationError && error.code === 'lock') return null;
      throw error;
    }
  }

  async #ask<T>(sql: string): Promise<T[]> {
    try {
      return await this.#options.target.query<T>(sql);
    } catch (error) {
      const { sourceTable, target } = this.#options;
      throw classifyDatabaseError(error, `copying ${describeTable(sourceTable)} inside ${target.label}`);
    }
  }

  get #source(): string {
    const { database, name } = this.#options.sourceTable;
    return quoteName(database, name);
  }

  get #staging(): string {
    const { database, name } = this.#options.stagingTable;
    return quoteName(database, name);
  }
}
