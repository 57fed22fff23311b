// The journal: one JSON object a line, only ever appended to. It is the truth about a run; every other file of the
// run directory can be made from it again.

import { fstatSync } from 'node:fs';
import { type FileHandle, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MigrationError } from '../errors.ts';
import { dieNow, isKillDue, passKillPoint } from '../lib/kill-points.ts';
import { openNew, openToAppend, openToRead, syncFolder } from '../lib/open-file.ts';
import { ChainReader, describeDamage } from './chain.ts';
import type { Recorded } from './events.ts';
import { explainFileError } from './file-errors.ts';

/** A line that may wait is written with the next one that may not, or after this time. Longer: a crash forgets more
 *  tables that were copied, and a resume copies them again; displays lag behind. Shorter: more writes. */
const LONGEST_WAIT_MS = 200;

/** How much of a journal is to be gone on with. */
export interface JournalEnd {
  /** Bytes of whole lines; what follows is a torn last line, left by a crash in mid-append. */
  readonly soundBytes: number;
  /** With what follows. */
  readonly sizeBytes: number;
}

export interface JournalOptions {
  /** Of the journal that is there; default: there is none. */
  readonly end?: JournalEnd;
  /** Throws when this process has lost the run's lock. Asked before each write, so it has to be quick. */
  readonly proveLock?: () => void;
}

/** Appends lines to the journal file. One process writes one journal: see lock.ts. Whoever goes on with one writes on in
 *  a copy that takes the old file's place: a process that held it before, and was only stopped, still has the old file
 *  open, and what it writes when it wakes up is read by nobody. */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #proveLock: () => void;
  /** null: no ordinary file, which has no size. */
  #sizeBytes: number | null;
  #pending: Pending[] = [];
  /** Of lines that may wait. */
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #writing: Promise<void> | null = null;
  #broken: Error | null = null;

  private constructor(path: string, file: FileHandle, proveLock: () => void) {
    this.#path = path;
    this.#file = file;
    this.#proveLock = proveLock;
    const found = fstatSync(file.fd);
    this.#sizeBytes = found.isFile() ? found.size : null;
  }

  static async open(path: string, { end, proveLock = () => {} }: JournalOptions = {}): Promise<Journal> {
    try {
      const file = end ? await takeOver(path, end, proveLock) : await openToAppend(path);
      await syncFolder(dirname(path));
      return new Journal(path, file, proveLock);
    } catch (error) {
      throw explainFileError(error, `opening the journal ${path}`);
    }
  }

  /** Resolves once the line is on the disk (fdatasync). Lines reach the file in the order of the calls; those that wait
   *  at the same time share one sync. `mayWait`: no deed rests on it, so it is not written at once. After a failed write
   *  (disk full) every later append fails with the same error: a line with a gap before it must never be written. */
  append(line: string, { mayWait = false } = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ text: `${line}\n`, resolve, reject });
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
        this.#broken ??= explainFileError(error, 'writing the journal');
        for (const entry of batch) entry.reject(this.#broken);
      }
    }
    this.#writing = null;
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    passKillPoint('before journal write');
    this.#refuseIfReplaced();
    if (isKillDue('mid journal append')) {
      await this.#file.appendFile(bytes.subarray(0, bytes.length / 2));
      dieNow();
    }
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    if (this.#sizeBytes !== null) this.#sizeBytes += bytes.length;
  }

  /** A process may have been stopped for hours between any two of its statements. */
  #refuseIfReplaced(): void {
    this.#proveLock();
    if (this.#sizeBytes === null) return;
    const { size, nlink } = fstatSync(this.#file.fd);
    if (nlink > 0 && size === this.#sizeBytes) return;
    const what = nlink === 0 ? 'was removed or replaced' : 'was written to by somebody else';
    throw new MigrationError('locked', `The journal ${what} while this run was at work: ${this.#path}.`, {
      hint: 'Another process may have taken the run over; see: wfuwp env-migrate status ID',
    });
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

/** Refuses when anything was written since `end` was found out. */
async function takeOver(path: string, end: JournalEnd, proveLock: () => void): Promise<FileHandle> {
  const copy = `${path}.${process.pid}.tmp`;
  await rm(copy, { force: true });
  const file = await openNew(copy);
  try {
    await using old = await openOld(path);
    for (let at = 0; old && at < end.soundBytes; ) {
      const length = Math.min(COPY_BYTES, end.soundBytes - at);
      const { buffer, bytesRead } = await old.read(Buffer.allocUnsafe(length), 0, length, at);
      if (bytesRead === 0) throw writtenMeanwhile(path);
      await file.appendFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    await file.sync();
    passKillPoint('journal copied');
    proveLock();
    if ((old ? fstatSync(old.fd).size : 0) !== end.sizeBytes) throw writtenMeanwhile(path);
    await rename(copy, path);
    return file;
  } catch (error) {
    await file.close();
    await rm(copy, { force: true });
    throw error;
  }
}

const COPY_BYTES = 1024 * 1024;

/** null: a run that died before its first line. */
async function openOld(path: string): Promise<FileHandle | null> {
  try {
    return await openToRead(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function writtenMeanwhile(path: string): MigrationError {
  return new MigrationError('locked', `Another process is writing to ${path}.`, {
    hint: 'See who works on the run: wfuwp env-migrate status ID',
  });
}

export interface JournalContent extends JournalEnd {
  readonly lines: readonly Recorded[];
  /** Of each line, for the chain. */
  readonly hashes: readonly string[];
  readonly torn: boolean;
  /** Every line is a link of the chain; see chain.ts. */
  readonly isProven: boolean;
}

export const EMPTY_JOURNAL: JournalContent = {
  lines: [],
  hashes: [],
  soundBytes: 0,
  sizeBytes: 0,
  torn: false,
  isProven: true,
};

/** Reads a journal. A torn last line is normal after a crash and is left out; damage anywhere else is refused. */
export async function readJournal(path: string): Promise<JournalContent> {
  await using file = await openToRead(path);
  const content = await file.readFile();
  const end = content.lastIndexOf(0x0a) + 1;
  const lines: Recorded[] = [];
  const hashes: string[] = [];
  const chain = new ChainReader();
  let start = 0;
  while (start < end) {
    const stop = content.indexOf(0x0a, start);
    const line = chain.read(content.toString('utf8', start, stop));
    if (!line) throw describeDamage(path, lines.length + 1);
    lines.push(line);
    hashes.push(chain.head.hash);
    start = stop + 1;
  }
  return {
    lines,
    hashes,
    soundBytes: end,
    sizeBytes: content.length,
    torn: end < content.length,
    isProven: chain.isProven,
  };
}
