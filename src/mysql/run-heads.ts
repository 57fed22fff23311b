// How far the journal of each run was that has changed a target database. It stands in that database itself, so that a
// journal that was cut or exchanged, or a copy that has fallen behind, is told wherever it is brought from. A row a run,
// replaced by each deed; see run-ledger.ts.

import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

const RUNS_TABLE = 'wfuwp_runs';

export interface RunHead {
  /** The last line of the journal that the deed rests on, and its hash. */
  readonly seq: number;
  readonly hash: string;
}

export interface RunOwner {
  readonly migrationId: string;
  readonly fencing: number;
  readonly host: string;
  /** The run's directory, in full. */
  readonly directory: string;
}

export interface KnownRunHead extends RunHead {
  readonly host: string;
  readonly directory: string;
  /** ISO 8601, UTC, of the server's clock. */
  readonly writtenAt: string;
}

export async function createRunsTable(connection: DatabaseConnection, database: string): Promise<void> {
  const found = await connection.query(
    'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [database, RUNS_TABLE],
  );
  if (found.length > 0) return;
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${quoteName(database, RUNS_TABLE)} (
      migration_id VARCHAR(150) NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      hash VARCHAR(64) NOT NULL,
      fencing BIGINT NOT NULL,
      host VARCHAR(255) NOT NULL,
      directory TEXT NOT NULL,
      written_at DATETIME(6) NOT NULL
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4`,
  );
}

const ER_BAD_DATABASE = 1049;
const ER_NO_SUCH_TABLE = 1146;

/** null: the run has changed nothing there, or a version that wrote no such rows has done it. */
export async function readRunHead(
  connection: DatabaseConnection,
  database: string,
  migrationId: string,
): Promise<KnownRunHead | null> {
  try {
    const [row] = await connection.query<Record<string, string | number>>(
      `SELECT seq, hash, host, directory, written_at FROM ${quoteName(database, RUNS_TABLE)}
       WHERE migration_id = ?`,
      [migrationId],
    );
    if (!row) return null;
    return {
      seq: Number(row.seq),
      hash: String(row.hash),
      host: String(row.host),
      directory: String(row.directory),
      writtenAt: `${String(row.written_at).replace(' ', 'T').slice(0, 23)}Z`,
    };
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === ER_NO_SUCH_TABLE || errno === ER_BAD_DATABASE) return null;
    throw error;
  }
}

/** Reads the fence in the same statement: a run that has lost its lease must not say any more where it stands. */
export async function writeRunHead(
  connection: DatabaseConnection,
  database: string,
  { migrationId, fencing, host, directory }: RunOwner,
  { seq, hash }: RunHead,
  fence: TableName,
): Promise<void> {
  await connection.execute(
    `INSERT INTO ${quoteName(database, RUNS_TABLE)}
       (migration_id, seq, hash, fencing, host, directory, written_at)
     SELECT ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM DUAL
     WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(fence.database, fence.name)})
     ON DUPLICATE KEY UPDATE seq = ?, hash = ?, fencing = ?, host = ?, directory = ?,
       written_at = UTC_TIMESTAMP(6)`,
    [migrationId, seq, hash, fencing, host, directory, seq, hash, fencing, host, directory],
  );
}
