// How busy a source is, asked over a connection of its own, so lightly that asking is no load.

import type { QueryError } from 'mysql2';
import { within } from '../lib/within.ts';
import { connectSource, type DatabaseConnection, type ServerAddress } from './client.ts';

export interface ServerLoad {
  readonly threadsRunning: number;
  /** Behind the slowest of its primaries, less a delay that is configured; null: it is no replica, replication stands
   *  still, or our user may not ask. */
  readonly replicaLagSeconds: number | null;
}

/** A server that takes longer to answer than this doesn't answer. */
const ANSWER_MS = 5_000;

/** The same question in the dialects of MariaDB, of MySQL since 8.0.22, and of MySQL before that. */
const REPLICA_STATEMENTS = ['SHOW ALL SLAVES STATUS', 'SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'];

const ER_PARSE_ERROR = 1064;

export class SourceLoadReader implements AsyncDisposable {
  readonly #address: ServerAddress;
  #connection: DatabaseConnection | null = null;
  /** What may still work, the first first; empty: nothing does. */
  #replicaStatements = REPLICA_STATEMENTS;
  #isOver = false;

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** null when the server doesn't say: it is away, or full. Never rejects. Not to be called again before it resolves. */
  async read(): Promise<ServerLoad | null> {
    try {
      this.#connection ??= await this.#connect();
      return await within(this.#ask(this.#connection), ANSWER_MS);
    } catch {
      this.#drop();
      return null;
    }
  }

  async #connect(): Promise<DatabaseConnection> {
    const connection = await within(connectSource(this.#address), ANSWER_MS, late => late.destroy());
    if (this.#isOver) connection.destroy();
    return connection;
  }

  async #ask(connection: DatabaseConnection): Promise<ServerLoad> {
    const [row] = await connection.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Threads_running'");
    return { threadsRunning: Number(row?.Value ?? 0), replicaLagSeconds: await this.#askLag(connection) };
  }

  async #askLag(connection: DatabaseConnection): Promise<number | null> {
    const [statement] = this.#replicaStatements;
    if (statement === undefined) return null;
    try {
      return readLag(await connection.query<Record<string, unknown>>(statement));
    } catch (error) {
      const { errno } = error as QueryError;
      // Without a server's answer the connection is what is wrong.
      if (!errno || errno < 0) throw error;
      // Any other refusal is one for good: mostly the right to ask.
      this.#replicaStatements = errno === ER_PARSE_ERROR ? this.#replicaStatements.slice(1) : [];
      return this.#askLag(connection);
    }
  }

  #drop(): void {
    this.#connection?.destroy();
    this.#connection = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#drop();
  }
}

function readLag(rows: readonly Record<string, unknown>[]): number | null {
  const lags = rows.flatMap(row => {
    const behind = row.Seconds_Behind_Master ?? row.Seconds_Behind_Source;
    return behind == null ? [] : [Math.max(0, Number(behind) - Number(row.SQL_Delay ?? 0))];
  });
  return lags.length === 0 ? null : Math.max(...lags);
}
