// The journal: one JSON object a line, only ever appended to. It is the truth about a run; every other file of the
// run directory can be made from it again.

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { MigrationError } from '../errors.ts';
import { dieNow, isKillDue } from '../lib/kill-points.ts';
import type { Recorded } from './events.ts';

/** A line that may wait is written with the next one that may not, or after this time. Longer: a crash forgets more
 *  tables that were copied, and a resume copies them again; displays lag behind. Shorter: more writes. */
const LONGEST_WAIT_MS = 200;

/** Appends lines to the journal file. One process writes one journal: see lock.ts. */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle;
  #pending: Pending[] = [];
  /** Of lines that may wait. */
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #writing: Promise<void> | null = null;
  #broken: Error | null = null;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `soundBytes`: cut off what a crash left behind them, a torn last line; see readJournal. */
  static async open(path: string, soundBytes?: number): Promise<Journal> {
    const file = await open(path, 'a', 0o640);
    if (soundBytes !== undefined) await file.truncate(soundBytes);
    return new Journal(file);
  }

  /** Resolves once the line is on the disk (fdatasync). Lines reach the file in the order of the calls; those that wait
   *  at the same time share one sync. `mayWait`: no deed rests on it, so it is not written at once. After a failed write
   *  (disk full) every later append fails with the same error: a line with a gap before it must never be written. */
  append(line: Recorded, { mayWait = false } = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ text: `${JSON.stringify(line)}\n`, resolve, reject });
    if (mayWait) this.#timer ??= setTimeout(() => this.#flush(), LONGEST_WAIT_MS);
    else this.#flush();
    return promise;
  }

  #flush(): void {
    this.#isDue = true;
    this.#writing ??= this.#writePending();
  }

  async #writePending(): Promise<void> {
    // Let the caller's other appends of this turn join the first batch.
    await Promise.resolve();
    while (this.#isDue) {
      this.#isDue = false;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const batch = this.#pending;
      this.#pending = [];
      try {
        if (this.#broken) throw this.#broken;
        await this.#write(batch.map(entry => entry.text).join(''));
        for (const entry of batch) entry.resolve();
      } catch (error) {
        this.#broken ??= describeWriteFailure(error);
        for (const entry of batch) entry.reject(this.#broken);
      }
    }
    this.#writing = null;
  }

  async #write(text: string): Promise<void> {
    if (isKillDue('mid journal append')) {
      await this.#file.appendFile(text.slice(0, text.length / 2));
      dieNow();
    }
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending.length > 0) this.#flush();
    await this.#writing;
    await this.#file.close();
  }
}

interface Pending {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function describeWriteFailure(error: unknown): MigrationError {
  const code = (error as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new MigrationError(
    full ? 'space' : 'unknown',
    `Writing the journal failed: ${(error as Error).message}`,
    {
      scope: 'migration',
      exit: 'lost',
      cause: error,
    },
  );
}

export interface JournalContent {
  readonly lines: readonly Recorded[];
  /** Bytes of whole lines; what follows is a torn last line, left by a crash in mid-append. */
  readonly soundBytes: number;
  readonly torn: boolean;
}

/** Reads a journal. A torn last line is normal after a crash and is left out; damage anywhere else is refused. */
export async function readJournal(path: string): Promise<JournalContent> {
  const content = await readFile(path);
  const end = content.lastIndexOf(0x0a) + 1;
  const lines: Recorded[] = [];
  let start = 0;
  while (start < end) {
    const stop = content.indexOf(0x0a, start);
    lines.push(parseLine(content.toString('utf8', start, stop), lines.length + 1, path));
    start = stop + 1;
  }
  return { lines, soundBytes: end, torn: end < content.length };
}

function parseLine(text: string, seq: number, path: string): Recorded {
  let line: Recorded | undefined;
  try {
    line = JSON.parse(text) as Recorded;
  } catch {
    // told below, together with a wrong number
  }
  if (line?.seq === seq && typeof line.type === 'string') return line;
  throw new MigrationError('migration_unreadable', `The journal is damaged at line ${seq} of ${path}.`, {
    hint: `The ${seq - 1} lines before it are sound. Keep the file; the tables on the target say what was swapped.`,
    details: { path, line: seq },
  });
}
