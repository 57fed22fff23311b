// Whether and when a failed attempt is made again: by how much its error spoils, and for how long it has gone on.

import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import type { RunPolicy } from '../migration/policy.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

export type NextTry =
  | { readonly again: true; readonly waitMs: number; wait(signal: AbortSignal): Promise<void> }
  | { readonly again: false; readonly error: MigrationError };

/** `attempt`: how many there were. `failingForMs`: since the first of them failed that have got nowhere. A server that is
 *  gone (restart, no connection free) or takes no writes (failover) is waited for, however many attempts that takes; when
 *  it doesn't come back in time the whole migration stops, as the next site would find it gone as well. Any other error
 *  that spoils only the attempt is tried `maxRetries` times. */
export function mayTryAgain(
  error: MigrationError,
  attempt: number,
  failingForMs: number,
  policy: Pick<RunPolicy, 'maxRetries' | 'reconnectMs'>,
): NextTry {
  if (error.scope !== 'attempt') return { again: false, error };
  if (error.code === 'connection') {
    if (failingForMs >= policy.reconnectMs) return { again: false, error: giveUpServer(error, failingForMs) };
  } else if (attempt >= policy.maxRetries) {
    return { again: false, error };
  }
  const waitMs = backoffMs(attempt);
  return { again: true, waitMs, wait: signal => wait(waitMs, signal) };
}

export interface Patience {
  readonly policy: Pick<RunPolicy, 'maxRetries' | 'reconnectMs'>;
  /** For the text of an error of the driver's. */
  readonly doing: string;
  readonly signal: AbortSignal;
}

/** Does it again as a site's step would be done again, so it must bear to be broken off anywhere and repeated. Rejects
 *  with the signal's reason once that has aborted. */
export async function tryPatiently<T>(
  deed: () => Promise<T>,
  { policy, doing, signal }: Patience,
): Promise<T> {
  let failingSince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deed();
    } catch (thrown) {
      signal.throwIfAborted();
      const error = classifyDatabaseError(thrown, doing);
      failingSince ??= performance.now();
      const next = mayTryAgain(error, attempt, performance.now() - failingSince, policy);
      if (!next.again) throw next.error;
      await next.wait(signal);
    }
  }
}

/** ER_ERROR_DURING_COMMIT, ER_RUN_HOOK_ERROR: what lasts so long lies with the transaction, and another site's may pass. */
const OF_TRANSACTION: readonly unknown[] = [1180, 3100];

function giveUpServer(error: MigrationError, failingForMs: number): MigrationError {
  return new MigrationError(
    'connection',
    `${error.message} (tried for ${Math.round(failingForMs / 1000)} s)`,
    {
      scope: OF_TRANSACTION.includes(error.details.errno) ? 'site' : 'migration',
      hint: error.hint,
      details: error.details,
      cause: error,
    },
  );
}

/** Before the attempt after `attempt` (from 1): 2 s, 4 s, 8 s … up to 60 s, each up to a quarter longer or shorter so
 *  that sites that failed together don't come back together. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return Math.round(waitMs * (0.75 + random() * 0.5));
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
