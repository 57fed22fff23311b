import { hash } from 'node:crypto';
import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

/** The text of SHOW CREATE TABLE. It names no database, so a table that is moved to another one keeps it. Rejects with
 *  a MigrationError, `schema` for what is no table. */
export async function readDefinition(connection: DatabaseConnection, table: TableName): Promise<string> {
  try {
    const [row] = await connection.query<DefinitionRow>(showCreate(table));
    return definitionIn(row, table, connection);
  } catch (error) {
    throw classifyDatabaseError(error, describeReading(table, connection));
  }
}

/** Bounds what is in memory, and what a server sends before it looks at us again. */
const MAX_AT_ONCE = 50;

/** The same of many tables, in their order; of a source's in few round trips. Rejects for the first that can't be read. */
export async function readDefinitions(
  connection: DatabaseConnection,
  tables: readonly TableName[],
): Promise<string[]> {
  const definitions: string[] = [];
  for (let from = 0; from < tables.length; from += MAX_AT_ONCE) {
    const some = tables.slice(from, from + MAX_AT_ONCE);
    const answers = await askForAll(connection, some);
    for (const [index, table] of some.entries()) {
      definitions.push(
        answers
          ? definitionIn(answers[index]![0], table, connection)
          : await readDefinition(connection, table),
      );
    }
  }
  return definitions;
}

/** null: one can't be read. The error doesn't say which; asked for by itself, the table does. */
async function askForAll(
  connection: DatabaseConnection,
  tables: readonly TableName[],
): Promise<DefinitionRow[][] | null> {
  try {
    return await connection.queryAll<DefinitionRow>(tables.map(showCreate));
  } catch (error) {
    if (connection.isIdle) return null;
    throw classifyDatabaseError(error, describeReading(tables[0]!, connection));
  }
}

type DefinitionRow = Readonly<Record<string, string>>;

function showCreate({ database, name }: TableName): string {
  return `SHOW CREATE TABLE ${quoteName(database, name)}`;
}

function describeReading(table: TableName, { label }: DatabaseConnection): string {
  return `reading the definition of ${describeTable(table)} on ${label}`;
}

function definitionIn(
  row: DefinitionRow | undefined,
  table: TableName,
  connection: DatabaseConnection,
): string {
  const definition = row?.['Create Table'];
  if (definition !== undefined) return definition;
  throw new MigrationError(
    'schema',
    `${describeTable(table)} is not a table (${describeReading(table, connection)}).`,
  );
}

/** Tells two definitions apart. With the next AUTO_INCREMENT value, so that a row that came and went counts as well. */
export function digestDefinition(definition: string): string {
  return hash('sha256', definition, 'base64url');
}

/** The next number that the table gives out; it changes with every row that is written. */
const COUNTER = /(?<=^\) ENGINE=\w+) AUTO_INCREMENT=(\d+)/m;

/** Tells two definitions apart, whatever rows came and went. */
export function digestShape(definition: string): string {
  return digestDefinition(definition.replace(COUNTER, ''));
}

const HEAD = /^CREATE TABLE `(?:[^`]|``)+`/;

/** Without what two tables of one kind differ in: the name and the next number. */
export function stripInstance(definition: string): string {
  return definition.replace(HEAD, '').replace(COUNTER, '');
}

/** The definition of a table that differs only in its name. */
export function renameInDefinition(definition: string, name: string): string {
  return definition.replace(HEAD, () => `CREATE TABLE ${quoteName(name)}`);
}

/** undefined: the table has no row yet, or gives out no numbers. */
export function readCounter(definition: string): string | undefined {
  return COUNTER.exec(definition)?.[1];
}
