import type { DatabaseConnection } from '../mysql/client.ts';

export type ServerEnd = 'source' | 'target';

/** Connections of sites that are done, for those that begin: to open three for each of hundreds of sites costs as much
 *  time as copying their small tables. Holds as many as were in use at once. */
export class IdleConnections implements AsyncDisposable {
  readonly #idle: Readonly<Record<ServerEnd, DatabaseConnection[]>> = { source: [], target: [] };
  #isClosed = false;

  /** The one that was used last; undefined: there is none. It may be lost without knowing: whoever takes it asks the
   *  server something before trusting it. */
  take(end: ServerEnd): DatabaseConnection | undefined {
    for (;;) {
      const connection = this.#idle[end].pop();
      if (!connection || connection.isIdle) return connection;
      connection.destroy();
    }
  }

  /** Its session must be as it was when it was opened, except for an open transaction. */
  async giveBack(end: ServerEnd, connection: DatabaseConnection): Promise<void> {
    if (this.#isClosed || !connection.isIdle) await connection[Symbol.asyncDispose]();
    else this.#idle[end].push(connection);
  }

  /** Ends all of them: a server has no place for another one. Resolves with whether there were any. */
  async makeRoom(): Promise<boolean> {
    const all = [...this.#idle.source.splice(0), ...this.#idle.target.splice(0)];
    await Promise.all(all.map(connection => connection.end()));
    return all.length > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.makeRoom();
  }
}
