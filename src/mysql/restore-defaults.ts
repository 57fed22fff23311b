import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { readCollation } from './definition/describe-definition.ts';
import { findDoubtfulDefaults } from './definition/find-doubtful-texts.ts';
import { parseDefinition } from './definition/parse-definition.ts';
import { describeTable, type TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

/** A default that is text with a question mark. Looked for first: it is asked of every table. */
const MAY_BE_MORE = /DEFAULT '(?:[^'\\]|\\.|'')*\?/;

/** Where SHOW CREATE TABLE shows a question mark in a default, writes the bytes that the default has: of an emoji it shows no
 *  more. One query, only for a table with such a default. Rejects with a MigrationError. */
export async function restoreDefaults(
  connection: DatabaseConnection,
  table: TableName,
  definition: string,
): Promise<string> {
  if (!MAY_BE_MORE.test(definition)) return definition;
  const parsed = parseDefinition(definition);
  const doubtful = findDoubtfulDefaults(parsed);
  if (doubtful.length === 0) return definition;
  const bytes = await readBytes(
    connection,
    table,
    doubtful.map(({ column }) => column),
  );
  let restored = definition;
  // From the end, so that the places of those before stay what they are.
  for (const { column, shown, value } of doubtful.toReversed()) {
    const hex = bytes.get(column);
    const charset = readCollation(parsed.columns.find(({ name }) => name === column)!, parsed).split('_')[0]!;
    if (hex === undefined || hex === encode(shown, charset)) continue;
    const [start, end] = [value.value[0]!.start, value.value.at(-1)!.end];
    restored = `${restored.slice(0, start)}_${charset} 0x${hex}${restored.slice(end)}`;
  }
  return restored;
}

/** Of a table without rows as well. */
async function readBytes(
  connection: DatabaseConnection,
  { database, name }: TableName,
  columns: readonly string[],
): Promise<Map<string, string>> {
  const defaults = columns.map(
    (column, index) => `HEX(DEFAULT(\`table\`.${quoteName(column)})) AS d${index}`,
  );
  try {
    const [row] = await connection.query<Record<string, string | null>>(
      `SELECT ${defaults.join(', ')} FROM (SELECT 1) AS one LEFT JOIN ${quoteName(database, name)} AS \`table\` ON FALSE`,
    );
    return new Map(
      columns.flatMap((column, index) => {
        const hex = row?.[`d${index}`];
        return hex == null ? [] : [[column, hex] as const];
      }),
    );
  } catch (error) {
    const doing = `reading the defaults of ${describeTable({ database, name })} on ${connection.label}`;
    throw classifyDatabaseError(error, doing);
  }
}

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = { utf8mb4: 'utf8', utf16le: 'utf16le' };

/** undefined: not in a way that is known here; then the bytes are written anyway. */
function encode(text: string, charset: string): string | undefined {
  const encoding = ENCODINGS[charset];
  return encoding && Buffer.from(text, encoding).toString('hex').toUpperCase();
}
