// Connections that can only read, at both ends, for work that changes nothing anywhere.

import { connectSource, type DatabaseConnection, endQuery, type ServerAddress } from '../mysql/client.ts';
import { tryPatiently } from '../site/retry.ts';

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
  const deed = async (): Promise<T> => {
    signal.throwIfAborted();
    return await readOnce(work, signal);
  };
  return await tryPatiently(deed, { policy: PATIENCE, doing: 'verifying', signal });
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
