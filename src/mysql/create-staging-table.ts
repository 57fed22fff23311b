import { MigrationError } from '../errors.ts';
import { buildStagingDdl } from './build-staging-ddl.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { readDefinition } from './read-definition.ts';

export interface CreateStagingTableOptions {
  readonly target: DatabaseConnection;
  readonly sourceTable: TableName;
  /** The source table's, as `readDefinition` gives it. */
  readonly definition: string;
  /** Must not exist. */
  readonly stagingTable: TableName;
  /** The name on the target of another table of the source's database, for foreign keys. */
  readonly rename: (table: string) => string;
  /** The server gives a table without a primary key an invisible one, which the source's hasn't. */
  readonly refusesGeneratedKey?: boolean;
}

/** Makes the empty table, defined as the source's is. Rows for it may be sent behind it at once, see
 *  DatabaseConnection.pipeline. Rejects with a MigrationError. */
export async function createStagingTable(options: CreateStagingTableOptions): Promise<void> {
  const { target, sourceTable, definition, stagingTable, rename, refusesGeneratedKey = false } = options;
  const ddl = buildStagingDdl(definition, stagingTable.database, table =>
    table === sourceTable.name ? stagingTable.name : rename(table),
  );
  try {
    await target.pipeline(ddl);
    if (refusesGeneratedKey && !PRIMARY_KEY.test(definition)) await refuseGeneratedKey(target, stagingTable);
  } catch (error) {
    const failure = classifyDatabaseError(
      error,
      `creating ${describeTable(stagingTable)} on ${target.label}`,
    );
    throw explainPrimaryKey(failure, refusesGeneratedKey);
  }
}

/** MySQL's only, whose tables are made before rows are sent. */
async function refuseGeneratedKey(target: DatabaseConnection, table: TableName): Promise<void> {
  if (!GENERATED_KEY.test(await readDefinition(target, table))) return;
  throw new MigrationError(
    'schema',
    `The target's server has given ${describeTable(table)} an invisible column my_row_id, which the source's hasn't (sql_generate_invisible_primary_key).`,
    { hint: PRIMARY_KEY_HINT },
  );
}

const PRIMARY_KEY = /^ +PRIMARY KEY/m;
const GENERATED_KEY = /^ +PRIMARY KEY \(`my_row_id`\)/m;
const PRIMARY_KEY_HINT =
  'Give the table a primary key at the source, or switch the variable off at the target; then --resume ID --retry-failed.';

/** The server requires one (MariaDB, MySQL). */
const ER_REQUIRED = new Set<unknown>([1173, 3750]);
/** MySQL can't generate it: another column gives out numbers, or has its name. */
const ER_NOT_GENERATED = new Set<unknown>([4108, 4109]);

function explainPrimaryKey(error: MigrationError, mayBeGenerated: boolean): MigrationError {
  const { message, details } = error;
  if (!ER_REQUIRED.has(details.errno) && !(mayBeGenerated && ER_NOT_GENERATED.has(details.errno)))
    return error;
  return new MigrationError('schema', message, { hint: PRIMARY_KEY_HINT, details, cause: error });
}
