// Facts about a database server and the rights of our user on it, without changing anything.

import { randomUUID } from 'node:crypto';
import type { QueryError } from 'mysql2';
import type { DatabaseConnection, ServerTrust } from './client.ts';
import { type Grant, parseGrant } from './grants.ts';
import { LATE_END_OF_TIME, USUAL_END_OF_TIME } from './history.ts';
import type { UnsettledVariable } from './state-session.ts';

export interface ServerFacts {
  readonly version: string;
  readonly flavour: 'mariadb' | 'mysql';
  readonly hostname: string;
  readonly dataDirectory: string;
  readonly maxAllowedPacketBytes: number;
  readonly localInfile: boolean;
  /** Has MariaDB's bulk execute. */
  readonly takesBulk: boolean;
  /** It is a replica, or was made to take no writes. */
  readonly readOnly: boolean;
  /** 0: names keep their case and differ by it; 1 and 2: they don't. */
  readonly lowerCaseTableNames: number;
  readonly primaryKeys: PrimaryKeyRules;
  readonly history: HistoryRules;
  readonly collations: ReadonlySet<string>;
  /** Those that tables can be made with, in lower case. */
  readonly engines: ReadonlySet<string>;
  readonly trust: ServerTrust;
  /** What a session of ours means otherwise than it should. */
  readonly unsettled: readonly UnsettledVariable[];
  readonly databases: ReadonlySet<string>;
  readonly grants: readonly Grant[];
}

/** What a server does about tables without a primary key, in our session. */
export interface PrimaryKeyRules {
  /** The variable by which it refuses them; null: it takes them. */
  readonly requiredBy: 'sql_require_primary_key' | 'innodb_force_primary_key' | null;
  /** It gives them an invisible one (MySQL's sql_generate_invisible_primary_key). */
  readonly generated: boolean;
}

/** Of a server's system-versioned tables; no MySQL has any. */
export interface HistoryRules {
  /** When rows end that are present. */
  readonly endOfTime: string;
  /** Who may write rows of the past. `nobody`: the server has no such thing (MariaDB before 10.11). `others`: not our user. */
  readonly writtenBy: 'us' | 'others' | 'nobody';
}

export function nameFlavour(version: string): ServerFacts['flavour'] {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

/** Seven queries, of a MariaDB up to nine. */
export async function readServer(connection: DatabaseConnection): Promise<ServerFacts> {
  const [settings] = await connection.query<Record<string, string | number>>(
    `SELECT VERSION() AS version, @@hostname AS hostname, @@datadir AS dataDirectory,
            @@max_allowed_packet AS maxAllowedPacketBytes, @@local_infile AS localInfile,
            @@global.read_only AS readOnly, @@global.innodb_read_only AS engineReadOnly,
            @@lower_case_table_names AS lowerCaseTableNames,
            UNIX_TIMESTAMP('2106-02-07 06:28:15') IS NOT NULL AS hasLateTimes`,
  );
  const collations = await connection.query<{ name: string; fullName?: string }>(
    'SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS',
  );
  const engines = await connection.query<{ engine: string }>(
    "SELECT ENGINE AS engine FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')",
  );
  const databases = await connection.query<Record<string, string>>('SHOW DATABASES');
  const grants = await connection.query<Record<string, string>>('SHOW GRANTS');
  const version = String(settings!.version);
  const flavour = nameFlavour(version);
  const enforced = connection.unsettled.find(({ name }) => name === 'enforce_storage_engine');
  return {
    version,
    flavour,
    hostname: String(settings!.hostname),
    dataDirectory: String(settings!.dataDirectory),
    maxAllowedPacketBytes: Number(settings!.maxAllowedPacketBytes),
    localInfile: Number(settings!.localInfile) === 1,
    takesBulk: connection.takesBulk,
    // A replica of Aurora has the second alone; MariaDB has words for how strict it is.
    readOnly: [settings!.readOnly, settings!.engineReadOnly].some(
      value => !['0', 'OFF'].includes(String(value)),
    ),
    lowerCaseTableNames: Number(settings!.lowerCaseTableNames),
    primaryKeys: await readPrimaryKeyRules(connection),
    history: {
      endOfTime: Number(settings!.hasLateTimes) === 1 ? LATE_END_OF_TIME : USUAL_END_OF_TIME,
      writtenBy: await findWriters(connection),
    },
    collations: new Set(
      await completeCollations(
        connection,
        flavour,
        collations.map(row => row.name),
      ),
    ),
    engines: new Set((enforced ? [enforced.value] : engines.map(row => row.engine)).map(toLower)),
    trust: connection.trust,
    unsettled: connection.unsettled,
    databases: new Set(databases.map(row => Object.values(row)[0]!)),
    grants: grants.map(row => parseGrant(Object.values(row)[0]!)),
  };
}

const toLower = (name: string): string => name.toLowerCase();

/** No server knows all of these variables. */
async function readPrimaryKeyRules(connection: DatabaseConnection): Promise<PrimaryKeyRules> {
  const required = ['sql_require_primary_key', 'innodb_force_primary_key'] as const;
  const generated = 'sql_generate_invisible_primary_key';
  const rows = await connection.query<{ Variable_name: string; Value: string }>(
    'SHOW VARIABLES WHERE Variable_name IN (?)',
    [[...required, generated]],
  );
  const on = new Set(rows.filter(row => row.Value === 'ON').map(row => row.Variable_name.toLowerCase()));
  return { requiredBy: required.find(name => on.has(name)) ?? null, generated: on.has(generated) };
}

/** Rows of the past are for those who may say what time it is (secure_timestamp). */
async function findWriters(connection: DatabaseConnection): Promise<HistoryRules['writtenBy']> {
  const known = await connection.query("SHOW VARIABLES LIKE 'system_versioning_insert_history'");
  if (known.length === 0) return 'nobody';
  try {
    await connection.query('SET STATEMENT timestamp = 1 FOR DO 0');
    return 'us';
  } catch (error) {
    if (SECURED.has((error as QueryError).errno)) return 'others';
    throw error;
  }
}

/** A right is missing, or the server lets nobody. */
const SECURED = new Set<unknown>([1227, 1290]);

/** MariaDB since 10.10 lists its UCA 14.0.0 collations without the character set that stands in table definitions. */
async function completeCollations(
  connection: DatabaseConnection,
  flavour: string,
  names: readonly string[],
): Promise<string[]> {
  if (flavour !== 'mariadb' || !names.some(name => name.startsWith('uca1400'))) return [...names];
  const full = await connection.query<{ name: string }>(
    'SELECT FULL_COLLATION_NAME AS name FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY',
  );
  return [...names, ...full.map(row => row.name)];
}

/** Are both connections to one and the same server? Settled by a named lock, which no two servers share: host names
 *  and ports can't tell, as two addresses may lead to one server and two containers may have one name. */
export async function isSameServer(one: DatabaseConnection, other: DatabaseConnection): Promise<boolean> {
  const name = `wfuwp-same-${randomUUID()}`;
  await one.query('DO GET_LOCK(?, 0)', [name]);
  try {
    const [row] = await other.query<{ holder: number | null }>('SELECT IS_USED_LOCK(?) AS holder', [name]);
    return row!.holder !== null;
  } finally {
    await one.query('DO RELEASE_LOCK(?)', [name]);
  }
}
