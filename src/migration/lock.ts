// The process lock of one run directory: two processes never write one journal.

import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { lock as lockFile } from 'proper-lockfile';
import { MigrationError } from '../errors.ts';

/** The heartbeat is this often, and a lock without one for STALE_MS belongs to a dead process. Shorter would take
 *  the lock from a process that the machine merely paused; longer makes people wait after a crash. */
const HEARTBEAT_MS = 5_000;
const STALE_MS = 20_000;

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

export interface RunLock extends AsyncDisposable {
  /** Aborts when the lock is lost: whoever works under it must stop before the next deed. */
  readonly lost: AbortSignal;
}

/** Takes the lock file at `path`; throws `locked` with the holder when another process has it. */
export async function takeRunLock(path: string): Promise<RunLock> {
  const lost = new AbortController();
  let release: () => Promise<void>;
  try {
    release = await lockFile(path, {
      lockfilePath: `${path}.d`,
      realpath: false,
      stale: STALE_MS,
      update: HEARTBEAT_MS,
      onCompromised: error =>
        lost.abort(new MigrationError('locked', `The lock of this run was lost: ${error.message}`)),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    const holder = await readHolder(path);
    const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
    throw new MigrationError('locked', `This run is in the hands of ${who}.`, { details: { holder } });
  }
  const holder: LockHolder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  await writeFile(path, `${JSON.stringify(holder)}\n`);
  return {
    lost: lost.signal,
    [Symbol.asyncDispose]: () => release().catch(() => {}),
  };
}

async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder;
  } catch {
    return null;
  }
}
