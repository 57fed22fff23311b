// Proof that a staged table holds what was sent: its row count and its checksum.

import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { readChecksums } from './read-checksums.ts';
import type { Column } from './read-columns.ts';

/** `counts`: the number of rows. `checksum`: also every byte of them. */
export type VerifyMode = 'counts' | 'checksum' | 'off';

export interface VerifyTableOptions {
  readonly target: DatabaseConnection;
  readonly table: TableName;
  /** As they were given to `copyTable`. */
  readonly columns: readonly Column[];
  readonly expected: { readonly rows: number; readonly checksum: string };
  readonly mode: VerifyMode;
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
    await Promise.race([compareFigures(options), aborted.promise]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw classifyDatabaseError(error, `verifying ${describeTable(table)} on ${target.label}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function compareFigures({ target, table, columns, expected, mode }: VerifyTableOptions): Promise<void> {
  const [found] = await readChecksums(target, [{ table, columns: mode === 'checksum' ? columns : [] }]);
  const name = describeTable(table);
  if (found!.rows !== expected.rows) {
    throw new MigrationError(
      'verification',
      `${name} has ${found!.rows} rows, but ${expected.rows} were sent.`,
      {
        details: { table: name, sentRows: expected.rows, storedRows: found!.rows },
      },
    );
  }
  if (mode === 'checksum' && found!.checksum !== expected.checksum) {
    throw new MigrationError(
      'verification',
      `${name} has the checksum ${found!.checksum}, but rows with ${expected.checksum} were sent.`,
      {
        details: {
          table: name,
          rows: found!.rows,
          sentChecksum: expected.checksum,
          storedChecksum: found!.checksum,
        },
      },
    );
  }
}
