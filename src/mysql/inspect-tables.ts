import type { QueryError } from 'mysql2';
import type { CatalogTable } from './catalog.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { isMerge } from './definition/find-leads.ts';
import { type DefinitionFacts, inspectDefinition } from './definition/inspect-definition.ts';
import { readDefinition, stripInstance } from './read-definition.ts';
import { quoteName } from './table-names.ts';

export interface InspectedTables {
  /** By table, what is to be said of its definition; of most there is nothing. */
  readonly facts: ReadonlyMap<string, DefinitionFacts>;
  /** Tables that the server can't open, with its own words. */
  readonly damaged: ReadonlyMap<string, string>;
}

/** So many definitions are under way at a time. */
const BATCH = 200;

/** Reads the definition of each table once, and looks at one of each kind: all sites have the same dozen tables. What the
 *  user may not see, and what is no table, is passed over. Rejects with a MigrationError when the server is gone. */
export async function inspectTables(
  connection: DatabaseConnection,
  database: string,
  names: readonly string[],
): Promise<InspectedTables> {
  const kinds = new Map<string, DefinitionFacts | null>();
  const facts = new Map<string, DefinitionFacts>();
  const damaged = new Map<string, string>();
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = names.slice(at, at + BATCH);
    const readings = await Promise.allSettled(
      batch.map(name => readDefinition(connection, { database, name })),
    );
    for (const [index, reading] of readings.entries()) {
      const name = batch[index]!;
      if (reading.status === 'rejected') {
        const problem = describeDamage(reading.reason);
        if (problem !== null) damaged.set(name, problem);
        continue;
      }
      const kind = stripInstance(reading.value);
      let found = kinds.get(kind);
      if (found === undefined) {
        found = inspectDefinition(reading.value);
        kinds.set(kind, found);
      }
      if (found) facts.set(name, found);
    }
  }
  return { facts, damaged };
}

/** Names of all tables and views of the database. No table is opened for it. */
export async function listTables(connection: DatabaseConnection, database: string): Promise<string[]> {
  const rows = await connection.query<Record<string, string>>(`SHOW TABLES FROM ${quoteName(database)}`);
  return rows.map(row => Object.values(row)[0]!);
}

/** Tables whose definitions may say more than the catalog does. */
export function listOddTables(tables: readonly CatalogTable[]): string[] {
  return tables.filter(({ kind, engine }) => kind === 'table' && isMerge(engine)).map(table => table.name);
}

/** In the server's own words; null: it is gone by now, is no table, or the user may not see it. */
function describeDamage(error: unknown): string | null {
  const failure = classifyDatabaseError(error, 'reading the definitions of the source');
  if (failure.scope !== 'site') throw failure;
  const said = failure.cause as QueryError | undefined;
  if (said?.errno === undefined || failure.code === 'access' || said.errno === ER_NO_SUCH_TABLE) return null;
  return said.message;
}

const ER_NO_SUCH_TABLE = 1146;
