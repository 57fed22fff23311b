// Connections that can only read, at both ends, for work that changes nothing anywhere.

import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectSource, type DatabaseConnection, endQuery, type ServerAddress } from '../mysql/client.ts';
import { mayTryAgain } from '../site/retry.ts';

export interface Reading {
  /** A session of the role `source`, whichever end it leads to: its server refuses to write. */
  connect(address: ServerAddress): Promise<DatabaseConnection>;
}

const PATIENCE = { maxRetries: 3, reconnectMs: 60_000 };

/** Does the work with connections of its own, and again when a server was lost; so it must bear to be begun anew. When
 *  `signal` aborts, what runs on the servers is ended and the signal's reason thrown. */
export async function readPatiently<T>(
  work: (reading: Reading) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let failingSince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await readOnce(work, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = classifyDatabaseError(thrown, 'verifying');
      failingSince ??= performance.now();
      const next = mayTryAgain(error, attempt, performance.now() - failingSince, PATIENCE);
      if (!next.again) throw next.error;
      await next.wait(signal);
    }
  }
}

async function readOnce<T>(work: (reading: Reading) => Promise<T>, signal: AbortSignal): Promise<T> {
  const open: { readonly connection: DatabaseConnection; readonly address: ServerAddress }[] = [];
  const ending: Promise<unknown>[] = [];
  const abort = (): void => {
    for (const { connection, address } of open) {
      const { threadId } = connection;
      connection.destroy();
      // A query that nobody waits for would go on for hours.
      ending.push(endQuery(address, threadId).catch(() => {}));
    }
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work({
      async connect(address) {
        const connection = await connectSource(address);
        open.push({ connection, address });
        return connection;
      },
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await Promise.all(ending);
    await Promise.all(open.map(({ connection }) => connection[Symbol.asyncDispose]()));
  }
}
