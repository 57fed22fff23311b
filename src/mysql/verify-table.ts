// Proof that a staged table holds what was sent: its row count, its checksum, and that no text in it still names a
// source host where the rewriter would have changed it.

import { MigrationError } from '../errors.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { findLeftover } from './find-leftover.ts';
import { describeTable, type TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import { buildWhere, type RowFilter } from './row-filter.ts';
import { buildChecksumExpression, formatChecksum } from './table-checksum.ts';
import { quoteName } from './table-names.ts';

/** `counts`: the number of rows. `checksum`: also every byte of them, and the search for source hosts. */
export type VerifyMode = 'counts' | 'checksum' | 'off';

export interface VerifyTableOptions {
  readonly target: DatabaseConnection;
  readonly table: TableName;
  /** As they were given to `copyTable`. */
  readonly columns: readonly Column[];
  readonly expected: { readonly rows: number; readonly checksum: string };
  readonly mode: VerifyMode;
  /** As it was given to `copyTable`; null: nothing was rewritten. */
  readonly rewriter: Rewriter | null;
  readonly skipColumns?: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Rejects with MigrationError `verification`, figures in its details; or with the signal's reason, then the caller
 *  destroys the connection. */
export async function verifyTable(options: VerifyTableOptions): Promise<void> {
  const { target, table, mode, signal } = options;
  if (mode === 'off') return;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([verify(options), aborted.promise]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw classifyDatabaseError(error, `verifying ${describeTable(table)} on ${target.label}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function verify(options: VerifyTableOptions): Promise<void> {
  await compareFigures(options);
  if (options.mode !== 'checksum' || !options.rewriter) return;
  const leftover = await findLeftover({ ...options, rewriter: options.rewriter });
  if (!leftover) return;
  throw new MigrationError(
    'verification',
    `${describeTable(options.table)} still names a source host in ${leftover.column} of the row with ${leftover.key}.`,
    { details: { table: describeTable(options.table), ...leftover } },
  );
}

async function compareFigures({ target, table, columns, expected, mode }: VerifyTableOptions): Promise<void> {
  const found = await readFigures(target, table, mode === 'checksum' ? columns : []);
  const name = describeTable(table);
  if (found.rows !== expected.rows) {
    throw new MigrationError(
      'verification',
      `${name} has ${found.rows} rows, but ${expected.rows} were sent.`,
      {
        details: { table: name, sentRows: expected.rows, storedRows: found.rows },
      },
    );
  }
  if (mode === 'checksum' && found.checksum !== expected.checksum) {
    throw new MigrationError(
      'verification',
      `${name} has the checksum ${found.checksum}, but rows with ${expected.checksum} were sent.`,
      {
        details: {
          table: name,
          rows: found.rows,
          sentChecksum: expected.checksum,
          storedChecksum: found.checksum,
        },
      },
    );
  }
}

export interface ReadSourceChecksumOptions {
  readonly source: DatabaseConnection;
  readonly table: TableName;
  /** As `copyTable` would be given them, and the filter too. */
  readonly columns: readonly Column[];
  readonly rowFilter?: RowFilter | null;
}

/** What `copyTable` would read now, without reading it: `rows` and `sourceChecksum` of its result. Rejects with a
 *  MigrationError. */
export async function readSourceChecksum(options: ReadSourceChecksumOptions): Promise<Figures> {
  const { source, table, columns, rowFilter } = options;
  try {
    return await readFigures(source, table, columns, rowFilter);
  } catch (error) {
    throw classifyDatabaseError(
      error,
      `computing the checksum of ${describeTable(table)} on ${source.label}`,
    );
  }
}

interface Figures {
  readonly rows: number;
  readonly checksum: string;
}

/** Without columns only the rows are counted. */
async function readFigures(
  connection: DatabaseConnection,
  table: TableName,
  columns: readonly Column[],
  rowFilter?: RowFilter | null,
): Promise<Figures> {
  const hashed = columns.filter(column => !column.isGenerated);
  const checksum = hashed.length > 0 ? buildChecksumExpression(hashed) : '0';
  const [figures] = await connection.query<{ rows: string; checksum: string }>(
    `SELECT COUNT(*) AS \`rows\`, ${checksum} AS checksum
     FROM ${quoteName(table.database, table.name)} ${buildWhere(connection, rowFilter)}`,
  );
  return { rows: Number(figures!.rows), checksum: formatChecksum(figures!.checksum) };
}
