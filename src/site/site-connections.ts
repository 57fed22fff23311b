// The connections of one site's work: one to each server, opened when first asked for.

import {
  connectSource,
  connectTarget,
  type DatabaseConnection,
  endQuery,
  type ServerAddress,
} from '../mysql/client.ts';

export interface Servers {
  /** null: the work has nothing to do with the source. */
  readonly source: ServerAddress | null;
  readonly target: ServerAddress;
}

export class SiteConnections implements AsyncDisposable {
  readonly #servers: Servers;
  readonly #open: { source?: Promise<DatabaseConnection>; target?: Promise<DatabaseConnection> } = {};

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  source(): Promise<DatabaseConnection> {
    const { source } = this.#servers;
    if (!source) throw new Error('this work knows no source');
    this.#open.source ??= this.#keep('source', connectSource(source));
    return this.#open.source;
  }

  target(): Promise<DatabaseConnection> {
    this.#open.target ??= this.#keep('target', connectTarget(this.#servers.target));
    return this.#open.target;
  }

  /** Drops both connections and ends what still runs on the servers. The next call opens new ones. For a failed or
   *  aborted attempt, whose connections can't be trusted. */
  async discard(): Promise<void> {
    const ends = ['source', 'target'] as const;
    await Promise.all(
      ends.map(async end => {
        const connection = await this.#open[end]?.catch(() => null);
        delete this.#open[end];
        if (!connection) return;
        const { threadId } = connection;
        connection.destroy();
        // A server that can't be reached ends the query itself when it notices.
        const address = this.#servers[end];
        if (address) await endQuery(address, threadId).catch(() => {});
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.#open.source, this.#open.target].map(async connection =>
        (await connection?.catch(() => null))?.end(),
      ),
    );
  }

  #keep(end: 'source' | 'target', connecting: Promise<DatabaseConnection>): Promise<DatabaseConnection> {
    // A failed attempt to connect is not kept: the step's next attempt tries anew.
    connecting.catch(() => {
      if (this.#open[end] === connecting) delete this.#open[end];
    });
    return connecting;
  }
}
