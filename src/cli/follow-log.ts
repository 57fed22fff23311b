// `log --follow`: the journal as it grows. Each look opens the file anew, as a resume puts a copy in its place, and reads
// only what was not there before.

import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import { openToRead } from '../lib/open-file.ts';
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
    const { text, bytes } = await readFrom(directory.journal, read);
    read += bytes;
    for (const part of text.split('\n').filter(Boolean)) {
      const line = parseLine(part);
      if (!line) throw damaged(directory.journal);
      hasEnded = line.type === 'migration.ended' || (hasEnded && line.type !== 'migration.resumed');
      if (wants(line)) yield line;
    }
    if (!holder) {
      if (!hasEnded) say('Interrupted: nobody works on the run.');
      return;
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** Whole lines behind the first `start` bytes. A run that is just being started has no journal yet. */
async function readFrom(path: string, start: number): Promise<{ text: string; bytes: number }> {
  try {
    await using file = await openToRead(path);
    const { size } = await file.stat();
    if (size < start) throw damaged(path);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const bytes = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    return { text: buffer.toString('utf8', 0, bytes), bytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && start === 0) return { text: '', bytes: 0 };
    throw error;
  }
}

function damaged(path: string): MigrationError {
  return new MigrationError(
    'migration_unreadable',
    `The journal was cut or damaged while it was read: ${path}`,
  );
}
