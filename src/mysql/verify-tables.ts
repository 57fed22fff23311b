// Proof that staged tables hold what was sent: their row counts and their checksums.

import { MigrationError } from '../errors.ts';
import { untilAbort } from '../lib/until-abort.ts';
import type { DatabaseConnection } from './client.ts';
import { listPeriod } from './history.ts';
import { describeTable, type TableName } from './loader.ts';
import { type Checksum, readChecksums } from './read-checksums.ts';
import type { Column } from './read-columns.ts';
import type { RowFilter } from './row-filter.ts';

/** `counts`: the number of rows. `checksum`: also every byte of them. */
export type VerifyMode = 'counts' | 'checksum' | 'off';

export interface SentTable {
  readonly table: TableName;
  /** As they were given to `copyTable`. Rows can be counted without, those of all times with those of the period. */
  readonly columns: readonly Column[];
  readonly sent: Checksum;
  /** Absent: all rows count. */
  readonly rowFilter?: RowFilter;
}

export interface VerifyTablesOptions {
  readonly target: DatabaseConnection;
  readonly tables: readonly SentTable[];
  readonly mode: VerifyMode;
  readonly signal: AbortSignal;
}

/** In one query. Rejects with MigrationError `verification` for the first that differs, figures in its details; or with
 *  the signal's reason, then the caller destroys the connection. */
export async function verifyTables({ target, tables, mode, signal }: VerifyTablesOptions): Promise<void> {
  if (mode === 'off' || tables.length === 0) return;
  const requests = tables.map(({ table, columns, rowFilter = null }) => ({
    table,
    columns: mode === 'checksum' ? columns : listPeriod(columns),
    rowFilter,
  }));
  const stored = await untilAbort(readChecksums(target, requests), signal);
  for (const [index, table] of tables.entries()) compareFigures(table, stored[index]!, mode);
}

function compareFigures({ table, sent }: SentTable, stored: Checksum, mode: VerifyMode): void {
  const name = describeTable(table);
  if (stored.rows !== sent.rows) {
    throw new MigrationError('verification', `${name} has ${stored.rows} rows, but ${sent.rows} were sent.`, {
      details: { table: name, sentRows: sent.rows, storedRows: stored.rows },
    });
  }
  if (mode === 'checksum' && stored.checksum !== sent.checksum) {
    throw new MigrationError(
      'verification',
      `${name} has the checksum ${stored.checksum}, but rows with ${sent.checksum} were sent.`,
      {
        details: {
          table: name,
          rows: stored.rows,
          sentChecksum: sent.checksum,
          storedChecksum: stored.checksum,
        },
      },
    );
  }
}
