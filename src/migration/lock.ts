// The process lock of one run directory: two processes never write one journal. Whether the holder of a lock is alive is
// seen, not computed: the clocks of two machines differ, and one that is half a minute ahead would find every lock old.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock as lockFile } from 'proper-lockfile';
import { MigrationError } from '../errors.ts';
import { isProcessAlive, readProcess, readProcessSpace } from '../lib/process-space.ts';
import { HURRY } from '../lib/test-hurry.ts';
import { explainFileError } from './file-errors.ts';
import { evict, type FoundLock, findLock, LockFolder } from './lock-folder.ts';

/** The heartbeat is this often, and a lock without one for STALE_MS of watching belongs to a dead process. Shorter would
 *  take the lock from a process that the machine merely paused; longer makes people wait after a crash. The package
 *  beats no more often than once a second. */
const HEARTBEAT_MS = Math.max(1_000, 5_000 / HURRY);
const STALE_MS = Math.max(4_000, 20_000 / HURRY);
const POLL_MS = 250;

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

export interface RunLock extends AsyncDisposable {
  /** Aborts when the lock is lost: whoever works under it must stop before the next deed. */
  readonly lost: AbortSignal;
  /** Throws when the lock is lost, also when nobody has noticed so far: a process that was stopped for hours finds it
   *  out before it writes. Quick. */
  prove(): void;
}

export interface TakeOptions {
  /** Told when it has to be watched whether the holder is alive. */
  readonly say?: (text: string) => void;
  /** Ends the watching. */
  readonly signal?: AbortSignal;
}

/** How often a lock may change hands while this process looks at it. */
const MOST_TRIES = 5;

/** Takes the lock at `path`; throws `locked` with the holder when another process has it. That of a dead process of this
 *  machine is taken over at once, and one that might be alive after it has been watched. A refusal has changed nothing. */
export async function takeRunLock(path: string, options: TakeOptions = {}): Promise<RunLock> {
  try {
    return await take(path, options);
  } catch (error) {
    // Why the waiting was ended is the caller's own.
    if (options.signal?.aborted || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw explainFileError(error, `taking the lock ${place(path)}`);
  }
}

async function take(path: string, { say, signal }: TakeOptions): Promise<RunLock> {
  for (let tries = 1; ; tries += 1) {
    const taken = await tryLock(path);
    if (taken) return taken;
    const found = findLock(place(path));
    if (!found) {
      if (tries === MOST_TRIES) throw heldBy(null);
      continue;
    }
    const holder = readHolder(path, found);
    const condition = judge(found);
    if (condition === 'living' || tries === MOST_TRIES) throw heldBy(holder);
    if (condition === 'unknown') {
      say?.(`Waiting to see whether ${nameHolder(holder)} is alive (${Math.round(STALE_MS / 1_000)} s) …`);
      if (await hasMoved(path, found, STALE_MS, signal)) throw heldBy(holder);
    }
    if (!evict(place(path), found)) throw heldBy(holder);
  }
}

/** null: another process has it. */
async function tryLock(path: string): Promise<RunLock | null> {
  const lost = new AbortController();
  const lose = (why: string): MigrationError => {
    const error = new MigrationError('locked', `The lock of this run was lost: ${why}.`, {
      hint: 'Another process has taken the run over; see: wfuwp env-migrate status ID',
    });
    lost.abort(error);
    return lost.signal.reason as MigrationError;
  };
  const folder = new LockFolder(describeProcess());
  try {
    const release = await lockFile(path, {
      lockfilePath: place(path),
      realpath: false,
      // By its age no lock is ever taken over.
      stale: Number.POSITIVE_INFINITY,
      update: HEARTBEAT_MS,
      fs: folder,
      onCompromised: error => void lose(error.message),
    });
    return {
      lost: lost.signal,
      prove() {
        if (lost.signal.aborted) throw lost.signal.reason;
        if (!folder.isOurs()) throw lose('another process has it');
      },
      [Symbol.asyncDispose]: () => release().catch(() => {}),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return null;
    throw error;
  }
}

interface Holder extends LockHolder {
  /** See lib/process-space.ts. */
  readonly processSpace: string;
  readonly start: string;
}

function describeProcess(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    processSpace: readProcessSpace(),
    start: readProcess(process.pid)?.start ?? '',
  };
}

/** `unknown`: of another machine, or of this one and stopped. */
type Condition = 'living' | 'dead' | 'unknown';

function judge({ holder }: FoundLock): Condition {
  const { pid, host, processSpace, start } = holder as Partial<Holder>;
  if (typeof pid !== 'number' || host !== hostname() || processSpace !== readProcessSpace()) return 'unknown';
  if (!isProcessAlive(pid)) return 'dead';
  const facts = readProcess(pid);
  if (facts && start && facts.start !== start) return 'dead';
  return facts?.isStopped ? 'unknown' : 'living';
}

/** Watches a lock for that long: has it a heartbeat, or become another's? Time in which this process itself was away
 *  doesn't count. */
async function hasMoved(
  path: string,
  seen: FoundLock,
  forMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (let watchedMs = 0; watchedMs < forMs; watchedMs += POLL_MS) {
    await sleep(POLL_MS, undefined, { signal }).catch(error => {
      throw signal?.reason ?? error;
    });
    const now = findLock(place(path));
    if (now?.token !== seen.token || now.beat !== seen.beat) return true;
  }
  return false;
}

function heldBy(holder: LockHolder | null): MigrationError {
  const who = holder ? `${nameHolder(holder)}, since ${holder.since}` : 'another process';
  return new MigrationError('locked', `This run is going on: ${who}.`, { details: { holder } });
}

function nameHolder({ pid, host }: LockHolder): string {
  return `process ${pid} on ${host}`;
}

const place = (path: string): string => `${path}.d`;

/** Somebody has the lock, but nothing says who. */
const UNKNOWN_HOLDER: LockHolder = { pid: 0, host: 'an unknown host', since: '' };

/** Versions before have it in a file beside the lock. */
function readHolder(path: string, { holder }: FoundLock): LockHolder {
  const { pid, host, since } = (
    holder.pid === undefined ? readOldHolder(path) : holder
  ) as Partial<LockHolder>;
  return typeof pid === 'number' && host !== undefined && since !== undefined
    ? { pid, host, since }
    : UNKNOWN_HOLDER;
}

function readOldHolder(path: string): unknown {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as object | null) ?? {};
  } catch {
    return {};
  }
}

/** Who works on a run at this moment; null: nobody. Only looks, so it is out of date when it answers: to work on the
 *  run, take the lock. Of a process of another machine its clock says when it was last heard of; `patiently`: where that
 *  is long ago, it is watched for a heartbeat before it is called dead. */
export async function isLocked(
  path: string,
  { patiently = false }: { patiently?: boolean } = {},
): Promise<LockHolder | null> {
  const found = findLock(place(path));
  if (!found || judge(found) === 'dead') return null;
  const holder = readHolder(path, found);
  const isRecent = Math.abs(Date.now() - found.beatAt) < STALE_MS;
  if (judge(found) === 'living' || isRecent) return holder;
  const watchMs = HEARTBEAT_MS + 1_000;
  return patiently && (await hasMoved(path, found, watchMs, undefined)) ? holder : null;
}
