// Who a server and a database are. Names and addresses are no identities: two servers have a database of one name, a
// configuration is edited, an address leads elsewhere. What a plan has noted is proven on every connection, before
// anything is read or written there.

import { createHash } from 'node:crypto';
import { MigrationError } from '../errors.ts';
import { quoteName } from './table-names.ts';

/** What tells a server apart. `uuid`: MySQL's own, which it keeps for life. `place`: MariaDB has none; its host's name,
 *  port and data directory stand for it, and since 2024 a number made of its network card's address. */
export interface ServerIdentity {
  readonly kind: 'uuid' | 'place';
  readonly id: string;
  /** `HOST:PORT` as the server itself has it, for people. */
  readonly shown: string;
}

/** What a connection must lead to. */
export interface ExpectedIdentity {
  /** null: whichever; somebody has accepted that it is another one. */
  readonly server: ServerIdentity | null;
  /** The database's id row must say this; absent: it isn't asked. */
  readonly database?: { readonly name: string; readonly id: string };
  /** For whom it was noted: a run's id. */
  readonly notedBy: string;
  /** What to type where another server is meant; absent: nothing helps. */
  readonly acceptBy?: string;
  /** Is another server that answers in mid-run the same end all the same, failed over? Absent: no. */
  isSuccessor?(connection: Asking, found: ServerIdentity): Promise<boolean>;
  /** The error where it is not; default: one that names both servers. */
  explain?(connection: Asking): Promise<MigrationError>;
}

/** The part of a connection that is needed. */
export interface Asking {
  readonly label: string;
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

export const IDENTITY_TABLE = 'wfuwp_identity';

const TELLING = ['server_uuid', 'server_uid', 'hostname', 'port', 'datadir', 'server_id'];

/** One query. */
export async function readServerIdentity(connection: Asking): Promise<ServerIdentity> {
  const rows = await connection.query<Record<string, string>>(
    'SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)',
    [TELLING],
  );
  const values = new Map(rows.map(row => [row.Variable_name!.toLowerCase(), row.Value ?? '']));
  const shown = `${values.get('hostname')}:${values.get('port')}`;
  const uuid = values.get('server_uuid');
  if (uuid) return { kind: 'uuid', id: uuid, shown };
  const place = ['server_uid', 'hostname', 'port', 'datadir', 'server_id'].map(
    name => values.get(name) ?? '',
  );
  const id = createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 32);
  return { kind: 'place', id, shown };
}

/** There is no such database or table, or the user may not read it: then a check names the right. */
const UNKNOWN = new Set([1044, 1049, 1142, 1146]);

/** The id of a database that runs have changed; null: it has none yet. It stands in the database itself, so it goes
 *  wherever the database goes. */
export async function readDatabaseId(connection: Asking, database: string): Promise<string | null> {
  try {
    const [row] = await connection.query<{ id: string }>(
      `SELECT database_id AS id FROM ${quoteName(database, IDENTITY_TABLE)} WHERE id = 1`,
    );
    return row?.id ?? null;
  } catch (error) {
    if (UNKNOWN.has((error as { errno?: number }).errno ?? 0)) return null;
    throw error;
  }
}

/** Gives a database its id where it has none. Resolves with the one that it has now: of two that come at the same time
 *  the first one's. */
export async function claimDatabase(
  connection: Asking & { execute(sql: string, values?: readonly unknown[]): Promise<unknown> },
  database: string,
  id: string,
): Promise<string> {
  const table = quoteName(database, IDENTITY_TABLE);
  await connection.execute(
    `CREATE TABLE IF NOT EXISTS ${table} (
      id TINYINT NOT NULL PRIMARY KEY,
      database_id VARCHAR(36) NOT NULL,
      made_at DATETIME(6) NOT NULL
    ) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4`,
  );
  await connection.execute(`INSERT IGNORE INTO ${table} VALUES (1, ?, UTC_TIMESTAMP(6))`, [id]);
  return (await readDatabaseId(connection, database)) ?? '';
}

/** Rejects with `identity` when the connection leads to another server or database than was noted. */
export async function proveIdentity(connection: Asking, expected: ExpectedIdentity): Promise<void> {
  const { database, server } = expected;
  if (database) {
    const id = await readDatabaseId(connection, database.name);
    if (id !== database.id) {
      throw (await expected.explain?.(connection)) ?? otherDatabase(connection, expected, id);
    }
  }
  if (!server) return;
  const found = await readServerIdentity(connection);
  if (found.kind === server.kind && found.id === server.id) return;
  if (await expected.isSuccessor?.(connection, found)) return;
  throw (await expected.explain?.(connection)) ?? otherServer(connection, expected, server, found);
}

function otherServer(
  { label }: Asking,
  { notedBy, acceptBy }: ExpectedIdentity,
  noted: ServerIdentity,
  found: ServerIdentity,
): MigrationError {
  return new MigrationError(
    'identity',
    `The ${label} is another server than the one that ${notedBy} has planned with: ` +
      `${describeServer(found)} answers instead of ${describeServer(noted)}.`,
    {
      hint: acceptBy
        ? `Correct its address in the configuration file. If its database was moved to this server: ${acceptBy}`
        : 'Correct its address in the configuration file.',
      details: { noted, found },
    },
  );
}

function otherDatabase(
  { label }: Asking,
  { notedBy, database }: ExpectedIdentity,
  found: string | null,
): MigrationError {
  const name = database?.name ?? '';
  const what = found === null ? 'has no id of its own' : `has the id ${found}`;
  return new MigrationError(
    'identity',
    `The database ${name} of the ${label} is another one than ${notedBy} has worked on: it ${what} (${IDENTITY_TABLE}), ` +
      `and the run knows ${database?.id}.`,
    {
      hint: 'Correct host, port and name in the configuration file. If the database was replaced, start the migration anew.',
      details: { noted: database?.id, found },
    },
  );
}

function describeServer({ kind, id, shown }: ServerIdentity): string {
  return `${shown} (${kind === 'uuid' ? id : id.slice(0, 8)})`;
}
