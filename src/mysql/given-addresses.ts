// Which addresses runs have given to the sites of a target: the rows of its blogs table that they have put there. By
// these a later run knows a site of its source again that has another address there by now. Rows are only added, and none
// is needed: without one, somebody is asked whether it is the same site.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { quoteName } from './table-names.ts';

const ADDRESSES_TABLE = 'wfuwp_addresses';

/** One staging database may serve several targets, and a target several sources. */
export interface GivenAddressesKey {
  readonly staging: string;
  readonly database: string;
  readonly tablePrefix: string;
  /** Names the network that the sites are of. */
  readonly source: string;
}

/** Writes down the rows that the blogs table has of these sites. The staging database must be there. */
export async function writeGivenAddresses(
  connection: DatabaseConnection,
  { staging, database, tablePrefix, source }: GivenAddressesKey,
  siteIds: readonly number[],
): Promise<void> {
  if (siteIds.length === 0) return;
  const table = quoteName(staging, ADDRESSES_TABLE);
  try {
    await createAddressesTable(connection, staging);
    await connection.execute(
      `INSERT IGNORE INTO ${table} (live_database, table_prefix, site_id, digest, source, address, written_at)
       SELECT ?, ?, blog_id, SHA2(CONCAT_WS(' ', ?, domain, path), 256), ?, CONCAT(domain, path), UTC_TIMESTAMP(6)
       FROM ${quoteName(database, `${tablePrefix}blogs`)} WHERE blog_id IN (?)`,
      [database, tablePrefix, source, source, siteIds],
    );
  } catch (error) {
    throw classifyDatabaseError(error, `writing down which addresses the sites of ${database} were given`);
  }
}

async function createAddressesTable(connection: DatabaseConnection, staging: string): Promise<void> {
  const found = await connection.query(
    'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [staging, ADDRESSES_TABLE],
  );
  if (found.length > 0) return;
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${quoteName(staging, ADDRESSES_TABLE)} (
      live_database VARCHAR(64) NOT NULL,
      table_prefix VARCHAR(64) NOT NULL,
      site_id BIGINT NOT NULL,
      digest CHAR(64) CHARACTER SET ascii NOT NULL,
      source VARCHAR(255) NOT NULL,
      address TEXT NOT NULL,
      written_at DATETIME(6) NOT NULL,
      PRIMARY KEY (live_database, table_prefix, site_id, digest)
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin`,
  );
}

/** No such table, no such database, and no right to look into them. */
const NOTHING_TO_SEE = new Set([1146, 1049, 1142, 1044]);

/** By site; none where nobody knows. A source's server may have spelled the name of its database in another letter case than
 *  the configuration. */
export async function readGivenAddresses(
  connection: DatabaseConnection,
  { staging, database, tablePrefix, source }: GivenAddressesKey,
): Promise<Map<number, Set<string>>> {
  const given = new Map<number, Set<string>>();
  try {
    const rows = await connection.query<{ siteId: string | number; address: string }>(
      `SELECT site_id AS siteId, address FROM ${quoteName(staging, ADDRESSES_TABLE)}
       WHERE live_database = ? AND table_prefix = ? AND LOWER(source) = LOWER(?)`,
      [database, tablePrefix, source],
    );
    for (const { siteId, address } of rows) {
      const known = given.get(Number(siteId));
      if (known) known.add(address);
      else given.set(Number(siteId), new Set([address]));
    }
    return given;
  } catch (error) {
    if (NOTHING_TO_SEE.has((error as { errno?: number }).errno ?? 0)) return given;
    throw classifyDatabaseError(error, `reading which addresses the sites of ${database} were given`);
  }
}
