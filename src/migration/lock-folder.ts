// The lock of a run directory on the disk: a folder that holds a file with its holder, and comes to be with it in one
// step, so that a lock is never anybody's that can't be told. The holder keeps the file open: as long as the file under
// the lock's name is that one, the lock is its own, whatever happened meanwhile. Where it stands in for the file system
// of proper-lockfile, it makes sure that nothing is done to a lock that has become somebody else's.

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { passKillPoint } from '../lib/kill-points.ts';

const HOLDER_FILE = 'holder.json';
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type Done = (error?: Error | null) => void;

/** One taking of a lock. In the form in which proper-lockfile wants a file system. */
export class LockFolder {
  readonly token: string = randomUUID();
  readonly #holder: object;
  #path = '';
  #file: number | null = null;
  #beats = 0;

  /** `holder`: what others are to know of this process. */
  constructor(holder: object) {
    this.#holder = holder;
  }

  /** The lock is this taking's, and has always been since. */
  isOurs(): boolean {
    if (this.#file === null) return false;
    const found = withFile(this.#path, file => fstatSync(file));
    const own = fstatSync(this.#file);
    return found !== null && found.ino === own.ino && found.dev === own.dev;
  }

  /** Takes the lock. A lock that is there is left as it is, and so is its folder. */
  mkdir(path: string, done: Done): void {
    attempt(done, () => {
      if (existsSync(path)) throw failure('EEXIST', path);
      const fresh = `${path}.${this.token}`;
      mkdirSync(fresh, 0o750);
      this.#path = path;
      this.#file = openSync(join(fresh, HOLDER_FILE), 'wx', 0o640);
      this.#write();
      passKillPoint('before lock');
      try {
        // Fails where a lock is: a folder that isn't empty can't be replaced.
        renameSync(fresh, path);
      } catch (error) {
        this.#close();
        rmSync(fresh, { recursive: true, force: true });
        const { code } = error as NodeJS.ErrnoException;
        throw code === 'ENOTEMPTY' ? failure('EEXIST', path) : error;
      }
    });
  }

  stat(path: string, done: (error: Error | null, stats?: Stats) => void): void {
    let found: Stats;
    try {
      if (this.#file !== null && !this.isOurs()) throw failure('ENOENT', path);
      found = this.#file === null ? statSync(path) : fstatSync(this.#file);
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, found);
  }

  /** A heartbeat. */
  utimes(path: string, accessed: Date, modified: Date, done: Done): void {
    attempt(done, () => {
      if (this.#file === null || !this.isOurs()) throw failure('ENOENT', path);
      this.#write();
      futimesSync(this.#file, accessed, modified);
      // Others may read it over a network.
      fsync(this.#file, () => {});
    });
  }

  rmdir(path: string, done: Done): void {
    attempt(done, () => this.rmdirSync(path));
  }

  rmdirSync(path: string): void {
    if (this.isOurs()) {
      const gone = `${path}.${this.token}`;
      renameSync(path, gone);
      rmSync(gone, { recursive: true, force: true });
      removeTombs(path);
    }
    this.#close();
  }

  #write(): void {
    if (this.#file === null) return;
    this.#beats += 1;
    // In one write, and of one length: a reader sees one whole or the other.
    const beat = String(this.#beats).padStart(12, '0');
    writeSync(this.#file, `${JSON.stringify({ ...this.#holder, token: this.token, beat })}\n`, 0);
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

/** A lock as it is found. */
export interface FoundLock {
  /** '' where a version of the program has taken it that wrote none. */
  readonly token: string;
  /** Changes with each heartbeat. */
  readonly beat: string;
  /** When that was, by the clock of its holder. */
  readonly beatAt: number;
  readonly holder: Readonly<Record<string, unknown>>;
}

/** null: nobody has the lock. */
export function findLock(path: string): FoundLock | null {
  try {
    const folder = statSync(path);
    const read = withFile(path, file => ({ text: readFileSync(file, 'utf8'), at: fstatSync(file).mtimeMs }));
    if (!read) return { token: '', beat: String(folder.mtimeMs), beatAt: folder.mtimeMs, holder: {} };
    const holder = parse(read.text);
    return {
      token: typeof holder.token === 'string' ? holder.token : '',
      beat: `${read.at} ${read.text}`,
      beatAt: read.at,
      holder,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes the lock away from a holder that was found dead, if it is still that holder's and has not been heard of since.
 *  Of several who do so at the same time one succeeds: what is taken away stays under a name that is the holder's. */
export function evict(path: string, dead: FoundLock): boolean {
  const now = findLock(path);
  if (now?.token !== dead.token || now.beat !== dead.beat) return false;
  const tomb = `${path}${TOMB}${dead.token || 'unknown'}`;
  try {
    renameSync(path, tomb);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
  if (findLock(tomb)?.token === dead.token) return true;
  // Between the two calls it was somebody else's: this process was stopped there for as long.
  if (!existsSync(path)) renameSync(tomb, path);
  return false;
}

const TOMB = '.dead-';

function removeTombs(path: string): void {
  const prefix = `${basename(path)}${TOMB}`;
  for (const name of readdirSync(dirname(path)).filter(entry => entry.startsWith(prefix)))
    rmSync(join(dirname(path), name), { recursive: true, force: true });
}

/** null: there is no such file. */
function withFile<T>(path: string, use: (file: number) => T): T | null {
  let file: number;
  try {
    // Opened anew each time: over a network, that asks the server and no cache.
    file = openSync(join(path, HOLDER_FILE), READ);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

function attempt(done: Done, deed: () => void): void {
  try {
    deed();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null);
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
