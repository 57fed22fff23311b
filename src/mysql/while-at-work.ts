import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseConnection } from './client.ts';

export interface Watch {
  readonly connection: DatabaseConnection;
  /** Opens, or gives, another connection to the same server. Asked only when the deed takes long. */
  observer(): Promise<DatabaseConnection>;
  /** Called now and then as long as the server says that it is at work on what `connection` has asked of it. */
  alive(): void;
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
}

const INTERVAL_MS = 1_000;

/** Carries out a deed whose statements take the server long without giving a row. That the answer hasn't come shows
 *  nothing: so does a line that is dead. The server itself is asked, through the other connection; when that fails, or
 *  the server doesn't answer, nobody is said to be alive. */
export async function whileAtWork<T>(watch: Watch, deed: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const watching = observe(watch, AbortSignal.any([ended.signal, watch.signal]));
  try {
    return await deed();
  } finally {
    ended.abort();
    await watching;
  }
}

/** Never rejects. */
async function observe(watch: Watch, signal: AbortSignal): Promise<void> {
  const { connection, observer, alive, intervalMs = INTERVAL_MS } = watch;
  try {
    for (;;) {
      await sleep(intervalMs, undefined, { signal });
      const asked = await observer();
      const [row] = await asked.query<{ command: string }>(
        'SELECT COMMAND AS command FROM information_schema.PROCESSLIST WHERE ID = ?',
        [connection.threadId],
      );
      if (row?.command === 'Query') alive();
    }
  } catch {
    // It has ended, or the server can't be asked: then the deed itself is about to fail, or to be broken off.
  }
}
