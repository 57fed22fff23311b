import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** Before the attempt after `attempt` (from 1): 2 s, 4 s, 8 s … up to 60 s, each up to a quarter longer or shorter so
 *  that sites that failed together don't come back together. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return Math.round(wait * (0.75 + random() * 0.5));
}

/** Rejects with the signal's reason when it aborts. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
