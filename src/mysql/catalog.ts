// What a database server holds, read in a constant number of queries whatever the size of the network.

import type { QueryError } from 'mysql2';
import type { DatabaseConnection } from './client.ts';
import { findTables } from './find-tables.ts';
import { hasSafeId } from './odd-ids.ts';

export interface CatalogTable {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'sequence';
  readonly engine: string;
  /** The server's estimate. */
  readonly rows: number;
  readonly sizeBytes: number;
  readonly collation: string | null;
  /** It keeps the rows that it had before (MariaDB's WITH SYSTEM VERSIONING). */
  readonly keepsHistory?: true;
  /** The server can't open it, and says why. */
  readonly damage?: string;
}

export interface CatalogTrigger {
  readonly name: string;
  readonly table: string;
}

export interface CatalogForeignKey {
  readonly name: string;
  readonly table: string;
  /** With its database where that is another one. */
  readonly referencedTable: string;
  /** That one; absent: it is the same. */
  readonly referencedDatabase?: string;
}

/** Of the whole database: whose it is can't be told. */
export interface CatalogRoutine {
  readonly kind: 'procedure' | 'function' | 'event' | 'package' | 'package body' | 'library';
  readonly name: string;
}

export interface Catalog {
  readonly database: string;
  readonly tables: readonly CatalogTable[];
  readonly triggers: readonly CatalogTrigger[];
  readonly foreignKeys: readonly CatalogForeignKey[];
  /** Those that the user may see, events too. */
  readonly routines: readonly CatalogRoutine[];
  /** The server can't read its own tables of routines or events, as after an upgrade that was not finished. */
  readonly lacksRoutines?: true;
  /** Table → collations that its columns use beyond the table's own. */
  readonly columnCollations: ReadonlyMap<string, readonly string[]>;
}

type TableRow = Readonly<Record<string, string | null>>;

const SELECT_TABLES = `SELECT TABLE_NAME AS name, TABLE_TYPE AS kind, ENGINE AS engine, TABLE_ROWS AS tableRows,
    DATA_LENGTH + INDEX_LENGTH AS sizeBytes, TABLE_COLLATION AS collation,
    IF(ENGINE IS NULL, TABLE_COMMENT, NULL) AS damage
  FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`;

// KEY_COLUMN_USAGE would show them to a user who has only SELECT, too, but opens every table of the database for it, and
// waits for each that is locked.
const SELECT_FOREIGN_KEYS = `SELECT CONSTRAINT_NAME AS name, TABLE_NAME AS \`table\`,
    IF(UNIQUE_CONSTRAINT_SCHEMA = CONSTRAINT_SCHEMA, '', UNIQUE_CONSTRAINT_SCHEMA) AS place,
    REFERENCED_TABLE_NAME AS referencedTable
  FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?`;

function toTable(row: TableRow): CatalogTable {
  return {
    name: row.name!,
    kind: row.kind === 'VIEW' ? 'view' : row.kind === 'SEQUENCE' ? 'sequence' : 'table',
    engine: row.engine ?? '',
    rows: Number(row.tableRows ?? 0),
    sizeBytes: Number(row.sizeBytes ?? 0),
    collation: row.collation ?? null,
    ...(row.kind === 'SYSTEM VERSIONED' ? { keepsHistory: true } : {}),
    ...(row.kind !== 'VIEW' && row.damage ? { damage: row.damage } : {}),
  };
}

type ForeignKeyRow = CatalogForeignKey & { readonly place: string };

function toForeignKey({ name, table, place, referencedTable }: ForeignKeyRow): CatalogForeignKey {
  if (place === '') return { name, table, referencedTable };
  return { name, table, referencedTable: `${place}.${referencedTable}`, referencedDatabase: place };
}

/** The same of a few tables only, by name. */
export async function readTables(
  connection: DatabaseConnection,
  database: string,
  names: readonly string[],
): Promise<CatalogTable[]> {
  if (names.length === 0) return [];
  const rows = await connection.query<TableRow>(`${SELECT_TABLES} AND TABLE_NAME IN (?)`, [database, names]);
  return rows.map(toTable);
}

/** Six queries. Names come in the server's order. Two of them open every table, one behind the other unless foreign keys
 *  are read on another connection to the server: side by side they take hardly longer than one. */
export async function readCatalog(
  connection: DatabaseConnection,
  database: string,
  foreignKeysOf = (): Promise<CatalogForeignKey[]> => readForeignKeys(connection, database),
): Promise<Catalog> {
  const [tables, foreignKeys] = await Promise.all([
    connection.query<TableRow>(SELECT_TABLES, [database]),
    foreignKeysOf(),
  ]);
  const triggers = await connection.query<{ name: string; table: string }>(
    'SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS `table` FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?',
    [database],
  );
  const collations = await connection.query<{ table: string; collation: string }>(
    `SELECT DISTINCT TABLE_NAME AS \`table\`, COLLATION_NAME AS collation
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND COLLATION_NAME IS NOT NULL`,
    [database],
  );
  const routines = await readRoutines(connection, SELECT_ROUTINES, database);
  const events = await readRoutines(connection, SELECT_EVENTS, database);
  const columnCollations = new Map<string, string[]>();
  for (const row of collations) {
    const known = columnCollations.get(row.table);
    if (known) known.push(row.collation);
    else columnCollations.set(row.table, [row.collation]);
  }
  return {
    database,
    tables: tables.map(toTable),
    triggers,
    foreignKeys,
    routines: [...(routines ?? []), ...(events ?? [])],
    ...(routines && events ? {} : { lacksRoutines: true }),
    columnCollations,
  };
}

/** Opens every table. */
export async function readForeignKeys(
  connection: DatabaseConnection,
  database: string,
): Promise<CatalogForeignKey[]> {
  return (await connection.query<ForeignKeyRow>(SELECT_FOREIGN_KEYS, [database])).map(toForeignKey);
}

const SELECT_ROUTINES = `SELECT LOWER(ROUTINE_TYPE) AS kind, ROUTINE_NAME AS name FROM information_schema.ROUTINES
  WHERE ROUTINE_SCHEMA = ? ORDER BY kind, name`;
const SELECT_EVENTS =
  "SELECT 'event' AS kind, EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY name";

/** Can't open, can't load, wrong number of columns, damaged. */
const UNREADABLE = new Set([1545, 1547, 1548, 1558, 1577, 1805]);

async function readRoutines(
  connection: DatabaseConnection,
  select: string,
  database: string,
): Promise<CatalogRoutine[] | null> {
  try {
    return await connection.query<CatalogRoutine>(select, [database]);
  } catch (error) {
    if (UNREADABLE.has((error as QueryError).errno ?? 0)) return null;
    throw error;
  }
}

/** Which of the named tables exist in `database`, or all that begin with a prefix; views count. One query. */
export async function readTableNames(
  connection: DatabaseConnection,
  database: string,
  which: readonly string[] | { readonly prefix: string },
): Promise<Set<string>> {
  if (!('prefix' in which) && which.length === 0) return new Set();
  const { sql, values } =
    'prefix' in which ? findByPrefix(database, which.prefix) : findTables(SELECT_NAMES, database, which);
  const rows = await connection.query<{ name: string }>(sql, values);
  return new Set(rows.map(row => row.name));
}

const SELECT_NAMES = 'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?';

/** MariaDB reads the names of all tables of the database for it. */
function findByPrefix(database: string, prefix: string): { sql: string; values: unknown[] } {
  return {
    sql: `${SELECT_NAMES} AND LEFT(TABLE_NAME, CHAR_LENGTH(?)) = ?`,
    values: [database, prefix, prefix],
  };
}

/** A row of wp_site: WordPress calls a network what it once called a site. */
export interface Network {
  readonly networkId: number;
  readonly domain: string;
  readonly path: string;
}

/** Every network but those of readOddIds, one query. The table must exist. */
export async function readNetworks(
  connection: Pick<DatabaseConnection, 'query'>,
  siteTable: string,
): Promise<Network[]> {
  const rows = await connection.query<Record<string, string | number>>(
    `SELECT id, domain, path FROM ${siteTable} WHERE ${hasSafeId('id')} ORDER BY id`,
  );
  return rows.map(row => ({ networkId: Number(row.id), domain: String(row.domain), path: String(row.path) }));
}

/** A row of wp_blogs. */
export interface Blog {
  readonly siteId: number;
  readonly networkId: number;
  readonly domain: string;
  readonly path: string;
  readonly archived: boolean;
  readonly spam: boolean;
  readonly deleted: boolean;
  /** When the site was made, as the database has it. */
  readonly registered: string;
}

/** Every blog of the network but those of readOddIds, one query. The table must exist. */
export async function readBlogs(
  connection: Pick<DatabaseConnection, 'query'>,
  blogsTable: string,
): Promise<Blog[]> {
  const rows = await connection.query<Record<string, string | number>>(
    `SELECT blog_id, site_id, domain, path, archived, spam, deleted, registered FROM ${blogsTable}
     WHERE ${hasSafeId('blog_id', 'site_id')} ORDER BY blog_id`,
  );
  return rows.map(row => ({
    siteId: Number(row.blog_id),
    networkId: Number(row.site_id),
    domain: String(row.domain),
    path: String(row.path),
    archived: Number(row.archived) === 1,
    spam: Number(row.spam) === 1,
    deleted: Number(row.deleted) === 1,
    registered: String(row.registered),
  }));
}
