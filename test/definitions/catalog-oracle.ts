// What a server's information_schema says of a table, in a form that MariaDB's and MySQL's can be held against each other.
// Expressions are left out: each server writes them in its own way.

import type { ServerEndpoint } from '../support/private-server.ts';

type Row = Readonly<Record<string, string | number | null>>;

/** By property. `lost`: what the plan has named; it isn't looked at. */
export async function readCatalogOf(
  server: ServerEndpoint,
  database: string,
  table: string,
  lost: readonly string[],
): Promise<Map<string, string>> {
  const ask = (sql: string): Promise<Row[]> => server.query<Row>(sql, [database, table]);
  const said = new Map<string, string>();
  const [about] = await ask(
    'SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
  );
  said.set('engine', String(about!.ENGINE));
  said.set('collation', nameCollation(about!.TABLE_COLLATION));
  said.set('comment', String(about!.TABLE_COMMENT));
  for (const row of await ask(
    'SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
  )) {
    for (const [property, value] of describeColumn(row)) said.set(`${row.COLUMN_NAME}.${property}`, value);
    if (lost.includes(`that column ${row.COLUMN_NAME} has no default`))
      said.delete(`${row.COLUMN_NAME}.default`);
  }
  for (const row of await ask(
    'SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX',
  )) {
    if (lost.some(what => what.startsWith(`key ${row.INDEX_NAME},`))) continue;
    const key = row.INDEX_NAME === 'PRIMARY' ? 'the primary key' : `key ${row.INDEX_NAME}`;
    const keepsOrder = !lost.includes(`the descending order of ${key}`);
    const isIgnored =
      (row.IGNORED === 'YES' || row.IS_VISIBLE === 'NO') && !lost.includes(`that ${key} is ignored`);
    const parts = [
      row.COLUMN_NAME,
      row.NON_UNIQUE,
      row.SUB_PART,
      keepsOrder && row.COLLATION,
      row.INDEX_TYPE,
      row.INDEX_COMMENT,
      isIgnored,
    ];
    said.set(`key ${row.INDEX_NAME} ${row.SEQ_IN_INDEX}`, parts.join(' '));
  }
  for (const row of await ask(
    "SELECT * FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'CHECK'",
  )) {
    // MariaDB counts those of columns by the column's name, MySQL makes names up.
    if (/^ck\d+$/.test(String(row.CONSTRAINT_NAME)) && row.ENFORCED !== 'NO')
      said.set(`check ${row.CONSTRAINT_NAME}`, 'there');
  }
  for (const row of await ask(
    'SELECT * FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION',
  )) {
    const parts = [
      row.PARTITION_METHOD,
      row.SUBPARTITION_METHOD,
      row.PARTITION_DESCRIPTION,
      row.PARTITION_COMMENT,
    ];
    said.set(`partition ${row.PARTITION_NAME} ${row.SUBPARTITION_NAME}`, parts.join(' '));
  }
  return said;
}

function describeColumn(row: Row): [string, string][] {
  const type = String(row.DATA_TYPE);
  const isJson = type === 'json' || (type === 'longtext' && row.COLLATION_NAME === 'utf8mb4_bin');
  const extra = String(row.EXTRA).toLowerCase();
  const isGenerated = /virtual|stored|persistent/.test(extra);
  // How many digits a whole number has, the two count differently.
  const isWhole = type.endsWith('int');
  const said: [string, string][] = [
    ['place', String(row.ORDINAL_POSITION)],
    ['type', isJson ? 'json' : type.replace('geomcollection', 'geometrycollection')],
    ['full type', isJson ? 'json' : nameType(String(row.COLUMN_TYPE))],
    ['precision', `${isWhole ? '' : row.NUMERIC_PRECISION} ${row.NUMERIC_SCALE} ${row.DATETIME_PRECISION}`],
    ['comment', String(row.COLUMN_COMMENT)],
    ['auto', String(extra.includes('auto_increment'))],
    ['update', String(extra.includes('on update'))],
    ['invisible', String(extra.includes('invisible'))],
    ['generated', isGenerated ? (/virtual/.test(extra) ? 'virtual' : 'stored') : 'no'],
    ['default', isGenerated ? 'none' : writeDefault(row, extra)],
  ];
  if (!isGenerated) said.push(['null', String(row.IS_NULLABLE)]);
  // Of members that are bytes MySQL says none.
  const ofBytes = type === 'enum' || type === 'set' ? 'binary' : null;
  if (!isJson) said.push(['collation', nameCollation(row.COLLATION_NAME ?? ofBytes)]);
  return said;
}

const nameCollation = (name: string | number | null | undefined): string =>
  String(name).replace(/^utf8_/, 'utf8mb3_');

/** Without the widths at which numbers are shown. */
const nameType = (type: string): string =>
  type.includes('zerofill')
    ? type
    : type
        .replace(' /*M!100301 COMPRESSED*/', '')
        .replace(/^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)/, '$1')
        .replace('geomcollection', 'geometrycollection');

/** Literals exactly, of an expression only that it is one. MariaDB writes a default as SQL, MySQL as what it is, and an
 *  expression as SQL that is escaped once more. */
function writeDefault(row: Row, extra: string): string {
  const given = row.COLUMN_DEFAULT;
  const isMysql = 'SRS_ID' in row;
  if (given === null || (given === 'NULL' && !isMysql)) return 'none';
  const text = String(given);
  const isExpression = extra.includes('default_generated');
  const sql = isExpression ? unescapeText(text) : text;
  const literal = readHex(sql, row.CHARACTER_SET_NAME) ?? readLiteral(sql);
  if (literal === null && (isExpression || /^current_timestamp/i.test(text))) return 'expression';
  const type = String(row.DATA_TYPE);
  if (!/json|char|text|enum|set|blob|binary|date|time/.test(type)) {
    const number = Number(text.replace(/^b'|'$/g, '').replaceAll("'", ''));
    return Number.isNaN(number) ? 'expression' : `number ${number}`;
  }
  if (isMysql && !isExpression) return `literal ${type.includes('binary') ? readBytes(text) : text}`;
  if (literal === null && Number.isNaN(Number(text))) return 'expression';
  const value = literal ?? text;
  return `literal ${(isMysql ? readMangled(value) : value).replace(/\0+$/, '')}`;
}

/** TextDecoder's names of character sets; the others are read as UTF-8. */
const DECODERS: Readonly<Record<string, string>> = {
  latin1: 'windows-1252',
  cp1251: 'windows-1251',
  koi8r: 'koi8-r',
  gbk: 'gbk',
  utf16: 'utf-16be',
};

/** A text in its bytes: MySQL prints 0x4142, MariaDB X'4142'. null: it is none. */
function readHex(sql: string, charset: string | number | null | undefined): string | null {
  const [, hex] = /^(?:0x|x')([\da-f]+)'?$/i.exec(sql) ?? [];
  if (hex === undefined) return null;
  return new TextDecoder(DECODERS[String(charset)] ?? 'utf-8').decode(Buffer.from(hex, 'hex'));
}

/** null: it is more than a text. */
function readLiteral(sql: string): string | null {
  const [, inner] = /^(?:_\w+)?'((?:[^'\\]|\\.|'')*)'$/s.exec(sql) ?? [];
  return inner === undefined ? null : unescapeText(inner.replaceAll("''", "'"));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\u001a' };
const unescapeText = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);

/** In expressions MySQL's catalog takes each byte of some texts for a character. */
function readMangled(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const read = bytes.toString('utf8');
  return bytes.toString('latin1') === text && !read.includes('\ufffd') ? read : text;
}

/** As MySQL writes a default of bytes; MariaDB fills it up. */
const readBytes = (text: string): string =>
  text.startsWith('0x') ? Buffer.from(text.slice(2), 'hex').toString('utf8') : text;
