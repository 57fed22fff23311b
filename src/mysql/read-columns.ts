// What the copy has to know of a table's columns.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { findTables } from './find-tables.ts';
import type { EndsOfTime } from './history.ts';
import { toLike } from './match-names.ts';
import { quoteName } from './table-names.ts';

export interface Column {
  readonly name: string;
  /** Lower case, without length: `varchar`, `bigint`. */
  readonly dataType: string;
  /** In full: `varchar(191)`, `enum('a','b')`. */
  readonly columnType: string;
  /** null: has none, as numbers and binary types. */
  readonly charset: string | null;
  readonly isNullable: boolean;
  /** The server computes it: it must not be inserted into, so it isn't copied. */
  readonly isGenerated: boolean;
  /** When the row of a system-versioned table came or went (MariaDB's ROW START and ROW END); absent: neither. */
  readonly period?: 'start' | 'end';
  /** Of the latter: rows that end with the source's time are read with the target's in its place; see history.ts. */
  readonly endsOfTime?: EndsOfTime;
  readonly isAutoIncrement: boolean;
  /** An UPDATE that doesn't name it sets it to the time (ON UPDATE CURRENT_TIMESTAMP). */
  readonly isTouched: boolean;
  /** Part of the primary key. */
  readonly isKey: boolean;
  /** Bytes without a character set: binary, blob, bit, spatial types. */
  readonly isBinary: boolean;
  /** char, varchar, the text family, json: what may hold hosts. Not enum and set, which are part of the schema. */
  readonly isText: boolean;
  /** Text in which ASCII characters stand as single bytes, all that the rewriter reads. Not utf16, utf32, ucs2. */
  readonly isRewritable: boolean;
  /** Of char and varchar in characters, of the text family in bytes; null: none of these. */
  readonly maxLength: number | null;
  /** An enum without the member "". Its "" is what a server without strict mode stored for a value that is none; it
   *  arrives exactly, but the server warns each time. */
  readonly warnsWhenEmpty: boolean;
}

const TEXT_TYPES = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json']);
const BINARY_TYPES = new Set([
  ...['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'bit', 'vector'],
  ...['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon'],
  ...['geometrycollection', 'geomcollection'],
]);
const PERIOD = new Map([
  ['ROW START', 'start'],
  ['ROW END', 'end'],
] as const) as ReadonlyMap<string, 'start' | 'end'>;
const WIDE_CHARSETS = new Set(['ucs2', 'utf16', 'utf16le', 'utf32']);

interface ColumnRow {
  readonly tableName: string;
  readonly name: string;
  readonly dataType: string;
  readonly columnType: string;
  readonly charset: string | null;
  readonly nullable: string;
  readonly extra: string;
  readonly generation: string | null;
  readonly columnKey: string;
  readonly characters: string | null;
  readonly bytes: string | null;
}

/** The columns of the given tables, each list in the table's order, in one query. A table that doesn't exist is
 *  missing from the map. Rejects with a MigrationError. */
export async function readColumns(
  connection: DatabaseConnection,
  database: string,
  tables: readonly string[],
): Promise<Map<string, readonly Column[]>> {
  if (tables.length === 0) return new Map();
  const { sql, values } = findTables(SELECT_COLUMNS, database, tables);
  try {
    return groupColumns(await connection.query<ColumnRow>(`${sql} ORDER BY tableName, position`, values));
  } catch (error) {
    throw classifyDatabaseError(
      error,
      `reading the columns of ${tables.length} tables of ${database} on ${connection.label}`,
    );
  }
}

/** Of all tables, the columns that patterns such as `options.secret` may mean, in one query. Whatever stands before the
 *  table's name counts as its prefix, so there may be some more. */
export async function readNamedColumns(
  connection: DatabaseConnection,
  database: string,
  patterns: readonly string[],
): Promise<Map<string, readonly Column[]>> {
  const named = patterns.map(pattern => {
    const [table = '', column = ''] = pattern.toLowerCase().split('.');
    return { table: toLike(`*${table}`), column: toLike(column) };
  });
  const isNamed = named.map(() => '(LOWER(TABLE_NAME) LIKE ? AND LOWER(COLUMN_NAME) LIKE ?)').join(' OR ');
  const rows = await connection.query<ColumnRow>(
    `${SELECT_COLUMNS} AND (${isNamed}) ORDER BY tableName, position`,
    [database, ...named.flatMap(({ table, column }) => [table, column])],
  );
  return groupColumns(rows);
}

function groupColumns(rows: readonly ColumnRow[]): Map<string, Column[]> {
  const columns = new Map<string, Column[]>();
  for (const row of rows) {
    const known = columns.get(row.tableName);
    if (known) known.push(toColumn(row));
    else columns.set(row.tableName, [toColumn(row)]);
  }
  return columns;
}

const SELECT_COLUMNS = `SELECT TABLE_NAME AS tableName, COLUMN_NAME AS name, ORDINAL_POSITION AS position,
    DATA_TYPE AS dataType, COLUMN_TYPE AS columnType, CHARACTER_SET_NAME AS charset, IS_NULLABLE AS nullable,
    EXTRA AS extra, GENERATION_EXPRESSION AS generation, COLUMN_KEY AS columnKey,
    CHARACTER_MAXIMUM_LENGTH AS characters, CHARACTER_OCTET_LENGTH AS bytes
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?`;

function toColumn(row: ColumnRow): Column {
  const dataType = row.dataType.toLowerCase();
  const charset = row.charset?.toLowerCase() ?? null;
  const isBinary = BINARY_TYPES.has(dataType) || charset === 'binary';
  const isText = TEXT_TYPES.has(dataType) && !isBinary;
  const period = PERIOD.get(row.generation ?? '');
  const maxLength = dataType.endsWith('char') ? row.characters : row.bytes;
  return {
    name: row.name,
    dataType,
    columnType: row.columnType,
    charset,
    isNullable: row.nullable === 'YES',
    // `STORED GENERATED`, MariaDB's older `PERSISTENT`; not MySQL's `DEFAULT_GENERATED`, which is a default.
    isGenerated: /\b(?:VIRTUAL|STORED|PERSISTENT)\b/i.test(row.extra),
    ...(period ? { period } : {}),
    isAutoIncrement: /\bauto_increment\b/i.test(row.extra),
    isTouched: /\bon update\b/i.test(row.extra),
    isKey: row.columnKey === 'PRI',
    isBinary,
    isText,
    isRewritable: isText && !WIDE_CHARSETS.has(charset ?? ''),
    maxLength: isText && maxLength !== null ? Number(maxLength) : null,
    warnsWhenEmpty: dataType === 'enum' && !/[(,]''[,)]/.test(row.columnType),
  };
}

/** For the SET of an UPDATE of ours: what it isn't about stays as it is. `alias`: of the table, where there are several. */
export function keepTouched(columns: readonly Column[], alias?: string): string {
  const names = columns
    .filter(column => column.isTouched)
    .map(({ name }) => quoteName(...(alias === undefined ? [name] : [alias, name])));
  return names.map(name => `, ${name} = ${name}`).join('');
}
