import { buildStagingDdl } from './build-staging-ddl.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';

export interface CreateStagingTableOptions {
  readonly target: DatabaseConnection;
  readonly sourceTable: TableName;
  /** The source table's, as `readDefinition` gives it. */
  readonly definition: string;
  /** Must not exist. */
  readonly stagingTable: TableName;
  /** The name on the target of another table of the source's database, for foreign keys. */
  readonly rename: (table: string) => string;
}

/** Makes the empty table, defined as the source's is. Rows for it may be sent behind it at once, see
 *  DatabaseConnection.pipeline. Rejects with a MigrationError. */
export async function createStagingTable(options: CreateStagingTableOptions): Promise<void> {
  const { target, sourceTable, definition, stagingTable, rename } = options;
  const ddl = buildStagingDdl(definition, stagingTable.database, table =>
    table === sourceTable.name ? stagingTable.name : rename(table),
  );
  try {
    await target.pipeline(ddl);
  } catch (error) {
    throw classifyDatabaseError(error, `creating ${describeTable(stagingTable)} on ${target.label}`);
  }
}
