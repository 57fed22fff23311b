import { MigrationError } from '../errors.ts';
import { buildStagingDdl } from './build-staging-ddl.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

export interface CreateStagingTableOptions {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
  readonly sourceTable: TableName;
  /** Must not exist. */
  readonly stagingTable: TableName;
  /** The name on the target of another table of the source's database, for foreign keys. */
  readonly rename: (table: string) => string;
}

/** Makes the empty table, defined as the source's is. Rejects with a MigrationError. */
export async function createStagingTable(options: CreateStagingTableOptions): Promise<void> {
  const { source, target, sourceTable, stagingTable, rename } = options;
  const definition = await readDefinition(source, sourceTable);
  const ddl = buildStagingDdl(definition, stagingTable.database, table =>
    table === sourceTable.name ? stagingTable.name : rename(table),
  );
  try {
    await target.execute(ddl);
  } catch (error) {
    throw classifyDatabaseError(error, `creating ${describeTable(stagingTable)} on ${target.label}`);
  }
}

async function readDefinition(source: DatabaseConnection, table: TableName): Promise<string> {
  const doing = `reading the definition of ${describeTable(table)} on ${source.label}`;
  let row: Record<string, string> | undefined;
  try {
    [row] = await source.query<Record<string, string>>(
      `SHOW CREATE TABLE ${quoteName(table.database, table.name)}`,
    );
  } catch (error) {
    throw classifyDatabaseError(error, doing);
  }
  const definition = row?.['Create Table'];
  if (definition === undefined)
    throw new MigrationError('schema', `${describeTable(table)} is not a table (${doing}).`);
  return definition;
}
