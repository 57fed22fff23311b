// The connections of one site's work, opened (or taken over from a site that is done) when first asked for: one to the
// source, one to the target and one to watch it; and further pairs while several connections work on one big table.

import { classifyDatabaseError } from '../mysql/classify.ts';
import {
  connectSource,
  connectTarget,
  type DatabaseConnection,
  endQuery,
  limitLockWait,
  type ServerAddress,
} from '../mysql/client.ts';
import type { IdleConnections, ServerEnd } from './idle-connections.ts';

export interface Servers {
  /** null: the work has nothing to do with the source. */
  readonly source: ServerAddress | null;
  readonly target: ServerAddress;
}

export interface TargetTerms {
  /** Waits for locks no longer than this, if that is shorter than usual. */
  readonly lockWaitMs: number;
  /** Rejects when the connection leads to a target that isn't the run's. */
  proveTarget(target: DatabaseConnection): Promise<void>;
}

const ENDS = ['source', 'target', 'observer'] as const;
type End = (typeof ENDS)[number];

export interface ConnectionPair {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
}

/** Disposing of it waits for what runs and ends both. */
export interface FurtherPair extends ConnectionPair, AsyncDisposable {
  /** Drops both and ends what still runs on the servers. */
  discard(): Promise<void>;
}

type Connecting = Promise<DatabaseConnection>;

export class SiteConnections implements AsyncDisposable {
  readonly #servers: Servers;
  readonly #terms: TargetTerms;
  readonly #idle: IdleConnections;
  readonly #open: Partial<Record<End, Connecting>> = {};
  readonly #further = new Set<Record<'source' | 'target', Connecting>>();

  constructor(servers: Servers, terms: TargetTerms, idle: IdleConnections) {
    this.#servers = servers;
    this.#terms = terms;
    this.#idle = idle;
  }

  source(): Promise<DatabaseConnection> {
    const { source } = this.#servers;
    if (!source) throw new Error('this work knows no source');
    this.#open.source ??= this.#keep('source', this.#openSource(source));
    return this.#open.source;
  }

  target(): Promise<DatabaseConnection> {
    this.#open.target ??= this.#keep('target', this.#openTarget());
    return this.#open.target;
  }

  /** Another one to the target, to ask whether the first one is at work. */
  observer(): Promise<DatabaseConnection> {
    this.#open.observer ??= this.#keep('observer', this.#openTarget());
    return this.#open.observer;
  }

  /** A pair beside the others, which whoever asks for it ends; what drops the others drops it, too. Rejects without
   *  leaving a connection. */
  async openPair(): Promise<FurtherPair> {
    const { source } = this.#servers;
    if (!source) throw new Error('this work knows no source');
    const connecting = { source: this.#openSource(source), target: this.#openTarget() };
    this.#further.add(connecting);
    const discard = async (): Promise<void> => {
      this.#further.delete(connecting);
      await Promise.all([this.#drop('source', connecting.source), this.#drop('target', connecting.target)]);
    };
    try {
      const [from, to] = await Promise.all([connecting.source, connecting.target]);
      return {
        source: from,
        target: to,
        discard,
        [Symbol.asyncDispose]: async () => {
          this.#further.delete(connecting);
          await Promise.all([this.#idle.giveBack('source', from), this.#idle.giveBack('target', to)]);
        },
      };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  async #openSource(address: ServerAddress): Promise<DatabaseConnection> {
    // What a transaction has seen is not what the next site must see.
    const reused = await this.#takeOver('source', connection => connection.execute('ROLLBACK'));
    return reused ?? (await connectSource(address));
  }

  async #openTarget(): Promise<DatabaseConnection> {
    const reused = await this.#takeOver('target', connection => this.#terms.proveTarget(connection));
    return reused ?? (await this.#connectTarget());
  }

  /** null: none is left that its server still answers. */
  async #takeOver(
    end: ServerEnd,
    check: (connection: DatabaseConnection) => Promise<unknown>,
  ): Promise<DatabaseConnection | null> {
    for (;;) {
      const connection = this.#idle.take(end);
      if (!connection) return null;
      try {
        await check(connection);
        return connection;
      } catch (error) {
        connection.destroy();
        const failure = classifyDatabaseError(error, `asking ${connection.label}`);
        if (failure.code !== 'connection') throw failure;
      }
    }
  }

  async #connectTarget(): Promise<DatabaseConnection> {
    const connection = await connectTarget(this.#servers.target);
    try {
      await limitLockWait(connection, this.#terms.lockWaitMs);
      await this.#terms.proveTarget(connection);
      return connection;
    } catch (error) {
      connection.destroy();
      throw classifyDatabaseError(error, `connecting to ${this.#servers.target.label}`);
    }
  }

  /** Drops the connections and ends what still runs on the servers. The next call opens new ones. For a failed or
   *  aborted attempt, whose connections can't be trusted. */
  async discard(): Promise<void> {
    const further = [...this.#further];
    this.#further.clear();
    const open = ENDS.map(end => {
      const connecting = this.#open[end];
      delete this.#open[end];
      return this.#drop(end, connecting);
    });
    const others = further.flatMap(pair => [
      this.#drop('source', pair.source),
      this.#drop('target', pair.target),
    ]);
    await Promise.all([...open, ...others]);
  }

  /** The work is done, and nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(ENDS.map(end => this.#giveBack(end, this.#open[end])));
    const further = [...this.#further].flatMap(pair => [pair.source, pair.target]);
    await Promise.all(further.map(async connecting => (await connecting.catch(() => null))?.end()));
  }

  async #giveBack(end: End, connecting: Connecting | undefined): Promise<void> {
    const connection = await connecting?.catch(() => null);
    if (connection) await this.#idle.giveBack(end === 'source' ? 'source' : 'target', connection);
  }

  async #drop(end: End, connecting: Connecting | undefined): Promise<void> {
    const connection = await connecting?.catch(() => null);
    if (!connection) return;
    const { threadId } = connection;
    connection.destroy();
    // A server that can't be reached ends the query itself when it notices.
    const address = end === 'source' ? this.#servers.source : this.#servers.target;
    if (address) await endQuery(address, threadId).catch(() => {});
  }

  #keep(end: End, connecting: Connecting): Connecting {
    // A failed attempt to connect is not kept: the step's next attempt tries anew.
    connecting.catch(() => {
      if (this.#open[end] === connecting) delete this.#open[end];
    });
    return connecting;
  }
}
