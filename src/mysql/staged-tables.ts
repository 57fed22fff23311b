// Whose the tables in the staging database are: the run that builds a site there says so before it makes the first of
// its tables. What nobody has written down was made by somebody else and is not touched. In one row a site with what was
// copied of it, see copied-sites.ts.

import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { COPIED_TABLE, type CopiedSiteKey, forgetPart, valuesOf } from './copied-sites.ts';
import { LEASE_TABLE } from './lease-row.ts';
import { quoteName } from './table-names.ts';

export interface Building {
  readonly migrationId: string;
  /** Of the lease under which it is built. */
  readonly fencing: number;
  readonly tables: readonly string[];
}

export interface StagedSite extends Building {
  readonly key: CopiedSiteKey;
}

/** Says that these tables of a site are about to be made. Rejects with `locked` when the lease is another run's by now:
 *  then whatever stands in staging may be that run's. */
export async function announceStaged(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
  building: Building,
): Promise<void> {
  const text = JSON.stringify(building);
  const lease = quoteName(key.database, LEASE_TABLE);
  try {
    const { affectedRows } = await connection.execute(
      `INSERT INTO ${quoteName(staging, COPIED_TABLE)} (live_database, table_prefix, site_id, building, written_at)
       SELECT ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM ${lease} WHERE ${lease}.id = 1 AND ${lease}.fencing = ?
       ON DUPLICATE KEY UPDATE building = ?, written_at = UTC_TIMESTAMP(6)`,
      [...valuesOf(key), text, building.fencing, text],
    );
    if (affectedRows > 0) return;
  } catch (error) {
    throw classifyDatabaseError(error, `writing down that site ${key.siteId} is built`);
  }
  throw new MigrationError('locked', 'This run has lost its lease of the target: another one has taken it.', {
    hint: 'Wait for the other run to end, then --resume ID.',
  });
}

/** Says that nothing of the site stands in staging any more. */
export async function forgetStaged(
  connection: DatabaseConnection,
  staging: string,
  key: CopiedSiteKey,
): Promise<void> {
  await forgetPart(connection, staging, key, 'building');
}

/** There is no such database, table or column, or the user may not read it: then a check names the right. */
const UNKNOWN = new Set([1044, 1049, 1054, 1142, 1146]);

/** Every site that is being built there, or was when its run died. */
export async function readStaged(connection: DatabaseConnection, staging: string): Promise<StagedSite[]> {
  try {
    const rows = await connection.query<Record<string, string | number>>(
      `SELECT live_database, table_prefix, site_id, building FROM ${quoteName(staging, COPIED_TABLE)}
       WHERE building IS NOT NULL`,
    );
    return rows.map(row => ({
      ...(JSON.parse(String(row.building)) as Building),
      key: {
        database: String(row.live_database),
        tablePrefix: String(row.table_prefix),
        siteId: Number(row.site_id),
      },
    }));
  } catch (error) {
    if (UNKNOWN.has((error as { errno?: number }).errno ?? 0)) return [];
    throw classifyDatabaseError(error, `reading whose the tables in ${staging} are`);
  }
}
