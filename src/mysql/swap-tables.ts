// The cutover: all tables of one site change places in one statement. RENAME TABLE is atomic, so a visitor sees the
// old site or the new one, never a mixture.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { quoteName } from './table-names.ts';

export interface Swap {
  readonly live: string;
  readonly staging: string;
  readonly previous: string;
  /** Tables that move staging → live. */
  readonly incoming: readonly string[];
  /** Tables that move live → previous: all that the site has now, also those the new site doesn't have. */
  readonly outgoing: readonly string[];
}

/** One RENAME TABLE: live → previous, staging → live. The names must be free in `previous`. May not be repeated
 *  blindly after a lost connection: ask `readSwapSide` which side the tables are on. */
export async function swapTables(connection: DatabaseConnection, swap: Swap): Promise<void> {
  const moves = [
    ...swap.outgoing.map(table => `${quoteName(swap.live, table)} TO ${quoteName(swap.previous, table)}`),
    ...swap.incoming.map(table => `${quoteName(swap.staging, table)} TO ${quoteName(swap.live, table)}`),
  ];
  try {
    await connection.query(`RENAME TABLE ${moves.join(', ')}`);
  } catch (error) {
    throw classifyDatabaseError(
      error,
      `swapping ${swap.incoming.length} tables of ${swap.staging} into ${swap.live}`,
    );
  }
}

export async function dropTables(
  connection: DatabaseConnection,
  database: string,
  tables: readonly string[],
): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map(table => quoteName(database, table)).join(', ');
  try {
    await connection.query(`DROP TABLE IF EXISTS ${names}`);
  } catch (error) {
    throw classifyDatabaseError(error, `removing ${tables.length} tables from ${database}`);
  }
}
