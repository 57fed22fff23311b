// `log --follow`: the journal as it grows. Each look opens the file anew, as a resume puts a copy in its place, and reads
// only what was not there before.

import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import { readLinesFrom } from '../lib/read-lines.ts';
import { parseLine } from '../migration/chain.ts';
import type { Recorded } from '../migration/events.ts';
import { isLocked } from '../migration/lock.ts';
import type { RunDirectory } from '../migration/run-directory.ts';

const INTERVAL_MS = 500;

export interface Following {
  readonly directory: RunDirectory;
  readonly wants: (line: Recorded) => boolean;
  /** Ends the following, which is no failure. */
  readonly signal: AbortSignal;
  /** Told in the end when nobody works on the run, and it has not ended. */
  readonly say: (text: string) => void;
  readonly intervalMs?: number;
}

/** Every line that is wanted, until nobody works on the run any more. A line whose end is missing is still being written. */
export async function* followLog({
  directory,
  wants,
  signal,
  say,
  intervalMs = INTERVAL_MS,
}: Following): AsyncGenerator<Recorded, void, undefined> {
  let read = 0;
  let hasEnded = false;
  while (!signal.aborted) {
    // Asked before reading: what a run writes last it writes under its lock.
    const holder = await isLocked(directory.lock).catch(() => null);
    if (await hasGrown(directory.journal, read)) {
      for await (const { text, end } of readLinesFrom(directory.journal, read)) {
        // A long journal is left in the middle too.
        if (signal.aborted) return;
        const line = parseLine(text);
        if (!line) throw damaged(directory.journal);
        read = end;
        hasEnded = line.type === 'migration.ended' || (hasEnded && line.type !== 'migration.resumed');
        if (wants(line)) yield line;
      }
    }
    if (!holder) {
      if (!hasEnded) say('Interrupted: nobody works on the run.');
      return;
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** A run that is just being started has no journal yet. */
async function hasGrown(path: string, read: number): Promise<boolean> {
  try {
    const { size } = await stat(path);
    if (size < read) throw damaged(path);
    return size > read;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && read === 0) return false;
    throw error;
  }
}

function damaged(path: string): MigrationError {
  return new MigrationError(
    'migration_unreadable',
    `The journal was cut or damaged while it was read: ${path}`,
  );
}

/** Aborts once nobody reads the stream any more, as `head` goes: the rest of the night is for nobody. It is noticed when
 *  the next line is written. */
export function watchReader(stream: NodeJS.WritableStream): AbortSignal {
  const gone = new AbortController();
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') gone.abort();
  });
  return gone.signal;
}
