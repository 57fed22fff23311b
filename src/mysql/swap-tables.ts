// The cutover: all tables of one site change places in one statement. RENAME TABLE is atomic, so a visitor sees the
// old site or the new one, never a mixture.

import { createHash, randomBytes } from 'node:crypto';
import { MigrationError } from '../errors.ts';
import { readTableNames } from './catalog.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

/** No table of a site begins so: fences, and tables that are being dropped under one. */
export const FENCE_PREFIX = 'wfuwp_fence_';

export interface Swap {
  readonly live: string;
  readonly staging: string;
  readonly previous: string;
  /** Tables that move staging → live. */
  readonly incoming: readonly string[];
  /** Tables that move live → previous: all that the site has now, also those the new site doesn't have. */
  readonly outgoing: readonly string[];
  /** Tables of live that make room under a name in staging that means nothing to anybody, see nameLeftover. */
  readonly placeholders?: readonly { readonly table: string; readonly leftover: string }[];
  /** A table that is there only while this run holds its lease (see fences.ts): without it nothing moves. */
  readonly fence?: TableName | null;
}

/** One RENAME TABLE: live → previous, staging → live. The names must be free in `previous`. May not be repeated
 *  blindly after a lost connection: the tables say on which side they are. Rejects with `locked`, and nothing has
 *  moved, when the fence is gone. */
export async function swapTables(connection: DatabaseConnection, swap: Swap): Promise<void> {
  const { live, staging, previous, incoming, outgoing, placeholders = [], fence } = swap;
  const moves = [
    ...outgoing.map(table => `${quoteName(live, table)} TO ${quoteName(previous, table)}`),
    ...placeholders.map(
      ({ table, leftover }) => `${quoteName(live, table)} TO ${quoteName(staging, leftover)}`,
    ),
    ...incoming.map(table => `${quoteName(staging, table)} TO ${quoteName(live, table)}`),
  ];
  await rename(connection, moves, fence, `swapping ${incoming.length} tables of ${staging} into ${live}`);
}

export interface SwapBack {
  readonly live: string;
  readonly staging: string;
  readonly previous: string;
  /** Tables that leave live, each with the name it gets in staging: one that no site has there, see nameLeftover. */
  readonly outgoing: readonly { readonly table: string; readonly leftover: string }[];
  /** Tables that move previous → live. */
  readonly incoming: readonly string[];
  readonly fence: TableName;
}

/** The cutover the other way, again one RENAME TABLE. What was said of swapTables holds. */
export async function swapBack(connection: DatabaseConnection, swap: SwapBack): Promise<void> {
  const { live, staging, previous, outgoing, incoming, fence } = swap;
  const moves = [
    ...outgoing.map(({ table, leftover }) => `${quoteName(live, table)} TO ${quoteName(staging, leftover)}`),
    ...incoming.map(table => `${quoteName(previous, table)} TO ${quoteName(live, table)}`),
  ];
  await rename(
    connection,
    moves,
    fence,
    `swapping ${incoming.length} tables of ${previous} back into ${live}`,
  );
}

/** The name in staging of a table that was swapped back out: of those that mean nothing to anybody, so that no run takes
 *  it for a copy of its own, and the next taker of the lease drops it. The same for the same site and table. */
export function nameLeftover(siteId: number, table: string): string {
  const mark = createHash('sha256').update(table).digest('hex').slice(0, 8);
  return `${FENCE_PREFIX}0_${siteId}_${mark}_0`;
}

/** The names that discardTables and nameLeftover give; a fence itself has none of these. */
const DISCARDED = new RegExp(`^${FENCE_PREFIX}\\d+_\\d+_[0-9a-f]{8}_\\d+$`);

export interface Discard {
  readonly database: string;
  readonly tables: readonly string[];
  readonly fence: TableName;
}

/** Drops tables as dropTables does, but only under a fence: a run that has lost its lease must not drop what another
 *  one keeps there. DROP can't have a fence, so they are first renamed, to names that mean nothing to anybody. What a
 *  crash has left under such names goes as well. */
export async function discardTables(connection: DatabaseConnection, discard: Discard): Promise<void> {
  const { database, tables, fence } = discard;
  if (tables.length === 0) return;
  const marked = `${fence.name}_${randomBytes(4).toString('hex')}`;
  const moves = tables.map(
    (table, index) => `${quoteName(database, table)} TO ${quoteName(database, `${marked}_${index}`)}`,
  );
  await rename(connection, moves, fence, `removing ${tables.length} tables from ${database}`);
  await dropTables(connection, database, await listDiscarded(connection, database));
}

/** Tables that were swapped out or given up and only wait to be dropped: a crash has left them. */
export async function listDiscarded(connection: DatabaseConnection, database: string): Promise<string[]> {
  const names = await readTableNames(connection, database, { prefix: FENCE_PREFIX });
  return [...names].filter(name => DISCARDED.test(name));
}

async function rename(
  connection: DatabaseConnection,
  moves: readonly string[],
  fence: TableName | null | undefined,
  doing: string,
): Promise<void> {
  try {
    await connection.query(`RENAME TABLE ${[...(fence ? passFence(fence) : []), ...moves].join(', ')}`);
  } catch (error) {
    const failure = explainTrigger(classifyDatabaseError(error, doing));
    throw fence && (await isGone(connection, fence)) ? lostFence(doing, failure) : failure;
  }
}

const ER_TRG_IN_WRONG_SCHEMA = 1435;

/** The server's own words are "Trigger in wrong schema". */
function explainTrigger(error: MigrationError): MigrationError {
  if (error.details.errno !== ER_TRG_IN_WRONG_SCHEMA) return error;
  const { code, message, details } = error;
  return new MigrationError(code, `${message}: a table with a trigger can't be moved to another database.`, {
    hint: "Drop the trigger of the site's live tables (SHOW TRIGGERS) at the target, then --resume ID --retry-failed; make it again afterwards if it is needed.",
    details,
    cause: error,
  });
}

/** To another name and back: the statement needs the table, and leaves it as it was. First in the statement, so that
 *  without it nothing has to be moved back. */
function passFence({ database, name }: TableName): string[] {
  const [fence, moved] = [quoteName(database, name), quoteName(database, `${name}_moved`)];
  return [`${fence} TO ${moved}`, `${moved} TO ${fence}`];
}

/** False also when the server can't be asked: then the statement's own error says more. */
async function isGone(connection: DatabaseConnection, { database, name }: TableName): Promise<boolean> {
  const found = await readTableNames(connection, database, [name]).catch(() => null);
  return found?.size === 0;
}

function lostFence(doing: string, cause: MigrationError): MigrationError {
  return new MigrationError(
    'locked',
    `This run has lost its lease of the target while ${doing}: another one has taken it, and nothing was moved.`,
    { hint: 'Wait for the other run to end, then --resume ID.', details: cause.details, cause },
  );
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
