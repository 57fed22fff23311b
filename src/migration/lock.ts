// The process lock of one run directory: two processes never write one journal.

import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { check as checkFile, lock as lockFile } from 'proper-lockfile';
import { MigrationError } from '../errors.ts';
import { writeFileAtomic } from '../lib/write-file-atomic.ts';

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

/** Takes the lock file at `path`; throws `locked` with the holder when another process has it. That of a dead process
 *  of this machine is taken over at once. */
export async function takeRunLock(path: string): Promise<RunLock> {
  const lost = new AbortController();
  const onCompromised = (error: Error): void =>
    lost.abort(new MigrationError('locked', `The lock of this run was lost: ${error.message}`));
  const release = (await tryLock(path, onCompromised)) ?? (await takeOver(path, onCompromised));
  if (!release) throw heldBy(await readHolder(path));
  const holder: LockHolder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  // In one step: of a process that is killed meanwhile the file names the one before, and never nobody.
  await writeFileAtomic(path, `${JSON.stringify(holder)}\n`);
  return {
    lost: lost.signal,
    [Symbol.asyncDispose]: () => release().catch(() => {}),
  };
}

type Release = () => Promise<void>;

/** null: another process has it. */
async function tryLock(path: string, onCompromised: (error: Error) => void): Promise<Release | null> {
  try {
    return await lockFile(path, { ...place(path), update: HEARTBEAT_MS, onCompromised });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return null;
    throw error;
  }
}

/** Long enough for a process that has just taken the lock to write down that it has. */
const SETTLE_MS = 200;

async function takeOver(path: string, onCompromised: (error: Error) => void): Promise<Release | null> {
  const holder = await readHolder(path);
  if (!isDead(holder)) return null;
  await sleep(SETTLE_MS);
  const now = await readHolder(path);
  if (now?.pid !== holder?.pid || now?.since !== holder?.since) return null;
  await rm(place(path).lockfilePath, { recursive: true, force: true });
  return tryLock(path, onCompromised);
}

function heldBy(holder: LockHolder | null): MigrationError {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
  return new MigrationError('locked', `This run is in the hands of ${who}.`, { details: { holder } });
}

const place = (path: string) => ({ lockfilePath: `${path}.d`, realpath: false, stale: STALE_MS });

function isDead(holder: LockHolder | null): boolean {
  return holder !== null && holder.host === hostname() && !isAlive(holder.pid);
}

async function readHolder(path: string): Promise<LockHolder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder;
  } catch {
    return null;
  }
}

/** Somebody has the lock, but the file that says who can't be read. */
const UNKNOWN_HOLDER: LockHolder = { pid: 0, host: 'an unknown host', since: '' };

/** Who works on a run at this moment; null: nobody. Only looks, so it is out of date when it answers: to work on the
 *  run, take the lock. After a crash the lock outlives its process for STALE_MS; on this machine we know better. */
export async function isLocked(path: string): Promise<LockHolder | null> {
  const held = await checkFile(path, place(path));
  if (!held) return null;
  const holder = (await readHolder(path)) ?? UNKNOWN_HOLDER;
  return isDead(holder) ? null : holder;
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only asks. A process of another user answers EPERM, and is alive.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
