// What a copy made of each site of a target: figures of the source's tables and of the live ones it left. By these a
// later run proves that neither side has changed. Each row is a claim about content ("this source gives that target"),
// not about what is live: the proof reads both sides anew, so a row that is stale or missing costs a copy and no more.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

export const COPIED_TABLE = 'wfuwp_copied';

/** One staging database may serve several targets. */
export interface CopiedSiteKey {
  readonly database: string;
  readonly tablePrefix: string;
  readonly siteId: number;
}

export interface TableFigures {
  readonly table: string;
  /** Digest of its definition; see read-definition.ts. */
  readonly definition: string;
  readonly rows: number;
  readonly checksum: string;
}

export interface CopiedSite {
  readonly migrationId: string;
  /** What decides, besides the source's content, what a copy is like; each part by its name. */
  readonly recipe: Readonly<Record<string, string>>;
  readonly tables: readonly { readonly source: TableFigures; readonly target: TableFigures }[];
}

/** The staging database must be there. That of an older version gives way: what it says costs a copy and no more. */
export async function createCopiedTable(connection: DatabaseConnection, staging: string): Promise<void> {
  const columns = await connection.query<{ name: string }>(
    'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [staging, COPIED_TABLE],
  );
  if (columns.some(column => column.name === 'building')) return;
  if (columns.length > 0) await connection.execute(`DROP TABLE ${quoteName(staging, COPIED_TABLE)}`);
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${quoteName(staging, COPIED_TABLE)} (
      live_database VARCHAR(64) NOT NULL,
      table_prefix VARCHAR(64) NOT NULL,
      site_id BIGINT NOT NULL,
      copied LONGTEXT NULL,
      building LONGTEXT NULL,
      written_at DATETIME(6) NOT NULL,
      PRIMARY KEY (live_database, table_prefix, site_id)
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin`,
  );
}

const BY_KEY = 'WHERE live_database = ? AND table_prefix = ? AND site_id = ?';
export const valuesOf = ({ database, tablePrefix, siteId }: CopiedSiteKey): unknown[] => [
  database,
  tablePrefix,
  siteId,
];

const ER_NO_SUCH_TABLE = 1146;

/** null: nobody knows. */
export async function readCopiedSite(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
): Promise<CopiedSite | null> {
  try {
    const [row] = await connection.query<{ copied: string | null }>(
      `SELECT copied FROM ${quoteName(staging, COPIED_TABLE)} ${BY_KEY}`,
      valuesOf(key),
    );
    return row?.copied ? (JSON.parse(row.copied) as CopiedSite) : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as { errno?: number }).errno === ER_NO_SUCH_TABLE) return null;
    throw classifyDatabaseError(error, `reading what site ${key.siteId} was copied from`);
  }
}

/** After its cutover: nothing of it stands in staging any more. Reads the fence in the same statement, as
 *  writePreviousOwner does. `copied`: null where nothing may be said of the copy. */
export async function writeCopiedSite(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
  copied: CopiedSite | null,
  fence: TableName,
): Promise<void> {
  try {
    await connection.execute(
      `REPLACE INTO ${quoteName(staging, COPIED_TABLE)} (live_database, table_prefix, site_id, copied, written_at)
       SELECT ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM DUAL
       WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(fence.database, fence.name)})`,
      [...valuesOf(key), copied && JSON.stringify(copied)],
    );
  } catch (error) {
    throw classifyDatabaseError(error, `writing down what site ${key.siteId} was copied from`);
  }
}

/** Needs no fence: the worst that it can cause is a copy too many. */
export async function forgetCopiedSite(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
): Promise<void> {
  await forgetPart(connection, staging, key, 'copied');
}

/** Where the table is gone, nothing is left to forget. */
export async function forgetPart(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
  part: 'copied' | 'building',
): Promise<void> {
  try {
    await connection.execute(
      `UPDATE ${quoteName(staging, COPIED_TABLE)} SET ${part} = NULL ${BY_KEY}`,
      valuesOf(key),
    );
  } catch (error) {
    if ((error as { errno?: number }).errno === ER_NO_SUCH_TABLE) return;
    throw classifyDatabaseError(error, `forgetting what is written down of site ${key.siteId} (${part})`);
  }
}
