import { classifyDatabaseError } from './classify.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from './client.ts';
import type { TableName } from './loader.ts';
import {
  createRunsTable,
  type KnownRunHead,
  type RunHead,
  type RunOwner,
  readRunHead,
  writeRunHead,
} from './run-heads.ts';

export interface LedgerOptions {
  readonly address: ServerAddress;
  readonly database: string;
  readonly owner: RunOwner;
  /** Where the journal stands on the disk at this moment. */
  readonly readHead: () => RunHead;
}

/** Tells the target how far the run's journal is, over a connection of its own. Deeds that ask at the same time share a
 *  statement: what is written is where the journal stands when it is sent. */
export class RunLedger implements AsyncDisposable {
  readonly #options: LedgerOptions;
  #connection: DatabaseConnection | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** What the target knows of the run so far. Makes the table when it is missing. */
  async open(): Promise<KnownRunHead | null> {
    const { database, owner } = this.#options;
    return this.#ask(async connection => {
      await createRunsTable(connection, database);
      return readRunHead(connection, database, owner.migrationId);
    });
  }

  /** Resolves once the target knows what is in the journal now. `fence`: one that the caller has meanwhile. */
  write(fence: TableName): Promise<void> {
    // One that is under way may have been sent before the caller's line was written.
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      const writing = this.#send(fence);
      this.#running = writing.catch(() => {});
      return writing;
    });
    return this.#next;
  }

  async #send(fence: TableName): Promise<void> {
    const { database, owner, readHead } = this.#options;
    const head = readHead();
    await this.#ask(connection => writeRunHead(connection, database, owner, head, fence));
  }

  async #ask<T>(deed: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const { database } = this.#options;
    try {
      this.#connection ??= await this.#connect();
      return await deed(this.#connection);
    } catch (error) {
      this.#connection?.destroy();
      this.#connection = undefined;
      throw classifyDatabaseError(error, `writing into ${database} how far the journal is`);
    }
  }

  async #connect(): Promise<DatabaseConnection> {
    const connection = await connectTarget(this.#options.address);
    // Whatever the server gives a session: what is said here holds at once.
    await connection.execute('SET SESSION autocommit = 1');
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running;
    await this.#connection?.[Symbol.asyncDispose]();
  }
}
