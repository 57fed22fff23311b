// MySQL keeps JSON parsed, not as text: it prints the members of an object in an order of its own, and numbers in its
// own way. So such a column is read as the target will have it once it has parsed the text, and a value whose keys were
// rewritten gets MySQL's order; else what is sent and what is stored would differ for ever.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { LeftValues } from './left-values.ts';
import { describeTable, type TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import { buildWhere, type RowFilter } from './row-filter.ts';
import { quoteName } from './table-names.ts';

/** MariaDB's JSON is a text, and its type says so. */
export const isParsedJson = ({ dataType }: Pick<Column, 'dataType'>): boolean => dataType === 'json';

/** The value after it has been text, as its column on any MySQL will have it. */
export function readParsed(name: string): string {
  return `CAST(CAST(${name} AS CHAR) AS JSON)`;
}

/** JSON as MySQL prints it, with the members of each object in MySQL's order: by the length of the key in bytes, then
 *  byte by byte. Throws a SyntaxError for what is none. */
export function sortMembers(json: Buffer): Buffer {
  const text = json.toString('latin1');
  const { sorted, end } = sortValue(text, 0);
  if (end !== text.length) throw new SyntaxError(`Not JSON from byte ${end} on.`);
  return Buffer.from(sorted, 'latin1');
}

interface Sorted {
  readonly sorted: string;
  readonly end: number;
}

const STRING = /"(?:[^"\\]|\\.)*"/sy;
const SCALAR = /[^\s,\]}]+/y;
const SPACES = /\s*/y;

function sortValue(text: string, at: number): Sorted {
  const start = skipSpaces(text, at);
  if (text[start] === '{') return sortObject(text, start);
  if (text[start] === '[') return sortArray(text, start);
  const sorted = take(text[start] === '"' ? STRING : SCALAR, text, start);
  return { sorted, end: skipSpaces(text, start + sorted.length) };
}

function sortArray(text: string, start: number): Sorted {
  const items: string[] = [];
  let at = skipSpaces(text, start + 1);
  while (text[at] !== ']') {
    if (items.length > 0) at = expect(text, at, ',');
    const item = sortValue(text, at);
    items.push(item.sorted);
    at = item.end;
  }
  return { sorted: `[${items.join(', ')}]`, end: skipSpaces(text, at + 1) };
}

function sortObject(text: string, start: number): Sorted {
  const members: { key: Buffer; text: string }[] = [];
  let at = skipSpaces(text, start + 1);
  while (text[at] !== '}') {
    if (members.length > 0) at = skipSpaces(text, expect(text, at, ','));
    const key = take(STRING, text, at);
    const value = sortValue(text, expect(text, skipSpaces(text, at + key.length), ':'));
    members.push({ key: readKey(key), text: `${key}: ${value.sorted}` });
    at = value.end;
  }
  members.sort((a, b) => a.key.length - b.key.length || a.key.compare(b.key));
  return { sorted: `{${members.map(member => member.text).join(', ')}}`, end: skipSpaces(text, at + 1) };
}

const readKey = (string: string): Buffer =>
  Buffer.from(JSON.parse(Buffer.from(string, 'latin1').toString()) as string);

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  if (found === undefined) throw new SyntaxError(`Not JSON at byte ${at}.`);
  return found;
}

const skipSpaces = (text: string, at: number): number => at + take(SPACES, text, at).length;

function expect(text: string, at: number, character: string): number {
  if (text[at] !== character) throw new SyntaxError(`"${character}" is missing at byte ${at}.`);
  return at + 1;
}

/** As many keys as an account of left values has of each column. */
const MOST_KEYS = 10;

/** The values that text can't carry: with DECIMAL, DATETIME or BLOB in them, or numbers of more digits than a double has.
 *  They arrive as strings and doubles. Empty, and no question, without such columns. Rejects with a MigrationError. */
export async function findLossyJson(
  source: DatabaseConnection,
  table: TableName,
  columns: readonly Column[],
  rowFilter: RowFilter | null | undefined,
): Promise<LeftValues[]> {
  const found: LeftValues[] = [];
  for (const column of columns.filter(isParsedJson)) {
    const name = quoteName(column.name);
    const parsed = readParsed(name);
    const isLossy = `(${parsed} <> ${name} OR CAST(${parsed} AS CHAR) <> CAST(${name} AS CHAR))`;
    const { sql, values: given } = rowFilter ?? { sql: 'TRUE', values: [] };
    const where = buildWhere(source, { sql: `(${sql}) AND ${isLossy}`, values: given });
    const from = `FROM ${quoteName(table.database, table.name)} ${where}`;
    try {
      const [counted] = await source.query<{ count: number }>(`SELECT COUNT(*) AS count ${from}`);
      const values = Number(counted!.count);
      if (values === 0) continue;
      const keys = await readKeys(
        source,
        from,
        columns.filter(({ isKey }) => isKey),
      );
      found.push({ column: column.name, reason: 'json_type', values, keys });
    } catch (error) {
      throw classifyDatabaseError(error, `looking into ${describeTable(table)}.${column.name}`);
    }
  }
  return found;
}

async function readKeys(
  source: DatabaseConnection,
  from: string,
  keys: readonly Column[],
): Promise<string[]> {
  if (keys.length === 0) return [];
  const names = keys.map((column, i) => `CAST(${quoteName(column.name)} AS CHAR) AS k${i}`);
  const rows = await source.query<Record<string, string | null>>(
    `SELECT ${names.join(', ')} ${from} LIMIT ${MOST_KEYS}`,
  );
  return rows.map(row => keys.map((column, i) => `${column.name}=${row[`k${i}`]}`).join(', '));
}
