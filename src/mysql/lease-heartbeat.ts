// Keeps a lease alive over its pinned connection, and knows when it is lost.

import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationError } from '../errors.ts';
import { within } from '../lib/within.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from './client.ts';
import { type LeasedTarget, lostTo, silentFor } from './lease-errors.ts';
import type { LeaseIntervals } from './lease-intervals.ts';
import { tryNamedLock } from './lease-lock.ts';
import { type LeaseState, readLease, renewLease } from './lease-row.ts';

export interface HeartbeatOptions extends LeasedTarget {
  readonly address: ServerAddress;
  readonly lockId: string;
  readonly intervals: LeaseIntervals;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #loop: Promise<void>;
  #connection: DatabaseConnection | undefined;
  /** When the last heartbeat that got through was sent: the server's lease lasts at least `leaseMs` from then. */
  #aliveAt: number;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  /** `connection` has the named lock, and wrote the row no earlier than `aliveAt` (performance.now()). */
  constructor(options: HeartbeatOptions, connection: DatabaseConnection, aliveAt: number) {
    this.#options = options;
    this.#connection = connection;
    this.#aliveAt = aliveAt;
    this.#armTimer();
    this.#loop = this.#run();
  }

  /** Aborts when the lease is lost, or soon would be. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** No more heartbeats. Answers the connection, if it is sound; it is the caller's now. */
  async stop(): Promise<DatabaseConnection | undefined> {
    clearTimeout(this.#timer);
    this.#ended.abort();
    await this.#loop;
    return this.#connection;
  }

  async #run(): Promise<void> {
    const { heartbeatMs } = this.#options.intervals;
    let pauseMs = heartbeatMs;
    while (!this.#ended.signal.aborted) {
      await sleep(pauseMs, undefined, { signal: this.#ended.signal }).catch(() => {});
      if (this.#ended.signal.aborted) return;
      // A failed one is repeated soon: the lease goes on ageing.
      pauseMs = (await this.#beat()) ? heartbeatMs : heartbeatMs / 5;
    }
  }

  /** False: it didn't get through, or without the named lock. */
  async #beat(): Promise<boolean> {
    const { address, lockId, intervals } = this.#options;
    const sentAt = performance.now();
    try {
      this.#connection ??= await within(connectTarget(address), intervals.heartbeatMs, late =>
        late.destroy(),
      );
      const outcome = await within(this.#renew(this.#connection), intervals.heartbeatMs);
      if ('holder' in outcome) {
        this.#lose(lostTo(this.#options, outcome.holder, lockId));
      } else if (outcome.locked) {
        this.#aliveAt = sentAt;
        this.#failure = undefined;
        this.#armTimer();
      }
      return !('locked' in outcome) || outcome.locked;
    } catch (error) {
      this.#failure = error;
      this.#connection?.destroy();
      this.#connection = undefined;
      return false;
    }
  }

  async #renew(connection: DatabaseConnection): Promise<{ holder: LeaseState | null } | { locked: boolean }> {
    const { database, lockId, intervals } = this.#options;
    if (!(await renewLease(connection, database, { lockId, leaseMs: intervals.leaseMs })))
      return { holder: await readLease(connection, database) };
    // A new connection has to take the named lock again. A process that tries to take the lease has it for a moment;
    // one that keeps it is none of ours, and then the lease can't be held.
    return { locked: await tryNamedLock(connection, database) };
  }

  /** The lease is given up while the server still honours it, so that nothing is begun that would end after it. */
  #armTimer(): void {
    const { heartbeatMs, leaseMs } = this.#options.intervals;
    clearTimeout(this.#timer);
    const giveUpAt = this.#aliveAt + leaseMs - heartbeatMs;
    this.#timer = setTimeout(() => {
      this.#lose(silentFor(this.#options, performance.now() - this.#aliveAt, this.#failure));
    }, giveUpAt - performance.now());
  }

  #lose(error: MigrationError): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#lost.abort(error);
  }
}
