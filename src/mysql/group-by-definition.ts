// Which tables of a MySQL are defined alike, as far as its catalog shows; it answers such questions from tables of its own,
// while SHOW CREATE TABLE takes it a millisecond.

import type { DatabaseConnection } from './client.ts';

/** What the catalog doesn't show in full (parsers of full-text keys, partitions, CHECKs, parts of a MERGE table): such a
 *  table is taken to be like no other. */
const ODD = `
  SELECT TABLE_NAME AS name FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = ? AND (ENGINE <> 'InnoDB' OR CREATE_OPTIONS LIKE '%partitioned%')
  UNION SELECT TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS
    WHERE TABLE_SCHEMA = ? AND CONSTRAINT_TYPE IN ('CHECK', 'FOREIGN KEY')
  UNION SELECT TABLE_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND INDEX_TYPE = 'FULLTEXT'`;

/** All that the catalog says of a column, key or table; NULL is no empty text. */
const digest = (...fields: readonly string[]): string => {
  const text = `CONCAT_WS(0x1f, ${fields.map(field => `IFNULL(${field}, 0x00)`).join(', ')})`;
  return `CONCAT(SUM(CRC32(${text})), '.', BIT_XOR(CRC32(CONCAT(${text}, 'x'))))`;
};

// biome-ignore format: one line for one view
const DIGESTS = [
  `SELECT TABLE_NAME AS name, ${digest('COLUMN_NAME', 'ORDINAL_POSITION', 'COLUMN_DEFAULT', 'IS_NULLABLE', 'COLUMN_TYPE', 'COLLATION_NAME', 'EXTRA', 'COLUMN_COMMENT', 'GENERATION_EXPRESSION', 'SRS_ID')} AS digest
   FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME`,
  `SELECT TABLE_NAME AS name, ${digest('INDEX_NAME', 'SEQ_IN_INDEX', 'NON_UNIQUE', 'COLUMN_NAME', 'COLLATION', 'SUB_PART', 'INDEX_TYPE', 'INDEX_COMMENT', 'IS_VISIBLE', 'EXPRESSION')} AS digest
   FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME`,
  `SELECT TABLE_NAME AS name, ${digest('ENGINE', 'TABLE_COLLATION', 'CREATE_OPTIONS', 'TABLE_COMMENT')} AS digest
   FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' GROUP BY TABLE_NAME`,
];

/** Each list holds tables that are defined alike. Four queries. */
export async function groupByDefinition(
  connection: DatabaseConnection,
  database: string,
): Promise<string[][]> {
  const odd = await listOdd(connection, database);
  const kinds = new Map<string, string>();
  for (const sql of DIGESTS) {
    const rows = await connection.query<{ name: string; digest: string }>(sql, [database]);
    for (const row of rows) kinds.set(row.name, `${kinds.get(row.name) ?? ''}/${row.digest}`);
  }
  const names = [...kinds.keys()];
  const alike = Map.groupBy(
    names.filter(name => !odd.has(name)),
    name => kinds.get(name)!,
  );
  return [...alike.values(), ...names.filter(name => odd.has(name)).map(name => [name])];
}

/** Tables whose definitions may say what a plan has to know even between two MySQLs: those above, and those with one of
 *  the needles in a text. Two queries. */
export async function listSuspects(
  connection: DatabaseConnection,
  database: string,
  needles: readonly string[],
): Promise<string[]> {
  const odd = await listOdd(connection, database);
  if (needles.length === 0) return [...odd];
  const patterns = needles.map(needle => connection.raw.escape(`%${needle.replaceAll(/[%_\\]/g, '\\$&')}%`));
  const holds = (...fields: readonly string[]): string =>
    `(${fields.flatMap(field => patterns.map(pattern => `${field} LIKE ${pattern}`)).join(' OR ')})`;
  const rows = await connection.query<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?
       AND ${holds('COLUMN_DEFAULT', 'GENERATION_EXPRESSION', 'COLUMN_COMMENT', 'COLUMN_TYPE')}
     UNION SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?
       AND DATA_TYPE IN ('enum', 'set') AND COLUMN_TYPE LIKE '%?%'
     UNION SELECT TABLE_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ?
       AND ${holds('INDEX_COMMENT', 'EXPRESSION')}
     UNION SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND ${holds('TABLE_COMMENT')}`,
    [database, database, database, database],
  );
  return [...new Set([...odd, ...rows.map(row => row.name)])];
}

async function listOdd(connection: DatabaseConnection, database: string): Promise<Set<string>> {
  const rows = await connection.query<{ name: string }>(ODD, [database, database, database]);
  return new Set(rows.map(row => row.name));
}
