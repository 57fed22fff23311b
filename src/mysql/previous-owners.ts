// Whose the tables in the previous database are. A later run replaces what an earlier one has kept, and then the earlier
// one must not swap back what isn't its own. So the database itself says it, whatever log directories there are. The
// table is only appended to: that needs no right beyond INSERT, and the last line of a site is the one that counts.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

const OWNERS_TABLE = 'wfuwp_previous';

/** `kept`: they are what was live before that run's cutover, which may still be to come. `rolled_back`: that is live
 *  again. `removed`: given up, and dropped or about to be. */
export type PreviousState = 'kept' | 'rolled_back' | 'removed';

export interface PreviousOwner {
  readonly siteId: number;
  readonly migrationId: string;
  readonly state: PreviousState;
}

/** The database must be there. */
export async function createOwnersTable(connection: DatabaseConnection, previous: string): Promise<void> {
  const found = await connection.query(
    'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [previous, OWNERS_TABLE],
  );
  if (found.length > 0) return;
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${quoteName(previous, OWNERS_TABLE)} (
      id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      site_id BIGINT NOT NULL,
      migration_id VARCHAR(255) NOT NULL,
      state VARCHAR(20) NOT NULL,
      written_at DATETIME(6) NOT NULL
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4`,
  );
}

/** Reads the fence in the same statement: a run that has lost its lease must not speak for the tables of another. */
export async function writePreviousOwner(
  connection: DatabaseConnection,
  previous: string,
  { siteId, migrationId, state }: PreviousOwner,
  fence: TableName,
): Promise<void> {
  try {
    await connection.execute(
      `INSERT INTO ${quoteName(previous, OWNERS_TABLE)} (site_id, migration_id, state, written_at)
       SELECT ?, ?, ?, UTC_TIMESTAMP(6) FROM DUAL
       WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(fence.database, fence.name)})`,
      [siteId, migrationId, state],
    );
  } catch (error) {
    throw classifyDatabaseError(error, `writing down whose the previous tables of site ${siteId} are`);
  }
}

const ER_BAD_DATABASE = 1049;
const ER_NO_SUCH_TABLE = 1146;

/** By site; 0 stands for the network tables. A site that isn't there has nobody's. */
export async function readPreviousOwners(
  connection: DatabaseConnection,
  previous: string,
): Promise<Map<number, PreviousOwner>> {
  const table = quoteName(previous, OWNERS_TABLE);
  try {
    const rows = await connection.query<Record<string, string | number>>(
      `SELECT site_id, migration_id, state FROM ${table} WHERE id IN (SELECT MAX(id) FROM ${table} GROUP BY site_id)`,
    );
    return new Map(
      rows.map(row => [
        Number(row.site_id),
        {
          siteId: Number(row.site_id),
          migrationId: String(row.migration_id),
          state: row.state as PreviousState,
        },
      ]),
    );
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === ER_NO_SUCH_TABLE || errno === ER_BAD_DATABASE) return new Map();
    throw classifyDatabaseError(error, `reading whose the tables in ${previous} are`);
  }
}
