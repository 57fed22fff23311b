import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { findTables } from './find-tables.ts';

/** What a server says of a table that two tables of one name can be told apart by. Whole seconds, UTC. */
export interface MadeTable {
  /** When it was made; on MariaDB also when it was renamed or altered. Rows that come and go don't change it. */
  readonly createdAt: string;
  /** When a row of it was last written; empty: the server doesn't know, as after its start. */
  readonly updatedAt: string;
}

export interface MadeTables {
  /** The server's clock when it was asked. */
  readonly now: string;
  readonly tables: ReadonlyMap<string, MadeTable>;
}

const SELECT = `SELECT TABLE_NAME AS name, IFNULL(CREATE_TIME, '') AS createdAt, IFNULL(UPDATE_TIME, '') AS updatedAt,
    UTC_TIMESTAMP() AS now FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`;

/** Of the named tables those that are there. One query. Rejects with a MigrationError. */
export async function readMadeTables(
  connection: DatabaseConnection,
  database: string,
  names: readonly string[],
): Promise<MadeTables> {
  if (names.length === 0) return { now: '', tables: new Map() };
  const { sql, values } = findTables(SELECT, database, names);
  try {
    const rows = await connection.query<MadeTable & { name: string; now: string }>(sql, values);
    const tables = rows.map(({ name, createdAt, updatedAt }) => [name, { createdAt, updatedAt }] as const);
    return { now: rows[0]?.now ?? '', tables: new Map(tables) };
  } catch (error) {
    throw classifyDatabaseError(error, `looking at tables of ${database} on ${connection.label}`);
  }
}
