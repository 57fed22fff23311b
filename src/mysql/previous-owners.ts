// Whose the tables in the previous database are. A later run replaces what an earlier one has kept, and then the earlier
// one must not swap back what isn't its own; and a table that no run has put there is nobody's to touch. So the database
// itself says it, whatever log directories there are. The table is only appended to: that needs no right beyond INSERT,
// and the last line of a site is the one that counts.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { FENCE_PREFIX } from './swap-tables.ts';
import { quoteName } from './table-names.ts';

const OWNERS_TABLE = 'wfuwp_previous';

/** `kept`: they are what was live before that run's cutover, which may still be to come. `rolled_back`: that is live
 *  again. `removed`: given up, and dropped or about to be. */
export type PreviousState = 'kept' | 'rolled_back' | 'removed';

/** What a site's last line says. */
export interface PreviousOwner {
  readonly siteId: number;
  readonly migrationId: string;
  readonly state: PreviousState;
  /** The fencing number of the lease under which it was written; 0: an older version has written it. */
  readonly fencing: number;
  /** The tables that are kept; null: an older version has written it, and names tell. */
  readonly tables: readonly string[] | null;
  /** The server's time right after they were put there, on which server: none of them was made later. null: the swap was
   *  broken off, or an older version has written it. */
  readonly sealed: { readonly at: string; readonly server: string } | null;
}

export interface OwnerLine {
  readonly siteId: number;
  readonly migrationId: string;
  readonly state: PreviousState;
  readonly tables?: readonly string[];
  /** They are there now. The server's id. */
  readonly sealedOn?: string;
}

/** The database must be there. Brings the table of an older version up to date. */
export async function createOwnersTable(connection: DatabaseConnection, previous: string): Promise<void> {
  const columns = await connection.query<{ name: string }>(
    'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [previous, OWNERS_TABLE],
  );
  const table = quoteName(previous, OWNERS_TABLE);
  if (columns.length === 0) {
    await connection.execute(
      `CREATE TABLE IF NOT EXISTS ${table} (
        id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        site_id BIGINT NOT NULL,
        migration_id VARCHAR(255) NOT NULL,
        state VARCHAR(20) NOT NULL,
        written_at DATETIME(6) NOT NULL,
        ${NEWER_COLUMNS.join(', ')}
      ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin`,
    );
  } else if (!columns.some(column => column.name === 'fencing')) {
    await connection.execute(
      `ALTER TABLE ${table} ${NEWER_COLUMNS.map(column => `ADD COLUMN ${column}`).join(', ')}`,
    );
  }
}

const NEWER_COLUMNS = [
  'fencing BIGINT NOT NULL DEFAULT 0',
  'tables LONGTEXT NULL',
  "sealed_on VARCHAR(64) NOT NULL DEFAULT ''",
];

/** Reads the fence in the same statement: a run that has lost its lease must not speak for the tables of another. */
export async function writePreviousOwner(
  connection: DatabaseConnection,
  previous: string,
  { siteId, migrationId, state, tables, sealedOn = '' }: OwnerLine,
  fence: TableName,
): Promise<void> {
  const fencing = Number.parseInt(fence.name.slice(FENCE_PREFIX.length), 10);
  try {
    await connection.execute(
      `INSERT INTO ${quoteName(previous, OWNERS_TABLE)}
         (site_id, migration_id, state, fencing, tables, sealed_on, written_at)
       SELECT ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM DUAL
       WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(fence.database, fence.name)})`,
      [siteId, migrationId, state, fencing, JSON.stringify(tables ?? []), sealedOn],
    );
  } catch (error) {
    throw classifyDatabaseError(error, `writing down whose the previous tables of site ${siteId} are`);
  }
}

const ER_BAD_FIELD = 1054;
/** There is no such database or table, or the user may not read it: then a check names the right. */
const UNKNOWN = new Set([1044, 1049, 1142, 1146]);

/** By site; 0 stands for the network tables. A site that isn't there has nobody's. `siteId`: only of this one. */
export async function readPreviousOwners(
  connection: DatabaseConnection,
  previous: string,
  siteId?: number,
): Promise<Map<number, PreviousOwner>> {
  const table = quoteName(previous, OWNERS_TABLE);
  const last =
    siteId === undefined
      ? `id IN (SELECT MAX(id) FROM ${table} GROUP BY site_id)`
      : `id = (SELECT MAX(id) FROM ${table} WHERE site_id = ${siteId})`;
  const select = (columns: string): Promise<OwnerRow[]> =>
    connection.query(`SELECT site_id, migration_id, state, ${columns} FROM ${table} WHERE ${last}`);
  try {
    const rows = await select('fencing, tables, sealed_on, written_at').catch(error => {
      if (errnoOf(error) === ER_BAD_FIELD) return select("0 AS fencing, NULL AS tables, '' AS sealed_on, ''");
      throw error;
    });
    return new Map(rows.map(row => [Number(row.site_id), toOwner(row)]));
  } catch (error) {
    if (UNKNOWN.has(errnoOf(error) ?? 0)) return new Map();
    throw classifyDatabaseError(error, `reading whose the tables in ${previous} are`);
  }
}

type OwnerRow = Readonly<Record<string, string | number | null>>;

function toOwner(row: OwnerRow): PreviousOwner {
  return {
    siteId: Number(row.site_id),
    migrationId: String(row.migration_id),
    state: row.state as PreviousState,
    fencing: Number(row.fencing),
    tables: row.tables === null ? null : (JSON.parse(String(row.tables)) as string[]),
    sealed: row.sealed_on ? { at: String(row.written_at), server: String(row.sealed_on) } : null,
  };
}

const errnoOf = (error: unknown): number | undefined => (error as { errno?: number }).errno;
