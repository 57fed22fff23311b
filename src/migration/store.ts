// All runs that a folder holds: found, listed and loaded. Only ever reads, and lists a damaged directory too: it may be
// the only trace of what was done to a target.

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MigrationError } from '../errors.ts';
import { findClosest } from '../lib/find-closest.ts';
import type { Recorded } from './events.ts';
import { explainFileCause } from './file-errors.ts';
import { readJournalLines } from './journal-lines.ts';
import { type ProvenRun, proveRun } from './prove-run.ts';
import { type KnownRun, type RunEntry, readEntry, readRun, readTime } from './read-run.ts';
import { RunDirectory } from './run-directory.ts';
import type { MigrationState } from './state.ts';

/** A run with all that is needed to go on with it. */
export interface LoadedRun extends KnownRun, ProvenRun {
  readonly state: MigrationState;
  /** The journal from its beginning. Throws `migration_unreadable` where it is damaged: only who reads it to its end
   *  knows that it is whole. */
  lines(): AsyncGenerator<Recorded, void, undefined>;
}

/** Enough to keep a disk busy, few enough for the limit of open files. */
const AT_ONCE = 16;

/** What a directory is called that is being removed; it is no run any more. */
export const PRUNED = '.pruned-';

/** Every run directory under `logDir`, oldest first; none when there is no such folder. */
export async function listRuns(logDir: string): Promise<RunEntry[]> {
  const ids = await listIds(logDir);
  const entries: RunEntry[] = [];
  for (let next = 0; next < ids.length; next += AT_ONCE) {
    const some = ids.slice(next, next + AT_ONCE).map(id => readEntry(new RunDirectory(join(logDir, id))));
    entries.push(...(await Promise.all(some)));
  }
  return entries;
}

/** So many are looked at: what is older than these says little of today. */
const RECENT = 30;

/** The newest of the last runs under `logDir` for which this holds. */
export async function findNewestOf(
  logDir: string,
  holds: (run: RunEntry) => boolean,
): Promise<RunEntry | null> {
  for (const id of (await listIds(logDir)).reverse().slice(0, RECENT)) {
    const entry = await readEntry(new RunDirectory(join(logDir, id)));
    if (holds(entry)) return entry;
  }
  return null;
}

/** The run of that id, in full or its unique ending (`abc123`). Throws `migration_not_found` with what is near, and
 *  `usage` when more than one ends so. */
export async function findRun(logDir: string, id: string): Promise<RunDirectory> {
  const ids = await listIds(logDir);
  const matches = ids.includes(id) ? [id] : ids.filter(known => id !== '' && known.endsWith(id));
  const [match] = matches;
  if (match === undefined) throw explainNotFound(logDir, id, ids);
  if (matches.length === 1) return new RunDirectory(join(logDir, match));
  const shown = matches.map(known => `  ${known}`);
  throw new MigrationError('usage', [`${matches.length} runs end in "${id}":`, ...shown], {
    hint: 'Name the one you mean in full.',
    details: { matches },
  });
}

/** The run that was started last; one that stopped before its first event counts only when there is no other. */
export async function findNewestRun(logDir: string): Promise<RunDirectory> {
  const directories = (await listIds(logDir)).reverse().map(id => new RunDirectory(join(logDir, id)));
  for (const directory of directories) {
    if (await isFile(directory.journal)) return directory;
  }
  if (directories[0]) return directories[0];
  throw explainNotFound(logDir, '', []);
}

/** Throws `migration_not_found`, or `migration_unreadable` when a file that is needed is missing, damaged or not the
 *  one that was written. */
export async function loadRun(logDir: string, id: string): Promise<LoadedRun> {
  const run = await readRun(await findRun(logDir, id));
  const { directory, state, entry } = run;
  if (!state || entry.damage.length > 0) throw explainDamage(entry);
  const proven = await proveRun(directory);
  return { ...run, ...proven, lines: () => readJournalLines(directory.journal) };
}

async function listIds(logDir: string): Promise<string[]> {
  const entries = await readdir(logDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new MigrationError('usage', `The folder of the runs can't be read: ${explainFileCause(error)}.`, {
      hint: 'Name another one: --log-dir DIR',
      cause: error,
    });
  });
  const folders = entries.filter(entry => entry.isDirectory() || entry.isSymbolicLink());
  const ids: string[] = [];
  for (const { name } of folders) {
    if (name.startsWith(PRUNED)) continue;
    // Whatever somebody has renamed it to, a folder with a journal is a run's.
    const isRun = readTime(name) !== null || (await isFile(new RunDirectory(join(logDir, name)).journal));
    if (isRun) ids.push(name);
  }
  // By time, also those with another name in front.
  const at = (id: string): string => readTime(id) ?? '';
  return ids.sort((a, b) => at(a).localeCompare(at(b)) || a.localeCompare(b));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    () => false,
  );
}

function explainDamage({ id, path, damage }: RunEntry): MigrationError {
  return new MigrationError('migration_unreadable', `Run ${id} can't be read. ${damage.join(' ')}`, {
    hint: `Keep ${path}. What can be known: wfuwp env-migrate status ${id}`,
    details: { path, damage },
  });
}

function explainNotFound(logDir: string, id: string, ids: readonly string[]): MigrationError {
  const where = resolve(logDir);
  if (ids.length === 0) {
    return new MigrationError('migration_not_found', `There is no run in ${where}.`, {
      hint: 'If they are elsewhere: --log-dir DIR',
      details: { id, logDir: where, near: [] },
    });
  }
  const endOf = (known: string): string => known.slice(known.lastIndexOf('-') + 1);
  const guess = findClosest(id, ids) ?? findClosest(id, ids.map(endOf));
  const near = ids
    .filter(known => known === guess || endOf(known) === guess || (id !== '' && known.includes(id)))
    .slice(-5);
  const shown = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return new MigrationError('migration_not_found', `There is no run "${id}" in ${where}.${shown}`, {
    details: { id, logDir: where, near },
  });
}
