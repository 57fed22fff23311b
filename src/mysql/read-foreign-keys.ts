// Foreign keys by the databases of both ends. InnoDB's own list has them all at once, but only for who has PROCESS. In
// the standard's tables everybody sees keys of tables that he may use; MariaDB opens each table of a database for it.

import type { DatabaseConnection } from './client.ts';
import { findTables, mayLookUp } from './find-tables.ts';
import { type Grant, missingPrivileges } from './grants.ts';

/** A table's reference to another one; a table may refer to itself. */
export interface ForeignKey {
  readonly name: string;
  readonly database: string;
  readonly table: string;
  readonly referencedDatabase: string;
  readonly referencedTable: string;
}

type Flavour = 'mariadb' | 'mysql';

export interface KeysAround {
  /** Of tables of other databases which refer to one of these. */
  readonly keys: readonly ForeignKey[];
  /** There may be more, of databases that the user may not see. */
  readonly mayLack: boolean;
}

/** To a user with nothing but SELECT MariaDB shows no foreign keys; with any of these it does. */
export const SHOWS_FOREIGN_KEYS = [
  'REFERENCES',
  'TRIGGER',
  'SHOW VIEW',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
];

export interface KeysAroundRequest {
  readonly flavour: Flavour;
  readonly grants: readonly Grant[];
  /** All that the user sees. */
  readonly visible: ReadonlySet<string>;
}

/** Keys of other databases of the server that lead into `databases`. One query; where the user may not see InnoDB's list,
 *  one for each other database in which MariaDB shows him keys, two on MySQL. */
export async function readKeysAround(
  connection: DatabaseConnection,
  databases: readonly string[],
  { flavour, grants, visible }: KeysAroundRequest,
): Promise<KeysAround> {
  const own = new Set(databases);
  const isAround = (key: ForeignKey): boolean => own.has(key.referencedDatabase) && !own.has(key.database);
  const all = await readInnodbKeys(connection, flavour);
  if (all) return { keys: all.filter(isAround), mayLack: false };
  const global = grants.filter(grant => grant.database === '*');
  const mayLack = !seesKeysOf(global, '*');
  if (flavour === 'mysql') {
    const sql = `${SELECT_KEYS} WHERE UNIQUE_CONSTRAINT_SCHEMA IN (?)`;
    const keys = await connection.query<ForeignKey>(sql, [databases]);
    return { keys: keys.filter(isAround), mayLack };
  }
  const hasRoles = grants.some(grant => grant.isRole);
  const others = [...visible].filter(
    name => !own.has(name) && !SYSTEM.has(name.toLowerCase()) && (hasRoles || seesKeysOf(grants, name)),
  );
  const found: ForeignKey[] = [];
  for (const database of others)
    found.push(...(await connection.query<ForeignKey>(`${SELECT_KEYS} ${OF_DATABASE}`, [database])));
  return { keys: found.filter(isAround), mayLack };
}

/** Does MariaDB show him a database's foreign keys? */
export function seesKeysOf(grants: readonly Grant[], database: string): boolean {
  return missingPrivileges(grants, database, SHOWS_FOREIGN_KEYS).length < SHOWS_FOREIGN_KEYS.length;
}

export interface KeysOfRequest {
  readonly flavour: Flavour;
  readonly database: string;
  readonly tables: readonly string[];
}

/** The keys of these tables of a database; on MySQL those of all tables that the user sees, and where he may see InnoDB's
 *  list every key of the server. */
export async function readKeysOf(
  connection: DatabaseConnection,
  request: KeysOfRequest,
): Promise<readonly ForeignKey[]> {
  return (
    (await readKeysCheaply(connection, request)) ??
    (await connection.query<ForeignKey>(`${SELECT_KEYS} ${OF_DATABASE}`, [request.database]))
  );
}

/** The same; null: MariaDB would have to open every table of the database for it. At most two queries. */
export async function readKeysCheaply(
  connection: DatabaseConnection,
  { flavour, database, tables }: KeysOfRequest,
): Promise<readonly ForeignKey[] | null> {
  const all = await readInnodbKeys(connection, flavour);
  if (all) return all;
  if (flavour === 'mysql') return await connection.query<ForeignKey>(SELECT_KEYS);
  if (tables.length === 0) return [];
  if (!mayLookUp(tables)) return null;
  const { sql, values } = findTables(`${SELECT_KEYS} ${OF_DATABASE}`, database, tables);
  return await connection.query<ForeignKey>(sql, values);
}

const SELECT_KEYS = `SELECT CONSTRAINT_NAME AS name, CONSTRAINT_SCHEMA AS \`database\`, TABLE_NAME AS \`table\`,
    UNIQUE_CONSTRAINT_SCHEMA AS referencedDatabase, REFERENCED_TABLE_NAME AS referencedTable
  FROM information_schema.REFERENTIAL_CONSTRAINTS`;
const OF_DATABASE = 'WHERE CONSTRAINT_SCHEMA = ?';

const SYSTEM = new Set(['information_schema', 'performance_schema', 'mysql', 'sys']);

const ER_SPECIFIC_ACCESS_DENIED = 1227;
/** No such table: InnoDB is switched off, or a server has another name for it. */
const ER_UNKNOWN_TABLE = 1109;

/** Every foreign key of the server; null: the user may not see the list. */
async function readInnodbKeys(
  connection: DatabaseConnection,
  flavour: Flavour,
): Promise<ForeignKey[] | null> {
  try {
    const rows = await connection.query<Record<'id' | 'child' | 'parent', string>>(SELECT_INNODB[flavour]);
    return rows.map(({ id, child, parent }) => {
      const [, name] = split(id);
      const [database, table] = split(child);
      const [referencedDatabase, referencedTable] = split(parent);
      return { name, database, table, referencedDatabase, referencedTable };
    });
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === ER_SPECIFIC_ACCESS_DENIED || errno === ER_UNKNOWN_TABLE) return null;
    throw error;
  }
}

/** MariaDB spells names as it does those of files: `wp@002dstg/wp_posts`. */
const readFilename = (part: string): string =>
  `CONVERT(CONVERT(CAST(${part} AS BINARY) USING filename) USING utf8mb4)`;
const decode = (name: string): string =>
  `CONCAT(${readFilename(`SUBSTRING_INDEX(${name}, '/', 1)`)}, '/', ${readFilename(`SUBSTRING(${name}, LOCATE('/', ${name}) + 1)`)})`;

const SELECT_INNODB: Readonly<Record<Flavour, string>> = {
  mariadb: `SELECT ID AS id, ${decode('FOR_NAME')} AS child, ${decode('REF_NAME')} AS parent
    FROM information_schema.INNODB_SYS_FOREIGN`,
  mysql: 'SELECT ID AS id, FOR_NAME AS child, REF_NAME AS parent FROM information_schema.INNODB_FOREIGN',
};

function split(name: string): [database: string, table: string] {
  const at = name.indexOf('/');
  return [name.slice(0, at), name.slice(at + 1)];
}
