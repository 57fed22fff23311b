import type { QueryError } from 'mysql2';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { MentionsHost } from './definition/find-hosts.ts';
import type { DefinitionFacts, InspectDefinition } from './definition/inspect-definition.ts';
import { readDefinition, stripInstance } from './read-definition.ts';
import { quoteName } from './table-names.ts';

export interface InspectedTables {
  /** By table, what is to be said of its definition; of most there is nothing. */
  readonly facts: ReadonlyMap<string, DefinitionFacts>;
  /** Tables that the server can't open, with its own words. */
  readonly damaged: ReadonlyMap<string, string>;
  /** Tables with rows that break a CHECK of theirs, where that was asked. */
  readonly broken?: ReadonlySet<string>;
  /** Views that speak of a host of the source, as far as their definitions may be seen. */
  readonly viewsWithHosts?: readonly string[];
}

/** So many definitions are under way at a time. */
const BATCH = 200;

/** Reads definitions, and looks at one of each kind: all sites have the same dozen tables. `groups`: tables that are known
 *  to be defined alike; of each the first is read. What the user may not see, and what is no table, is passed over.
 *  Rejects with a MigrationError when the server is gone. */
export async function inspectTables(
  connection: DatabaseConnection,
  database: string,
  groups: readonly (readonly string[])[],
  inspect: InspectDefinition,
): Promise<InspectedTables> {
  const kinds = new Map<string, DefinitionFacts | null>();
  const facts = new Map<string, DefinitionFacts>();
  const damaged = new Map<string, string>();
  for (let at = 0; at < groups.length; at += BATCH) {
    const batch = groups.slice(at, at + BATCH);
    const readings = await Promise.allSettled(
      batch.map(([name]) => readDefinition(connection, { database, name: name! })),
    );
    for (const [index, reading] of readings.entries()) {
      const names = batch[index]!;
      if (reading.status === 'rejected') {
        const problem = describeDamage(reading.reason);
        if (problem !== null) damaged.set(names[0]!, problem);
        continue;
      }
      const kind = stripInstance(reading.value);
      let found = kinds.get(kind);
      if (found === undefined) {
        found = inspect(reading.value);
        kinds.set(kind, found);
      }
      if (found) for (const name of names) facts.set(name, found);
    }
  }
  return { facts, damaged };
}

/** Which tables have a row that breaks one of the CHECKs that stand in the facts? MariaDB keeps such rows when it was told
 *  not to look. One query for each table with a CHECK. */
export async function findBrokenChecks(
  connection: DatabaseConnection,
  database: string,
  facts: InspectedTables['facts'],
): Promise<Set<string>> {
  const broken = new Set<string>();
  for (const [name, { checks }] of facts) {
    if (checks.length === 0) continue;
    const breaks = checks.map(condition => `NOT (${condition})`).join(' OR ');
    const sql = `SELECT 1 FROM ${quoteName(database, name)} WHERE ${breaks} LIMIT 1`;
    // One that can't be read is damaged, and told as such.
    const rows = await connection.query(sql).catch((error: unknown) => {
      describeDamage(error);
      return [];
    });
    if (rows.length > 0) broken.add(name);
  }
  return broken;
}

/** Only where there are views. */
export async function findViewsWithHosts(
  connection: DatabaseConnection,
  database: string,
  mentionsHost: MentionsHost,
): Promise<string[]> {
  const rows = await connection.query<{ name: string; definition: string | null }>(
    'SELECT TABLE_NAME AS name, VIEW_DEFINITION AS definition FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?',
    [database],
  );
  return rows.filter(row => mentionsHost(row.definition ?? '')).map(row => row.name);
}

/** Names of all tables and views of the database. No table is opened for it. */
export async function listTables(connection: DatabaseConnection, database: string): Promise<string[]> {
  const rows = await connection.query<Record<string, string>>(`SHOW TABLES FROM ${quoteName(database)}`);
  return rows.map(row => Object.values(row)[0]!);
}

/** In the server's own words; null: it is gone by now, is no table, is locked, or the user may not see it. */
function describeDamage(error: unknown): string | null {
  const failure = classifyDatabaseError(error, 'reading the definitions of the source');
  if (failure.code === 'lock' || failure.code === 'access') return null;
  if (failure.scope !== 'site') throw failure;
  const said = failure.cause as QueryError | undefined;
  return said?.errno === undefined || said.errno === ER_NO_SUCH_TABLE ? null : said.message;
}

const ER_NO_SUCH_TABLE = 1146;
