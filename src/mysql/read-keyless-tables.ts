import type { DatabaseConnection } from './client.ts';
import type { PrimaryKeyRules } from './read-server.ts';

interface UniqueKey {
  readonly table: string;
  readonly name: string;
  /** 1: a column of it may be NULL, is a part only, or an expression. */
  readonly hasNull: string | number;
  readonly hasPart: string | number;
  readonly hasExpression: string | number;
  readonly type: string;
}

/** Which tables of a source a server would refuse by these rules, or give a key of its own: those with neither a primary
 *  key nor a unique one that may take its place. MariaDB takes one of parts of columns as well. Two queries, for one of
 *  which MariaDB opens every table. */
export async function readKeylessTables(
  connection: DatabaseConnection,
  database: string,
  { requiredBy }: PrimaryKeyRules,
): Promise<Set<string>> {
  const isMariadb = requiredBy === 'innodb_force_primary_key';
  // But for one of them the rules are InnoDB's.
  const ofEngine = requiredBy === 'sql_require_primary_key' ? '' : "AND ENGINE = 'InnoDB'";
  const keys = await connection.query<UniqueKey>(
    `SELECT TABLE_NAME AS \`table\`, INDEX_NAME AS name, MAX(INDEX_TYPE) AS type, MAX(NULLABLE = 'YES') AS hasNull,
       MAX(SUB_PART IS NOT NULL) AS hasPart, MAX(COLUMN_NAME IS NULL) AS hasExpression
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0 GROUP BY TABLE_NAME, INDEX_NAME`,
    [database],
  );
  const keyed = new Set(
    keys
      .filter(
        ({ name, type, hasNull, hasPart, hasExpression }) =>
          name === 'PRIMARY' ||
          (type !== 'HASH' &&
            Number(hasNull) === 0 &&
            Number(hasExpression) === 0 &&
            (isMariadb || Number(hasPart) === 0)),
      )
      .map(({ table }) => table),
  );
  const tables = await connection.query<{ table: string }>(
    `SELECT TABLE_NAME AS \`table\` FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ${ofEngine}`,
    [database],
  );
  return new Set(tables.map(({ table }) => table).filter(table => !keyed.has(table)));
}
