// The only opener of database connections. A connection comes with its session set up for one of two roles: the
// source's can't write and gives bytes as they are stored; the target's takes rows as they are, without strict
// mode refusing what the source holds (zero dates, the value 0 in an auto column). What they mean by their statements
// is in session-variables.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ConnectionOptions, QueryError, ResultSetHeader } from 'mysql2';
import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import { explainFull, isFull, noteLimits } from './connection-limits.ts';
import {
  dropConnection,
  isBusy,
  isLost,
  offerBulk,
  readNamesAsUtf8,
  sendStatement,
  takesBulk,
} from './driver.ts';
import { guardLogin, isProven, type LoginAddress } from './driver-login.ts';
import { explainLogin } from './explain-login.ts';
import { type ExpectedIdentity, proveIdentity } from './identity.ts';
import { LOCK_WAIT_TIMEOUT_S, type SessionRole } from './session-variables.ts';
import type { TlsSettings } from './start-tls.ts';
import { type SessionFacts, stateSession, type UnsettledVariable } from './state-session.ts';

export interface ServerAddress extends LoginAddress {
  /** For error texts: `source "prod"`. */
  readonly label: string;
  readonly port?: number;
  readonly user: string;
  /** Who must answer there. Proven when a connection is opened. Absent: whoever does. */
  readonly identity?: ExpectedIdentity;
  /** Ends connections of ours that nobody uses; resolves with whether there were any. Called when the server takes no
   *  more, and then it is tried once more. Absent: there can be none. */
  readonly makeRoom?: () => Promise<boolean>;
}

export interface StatementResult {
  readonly affectedRows: number;
  readonly warnings: number;
}

/** What it takes for a server to be the right one. */
export interface ServerTrust {
  /** `none`: TLS with whoever answers; `off`: no TLS, or a socket of this machine. */
  readonly tls: TlsSettings['verify'] | 'off';
  /** The password is given away where it is asked for, though nothing has proven the server. */
  readonly allowsInsecureLogin: boolean;
}

/** One connection; statements run one after another in the order of the calls. Disposing of it ends it, or destroys
 *  it when a statement is still running. */
export interface DatabaseConnection extends AsyncDisposable {
  readonly label: string;
  /** The server's id of this connection, what KILL takes. */
  readonly threadId: number;
  readonly trust: ServerTrust;
  /** What the server keeps the session from meaning as it should. */
  readonly unsettled: readonly UnsettledVariable[];
  /** The server keeps a binary log of statements, in which some of them can't stand. */
  readonly logsStatements: boolean;
  /** Rows as objects; BIGINT and DECIMAL as strings, dates as strings, JSON as text. A statement without rows gives
   *  []. Rejects with the driver's error: the caller knows what it was doing and classifies. */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** For statements without rows. */
  execute(sql: string, values?: readonly unknown[]): Promise<StatementResult>;
  /** As `execute`, but not waited for by what is sent behind it on this connection in one of these two ways, or by a
   *  BulkLoader: a MariaDB goes on from one to the next by itself, whether it fails or not. */
  pipeline(sql: string): Promise<StatementResult>;
  /** As `query`, in the same way. */
  pipelineQuery<T>(sql: string): Promise<T[]>;
  /** The server has MariaDB's bulk execute, and can log it; see bulk-loader.ts. */
  readonly takesBulk: boolean;
  /** The longest statement that the server takes here, in bytes. No session can change it, whatever becomes of the
   *  server's own setting meanwhile: it is asked for once. */
  readMaxAllowedPacket(): Promise<number>;
  /** Nothing runs on it, and it isn't known to be lost. */
  readonly isIdle: boolean;
  /** Waits for what runs, then says goodbye. Never rejects, may be called twice. */
  end(): Promise<void>;
  /** Drops the connection now; everything that runs on it rejects. The server goes on with the query until it
   *  notices: see endQuery. May be called twice. */
  destroy(): void;
  /** The driver's connection. Only this folder uses it. */
  readonly raw: Connection;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A session that can't write. Rejects with a MigrationError. */
export function connectSource(address: ServerAddress, database?: string): Promise<DatabaseConnection> {
  return connect(address, database, 'source');
}

/** A session for bulk loading. Rejects with a MigrationError. */
export function connectTarget(address: ServerAddress, database?: string): Promise<DatabaseConnection> {
  return connect(address, database, 'target');
}

/** Makes a target's session wait for locks no longer than this, in whole seconds from 1. Never longer than usual. */
export async function limitLockWait(connection: DatabaseConnection, ms: number): Promise<void> {
  const seconds = Math.max(1, Math.floor(ms / 1000));
  if (seconds >= LOCK_WAIT_TIMEOUT_S) return;
  await connection.execute(
    `SET SESSION lock_wait_timeout = ${seconds}, innodb_lock_wait_timeout = ${seconds}`,
  );
}

/** Ends a connection of ours, with whatever it runs, from a connection of its own. One that is gone already is
 *  fine. Rejects with a MigrationError when the server can't be asked. */
export async function endQuery(address: ServerAddress, threadId: number): Promise<void> {
  await using connection = await connect(address, undefined, null);
  try {
    await connection.execute(`KILL CONNECTION ${threadId}`);
  } catch (error) {
    if ((error as QueryError).errno !== ER_NO_SUCH_THREAD) {
      throw classifyDatabaseError(error, `ending connection ${threadId} on ${address.label}`);
    }
  }
}

const ER_NO_SUCH_THREAD = 1094;

/** A server counts a connection until its thread has ended, a moment after it was told to. */
const ROOM_PAUSES_MS = [20, 100, 500];

async function connect(
  address: ServerAddress,
  database: string | undefined,
  role: SessionRole | null,
): Promise<DatabaseConnection> {
  let full: unknown;
  for (const pauseMs of [0, ...ROOM_PAUSES_MS]) {
    if (pauseMs > 0) await sleep(pauseMs);
    try {
      return await connectOnce(address, database, role);
    } catch (error) {
      if (!isFull(error)) throw error;
      full ??= error;
      if (pauseMs === 0 && !(await address.makeRoom?.())) break;
    }
  }
  throw full;
}

async function connectOnce(
  address: ServerAddress,
  database: string | undefined,
  role: SessionRole | null,
): Promise<DatabaseConnection> {
  // Loading the driver takes 90 ms, which `--help` and `config check` of a bad file need not wait for.
  const { createConnection } = await import('mysql2');
  const localPort = await openTunnel(address, database);
  const raw = createConnection(buildOptions(address, database, localPort));
  // A connection that is lost while nothing runs emits this; whoever uses it next gets the error.
  raw.on('error', () => {});
  offerBulk(raw);
  guardLogin(raw, address);
  let session: SessionFacts = { unsettled: [], logsStatements: false, shown: new Map() };
  const trust: ServerTrust = {
    tls: address.tls?.verify ?? 'off',
    allowsInsecureLogin: address.allowInsecureLogin === true && !isProven(address),
  };
  const connection = wrapConnection(raw, { label: address.label, trust }, () => session);
  try {
    await new Promise<void>((resolve, reject) => {
      raw.connect(error => (error ? reject(nameServer(error, address.label)) : resolve()));
    });
    if (role !== null) {
      session = await stateSession(connection, role);
      noteLimits(describeAddress(address), session.shown);
    }
    if (address.identity) await proveIdentity(connection, address.identity);
    return connection;
  } catch (error) {
    connection.destroy();
    const isPlain = address.tls === undefined && address.socketPath === undefined;
    const problem = explainLogin(error, `connecting to ${describeAddress(address, database)}`, isPlain);
    throw isFull(problem) ? explainFull(problem, describeAddress(address), role ?? 'target') : problem;
  }
}

async function openTunnel(address: ServerAddress, database: string | undefined): Promise<number | undefined> {
  try {
    return await address.tunnel?.open();
  } catch (error) {
    const { code, message, hint } = classifyDatabaseError(error, 'opening a tunnel');
    const doing = `Connecting to ${describeAddress(address, database)}`;
    throw new MigrationError(code, `${doing} failed: ${message}`, { hint, cause: error });
  }
}

function toResult({ affectedRows, warningStatus }: ResultSetHeader): StatementResult {
  return { affectedRows: Number(affectedRows), warnings: warningStatus };
}

function toRows<T>(result: unknown): T[] {
  return Array.isArray(result) ? (result as T[]) : [];
}

/** For whoever classifies it: a site's work has two servers. */
function nameServer(error: Error, server: string): Error {
  return Object.assign(error, { server });
}

/** `localPort`: where a tunnel to it begins. Its name and all that is told of it are those of the server itself. */
function buildOptions(
  address: ServerAddress,
  database: string | undefined,
  localPort: number | undefined,
): ConnectionOptions {
  const { socketPath, user, password, tls } = address;
  const { host = 'localhost', port = 3306 } =
    localPort === undefined ? address : { host: '127.0.0.1', port: localPort };
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    // What it means is settled in start-tls.ts.
    ...(tls === undefined ? {} : { ssl: {} }),
    ...(database === undefined ? {} : { database }),
    user,
    password,
    charset: 'UTF8MB4_GENERAL_CI',
    connectTimeout: CONNECT_TIMEOUT_MS,
    // None are used; the driver makes room for 16,000 in each connection, which costs a millisecond.
    maxPreparedStatements: 1,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
  };
}

function describeAddress(address: ServerAddress, database?: string): string {
  const place = address.socketPath ?? `${address.host ?? 'localhost'}:${address.port ?? 3306}`;
  const through = address.tunnel ? ` through ${address.tunnel.through}` : '';
  const where = `${through}${database === undefined ? '' : `, database ${database}`}`;
  return `${address.label} (${place}${where}) as ${address.user}`;
}

function wrapConnection(
  raw: Connection,
  { label, trust }: Pick<DatabaseConnection, 'label' | 'trust'>,
  session: () => SessionFacts,
): DatabaseConnection {
  let ended: Promise<void> | undefined;
  const run = (sql: string, values: readonly unknown[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const command = raw.query(sql, values as unknown[], (error, result) =>
        error ? reject(nameServer(error, label)) : resolve(result),
      );
      readNamesAsUtf8(command);
    });
  let maxAllowedPacket: Promise<number> | undefined;
  const end = (): Promise<void> => {
    // Called back also when the connection is lost already.
    ended ??= new Promise(resolve => raw.end(() => resolve()));
    return ended;
  };
  const destroy = (): void => {
    ended ??= Promise.resolve();
    dropConnection(raw);
  };
  const query = async <T>(sql: string, values?: readonly unknown[]): Promise<T[]> =>
    toRows(await run(sql, values));
  const send = async <T>(sql: string): Promise<T> => {
    try {
      return await sendStatement<T>(raw, Buffer.from(sql));
    } catch (error) {
      throw nameServer(error as Error, label);
    }
  };
  return {
    label,
    trust,
    raw,
    get threadId() {
      return raw.threadId ?? 0;
    },
    get unsettled() {
      return session().unsettled;
    },
    get logsStatements() {
      return session().logsStatements;
    },
    get takesBulk() {
      return takesBulk(raw) && !session().logsStatements;
    },
    get isIdle() {
      return !isBusy(raw) && !isLost(raw);
    },
    query,
    async execute(sql, values) {
      return toResult((await run(sql, values)) as ResultSetHeader);
    },
    async pipeline(sql) {
      return toResult(await send<ResultSetHeader>(sql));
    },
    async pipelineQuery<T>(sql: string) {
      return toRows<T>(await send(sql));
    },
    readMaxAllowedPacket() {
      maxAllowedPacket ??= query<{ bytes: string }>('SELECT @@max_allowed_packet AS bytes').then(([row]) =>
        Number(row?.bytes),
      );
      return maxAllowedPacket;
    },
    end,
    destroy,
    [Symbol.asyncDispose]() {
      if (isBusy(raw)) destroy();
      return end();
    },
  };
}
