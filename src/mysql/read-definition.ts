import { hash } from 'node:crypto';
import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

/** The text of SHOW CREATE TABLE. It names no database, so a table that is moved to another one keeps it. Rejects with
 *  a MigrationError, `schema` for what is no table. */
export async function readDefinition(connection: DatabaseConnection, table: TableName): Promise<string> {
  const doing = `reading the definition of ${describeTable(table)} on ${connection.label}`;
  try {
    const [row] = await connection.pipelineQuery<DefinitionRow>(
      `SHOW CREATE TABLE ${quoteName(table.database, table.name)}`,
    );
    const definition = row?.['Create Table'];
    if (definition !== undefined) return definition;
  } catch (error) {
    throw classifyDatabaseError(error, doing);
  }
  throw new MigrationError('schema', `${describeTable(table)} is not a table (${doing}).`);
}

/** The same of many tables, in their order. Rejects for the first that can't be read. */
export async function readDefinitions(
  connection: DatabaseConnection,
  tables: readonly TableName[],
): Promise<string[]> {
  const readings = tables.map(table => readDefinition(connection, table));
  // Whoever gets an error finds the connection idle.
  await Promise.allSettled(readings);
  return await Promise.all(readings);
}

type DefinitionRow = Readonly<Record<string, string>>;

/** Tells two definitions apart. With the next AUTO_INCREMENT value, so that a row that came and went counts as well. */
export function digestDefinition(definition: string): string {
  return hash('sha256', definition, 'base64url');
}

/** The next number that the table gives out; it changes with every row that is written. */
const COUNTER = /(?<=^\) ENGINE=\w+) AUTO_INCREMENT=(\d+)/m;

/** Tells two definitions apart, whatever rows came and went. */
export function digestShape(definition: string): string {
  return digestDefinition(withoutCounter(definition));
}

/** The table begins to give out numbers with the first. */
export const withoutCounter = (definition: string): string => definition.replace(COUNTER, '');

const HEAD = /^CREATE TABLE `(?:[^`]|``)+`/;

/** Without what two tables of one kind differ in: the name and the next number. */
export function stripInstance(definition: string): string {
  return definition.replace(HEAD, '').replace(COUNTER, '');
}

/** It names other tables: another table of the kind names others. */
export function namesOthers(definition: string): boolean {
  return /REFERENCES|UNION=\(|nextval\(|lastval\(|setval\(/.test(definition);
}

/** The definition of a table that differs only in its name. */
export function renameInDefinition(definition: string, name: string): string {
  return definition.replace(HEAD, () => `CREATE TABLE ${quoteName(name)}`);
}

/** undefined: the table has no row yet, or gives out no numbers. */
export function readCounter(definition: string): string | undefined {
  return COUNTER.exec(definition)?.[1];
}
