// What an end's database holds, and of a source how its tables are defined.

import { type Catalog, type CatalogForeignKey, readCatalog, readForeignKeys } from '../mysql/catalog.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { MentionsHost } from '../mysql/definition/find-hosts.ts';
import { describeNamed } from '../mysql/definition/find-leads.ts';
import { createInspectDefinition, type InspectDefinition } from '../mysql/definition/inspect-definition.ts';
import { needsTranslation, readServerKind } from '../mysql/definition/server-kind.ts';
import { groupByDefinition, listSuspects } from '../mysql/group-by-definition.ts';
import {
  findBrokenChecks,
  findViewsWithHosts,
  type InspectedTables,
  inspectTables,
  listTables,
} from '../mysql/inspect-tables.ts';
import type { ServerFacts } from '../mysql/read-server.ts';
import { createRewriter, type RewriteRule } from '../rewrite/rewriter.ts';

export interface TableReading {
  readonly connection: DatabaseConnection;
  /** Another connection to the same server. */
  readonly aside: DatabaseConnection;
  readonly database: string;
  readonly tablePrefix: string;
  readonly server: ServerFacts;
}

export interface Inspection {
  readonly hostsOf: readonly RewriteRule[];
  /** The target's server; null: nobody knows. */
  readonly goesTo: ServerFacts | null;
}

export interface ReadTables {
  readonly catalog: Catalog;
  readonly definitions?: InspectedTables;
}

/** A MariaDB opens every table for its foreign keys, and doesn't show them to everybody; for the same price it gives all
 *  definitions, in which they stand. A MySQL knows such things without opening a table, and takes its time for a
 *  definition: it is asked for those that may matter, or for one of each kind. */
export async function readTables(reading: TableReading, inspection: Inspection | null): Promise<ReadTables> {
  if (!inspection) return { catalog: await readCatalogWithKeys(reading) };
  const rewriter = createRewriter(inspection.hostsOf);
  const mentionsHost: MentionsHost = text => rewriter.rewrite(Buffer.from(text)).matches > 0;
  const from = readServerKind(reading.server.version);
  const to = inspection.goesTo && readServerKind(inspection.goesTo.version);
  const inspect = createInspectDefinition({ mentionsHost, from, to });
  const read = await (reading.server.flavour === 'mysql'
    ? readMysql(reading, inspect, to && needsTranslation(from, to) ? null : rewriter.needles)
    : readMariadb(reading, inspect));
  const { connection, database } = reading;
  const { facts } = read.definitions;
  const hasViews = read.catalog.tables.some(({ kind }) => kind === 'view');
  const definitions: InspectedTables = {
    ...read.definitions,
    broken: await findBrokenChecks(connection, database, facts),
    viewsWithHosts: hasViews ? await findViewsWithHosts(connection, database, mentionsHost) : [],
  };
  return { catalog: read.catalog, definitions };
}

const readCatalogWithKeys = ({ connection, aside, database }: TableReading): Promise<Catalog> =>
  readCatalog(connection, database, () => readForeignKeys(aside, database));

type InspectedCatalog = Required<ReadTables>;

/** `needles`: only definitions that may hold one of these are read; null: one of each kind is. */
async function readMysql(
  reading: TableReading,
  inspect: InspectDefinition,
  needles: readonly string[] | null,
): Promise<InspectedCatalog> {
  const { connection, database, tablePrefix } = reading;
  const catalog = await readCatalogWithKeys(reading);
  const groups = needles
    ? (await listSuspects(connection, database, needles)).map(name => [name])
    : await groupByDefinition(connection, database);
  const own = groups.map(names => names.filter(name => name.startsWith(tablePrefix)));
  const wanted = own.filter(names => names.length > 0);
  return { catalog, definitions: await inspectTables(connection, database, wanted, inspect) };
}

async function readMariadb(
  { connection, aside, database, tablePrefix }: TableReading,
  inspect: InspectDefinition,
): Promise<InspectedCatalog> {
  let definitions: InspectedTables | undefined;
  const catalog = await readCatalog(connection, database, async () => {
    const names = (await listTables(aside, database)).filter(name => name.startsWith(tablePrefix));
    const each = names.map(name => [name]);
    definitions = await inspectTables(aside, database, each, inspect);
    return listForeignKeys(definitions);
  });
  return { catalog, definitions: definitions! };
}

const listForeignKeys = ({ facts }: InspectedTables): CatalogForeignKey[] =>
  [...facts].flatMap(([table, { foreignKeys }]) =>
    foreignKeys.map(({ name, referenced }) => ({ name, table, referencedTable: describeNamed(referenced) })),
  );
