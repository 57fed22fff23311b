// What both ends hold, read before anything is planned. Only reads; a constant number of queries an end.

import { MigrationError } from '../errors.ts';
import type { SiteId } from '../migration/words.ts';
import { type Blog, type Catalog, type Network, readBlogs, readNetworks } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import {
  connectSource,
  connectTarget,
  type DatabaseConnection,
  type ServerAddress,
} from '../mysql/client.ts';
import { isFull } from '../mysql/connection-limits.ts';
import { readGivenAddresses } from '../mysql/given-addresses.ts';
import { readDatabaseId, readServerIdentity, type ServerIdentity } from '../mysql/identity.ts';
import type { InspectedTables } from '../mysql/inspect-tables.ts';
import { readOddIds } from '../mysql/odd-ids.ts';
import { type Column, readNamedColumns } from '../mysql/read-columns.ts';
import { type KeysAround, readKeysAround } from '../mysql/read-foreign-keys.ts';
import { readKeylessTables } from '../mysql/read-keyless-tables.ts';
import { isSameServer, readServer, type ServerFacts } from '../mysql/read-server.ts';
import { readUserIds } from '../mysql/read-user-ids.ts';
import { type NetworkUser, readUsers } from '../mysql/read-users.ts';
import { spellName, spellPrefix } from '../mysql/spell-names.ts';
import { quoteName } from '../mysql/table-names.ts';
import { type OldStaged, readTableRecords, type TableRecords } from '../mysql/table-records.ts';
import type { RewriteRule } from '../rewrite/rewriter.ts';
import { readTables } from './read-tables.ts';

export interface EndFacts {
  readonly server: ServerFacts;
  readonly identity: ServerIdentity;
  /** Given to the database by the first run that changed it; null: none has. */
  readonly databaseId: string | null;
  /** Of a target: whose the tables in its staging and previous database are. */
  readonly records?: TableRecords;
  readonly catalog: Catalog;
  /** Rows of the blogs table; null when the database has none: no multisite network (yet). */
  readonly blogs: readonly Blog[] | null;
  /** Rows of the table of networks; none when the database has no such table. */
  readonly networks?: readonly Network[];
  /** Of rows that nobody reads, as text (mysql/odd-ids.ts); absent: there are none. */
  readonly oddIds?: OddIds;
  /** At a source: tables without a primary key, where the target minds. */
  readonly keyless?: ReadonlySet<string>;
  /** At a target: by site, the addresses that earlier runs from this source have given it. */
  readonly given?: ReadonlyMap<SiteId, ReadonlySet<string>>;
  /** At a target: foreign keys of other databases that lead into its own. */
  readonly keysAround?: KeysAround;
  /** Ids of the users that were asked for. */
  readonly staffIds?: readonly string[];
  /** All users, where they were asked for and the database has their table. */
  readonly users?: readonly NetworkUser[];
  /** By table, the columns that were asked for, and maybe more of these names; absent: none were. */
  readonly columns?: ReadonlyMap<string, readonly Column[]>;
  /** What is to be said of how the tables are defined; absent: they were not looked at. */
  readonly definitions?: InspectedTables;
}

export interface OddIds {
  readonly blogs: readonly string[];
  readonly networks: readonly string[];
  /** Only where users are asked for. */
  readonly users: readonly string[];
}

export interface Ends {
  readonly source: EndFacts;
  readonly target: EndFacts;
  readonly sameServer: boolean;
}

export interface EndAddress {
  /** Logins, addresses and `@domain` of users whose ids are wanted. */
  readonly staff?: readonly string[];
  readonly wantsUsers?: boolean;
  /** Columns that are wanted, as `options.secret`. */
  readonly columns?: readonly string[];
  /** Of a target: where earlier runs have written down what they did, and the source, by its name. `old`: tables in
   *  staging that the journal of an older version's run says are its own. */
  readonly records?: {
    readonly staging: string;
    readonly previous: string;
    readonly source: string;
    readonly old: OldStaged | null;
  };
  /** Whose hosts are looked for in the definitions of tables; absent: these aren't looked at. */
  readonly hostsOf?: readonly RewriteRule[];
  readonly address: ServerAddress;
  readonly database: string;
  readonly tablePrefix: string;
}

/** Reads both ends, and when both have trouble says so of both. */
export async function readEnds(source: EndAddress, target: EndAddress): Promise<Ends> {
  const [one, other] = await Promise.allSettled([
    connectSource(source.address),
    connectTarget(target.address),
  ]);
  try {
    if (one.status === 'rejected' || other.status === 'rejected') throw describeUnreachable([one, other]);
    const targetServer = readServer(other.value);
    const [sourceFacts, targetFacts] = await Promise.allSettled([
      readEnd(one.value, source, {
        connectAside: () => connectSource(source.address),
        server: readServer(one.value),
        // If it can't be read, the target's facts tell.
        goesTo: targetServer.catch(() => null),
      }),
      readEnd(other.value, target, {
        connectAside: () => connectTarget(target.address),
        server: targetServer,
      }),
    ]);
    if (sourceFacts.status === 'rejected' || targetFacts.status === 'rejected')
      throw describeUnreachable([sourceFacts, targetFacts]);
    const { primaryKeys } = targetFacts.value.server;
    const keyless =
      primaryKeys.requiredBy || primaryKeys.generated
        ? { keyless: await readKeylessTables(one.value, source.database, primaryKeys) }
        : {};
    return {
      source: { ...sourceFacts.value, ...keyless },
      target: targetFacts.value,
      sameServer: await isSameServer(one.value, other.value),
    };
  } finally {
    for (const end of [one, other]) if (end.status === 'fulfilled') await end.value.end();
  }
}

interface EndReading {
  connectAside(): Promise<DatabaseConnection>;
  readonly server: Promise<ServerFacts>;
  /** Of a source. */
  readonly goesTo?: Promise<ServerFacts | null>;
}

async function readEnd(
  connection: DatabaseConnection,
  { staff = [], wantsUsers = false, columns = [], hostsOf, records, ...end }: EndAddress,
  reading: EndReading,
): Promise<EndFacts> {
  try {
    const server = await reading.server;
    const { lowerCaseTableNames } = server;
    const spell = (name: string): string => spellName(name, lowerCaseTableNames, server.databases);
    const database = spell(end.database);
    const tablePrefix = spellPrefix(end.tablePrefix, lowerCaseTableNames);
    if (!server.databases.has(database)) {
      throw new MigrationError(
        'preflight_refused',
        `${connection.label} has no database ${database}, or its user may not see it.`,
        {
          hint: 'Check the database name in the configuration file; a target database must exist, even if empty.',
        },
      );
    }
    const places = records && { staging: spell(records.staging), previous: spell(records.previous) };
    await using aside = await reading.connectAside();
    const { catalog, definitions } = await readTables(
      { connection, aside, database, tablePrefix, server },
      hostsOf ? { hostsOf, goesTo: (await reading.goesTo) ?? null } : null,
    );
    const blogsTable = `${tablePrefix}blogs`;
    const siteTable = `${tablePrefix}site`;
    const exists = (name: string): boolean =>
      catalog.tables.some(table => table.name === name && table.kind === 'table');
    const users = { database, name: `${tablePrefix}users` };
    const readOdd = async (table: string, ...columns: [string, string?]): Promise<string[]> =>
      exists(table) ? readOddIds(connection, quoteName(database, table), ...columns) : [];
    const oddIds: OddIds = {
      blogs: await readOdd(blogsTable, 'blog_id', 'site_id'),
      networks: await readOdd(siteTable, 'id'),
      users: wantsUsers ? await readOdd(users.name, 'ID') : [],
    };
    return {
      server,
      identity: await readServerIdentity(connection),
      databaseId: await readDatabaseId(connection, database),
      catalog,
      blogs: exists(blogsTable) ? await readBlogs(connection, quoteName(database, blogsTable)) : null,
      networks: exists(siteTable) ? await readNetworks(connection, quoteName(database, siteTable)) : [],
      ...(places
        ? {
            records: await readTableRecords(connection, { database, tablePrefix, ...places }, records.old),
            given: await readGivenAddresses(connection, {
              ...{ database, tablePrefix, source: records.source },
              staging: places.staging,
            }),
            keysAround: await readKeysAround(connection, [database, places.staging, places.previous], {
              ...server,
              visible: server.databases,
            }),
          }
        : {}),
      ...(Object.values(oddIds).some(ids => ids.length > 0) ? { oddIds } : {}),
      staffIds: exists(users.name) ? await readUserIds(connection, users, staff) : [],
      ...(wantsUsers && exists(users.name) ? { users: await readUsers(connection, users) } : {}),
      ...(columns.length > 0 ? { columns: await readNamedColumns(connection, database, columns) } : {}),
      ...(definitions ? { definitions } : {}),
    };
  } catch (error) {
    throw classifyDatabaseError(error, `reading ${connection.label}`);
  }
}

/** One error for all that went wrong. Bad credentials decide the exit code: without them nothing else can be judged. */
function describeUnreachable(results: readonly PromiseSettledResult<unknown>[]): MigrationError {
  const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const known = errors.filter(error => error instanceof MigrationError);
  const [first] = known;
  if (!first || known.length < errors.length) throw errors.find(error => !(error instanceof MigrationError));
  const leading = known.find(error => error.exit === 'configuration') ?? first;
  const hints = [
    ...new Set(
      known.flatMap(error =>
        error.code === 'connection' && !isFull(error)
          ? ['Check that the server is up, and host and port in the configuration file.']
          : error.hintLines,
      ),
    ),
  ];
  return new MigrationError(
    leading.exit === 'configuration' ? leading.code : 'preflight_refused',
    known.flatMap(error => error.lines),
    {
      hint: hints,
      details: { errors: known.map(error => ({ code: error.code, message: error.message })) },
      cause: leading,
    },
  );
}
