/** Above this many names, reading all tables of the database at once is cheaper than looking up each. */
const MAX_LOOKUPS = 100;

export const mayLookUp = (names: readonly string[]): boolean => names.length <= MAX_LOOKUPS;

/** A query of information_schema for the named tables of one database. `select` ends with `WHERE TABLE_SCHEMA = ?`, and
 *  `names` are some. MariaDB looks up `TABLE_NAME = x`, but for `IN (x, y)` it reads every table of the database: with
 *  thousands of them the difference is that of milliseconds and seconds. */
export function findTables(
  select: string,
  database: string,
  names: readonly string[],
): { sql: string; values: unknown[] } {
  if (!mayLookUp(names)) return { sql: `${select} AND TABLE_NAME IN (?)`, values: [database, names] };
  return {
    sql: names.map(() => `${select} AND TABLE_NAME = ?`).join(' UNION ALL '),
    values: names.flatMap(name => [database, name]),
  };
}
