// One run as its directory tells it: never more than the files say, and what is wrong with them in words.

import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type ErrorRecord, MigrationError } from '../errors.ts';
import { openToRead, readWholeFile } from '../lib/open-file.ts';
import { countSites, type SiteCounts } from './count-sites.ts';
import { isLocked, type LockHolder } from './lock.ts';
import { proveRun } from './prove-run.ts';
import { readDoneRun } from './read-done-run.ts';
import { readState } from './read-state.ts';
import type { RunDirectory, SavedOptions } from './run-directory.ts';
import { initialState, type MigrationState } from './state.ts';
import { NETWORK } from './task-ids.ts';
import {
  DONE_STATUSES,
  type MigrationId,
  type MigrationStatus,
  PHASES,
  type PhaseName,
  type TaskStatus,
} from './words.ts';

/** What the state says, but for two that are seen from outside and never stored. `interrupted`: the state says
 *  `running`, and nobody works on it. `unknown`: neither journal nor state can be read. */
export type RunStatus = MigrationStatus | 'interrupted' | 'unknown';

export interface RunEntry {
  readonly id: MigrationId;
  readonly path: string;
  /** Environments; null when no file tells. */
  readonly source: string | null;
  readonly target: string | null;
  readonly status: RunStatus;
  /** Who works on it at this moment. */
  readonly holder: LockHolder | null;
  /** Where it is, or where it stopped; null: it is through, or nothing is known. */
  readonly phase: PhaseName | null;
  /** Sites that the plan leaves out are `skipped`, and part of the total. */
  readonly sites: SiteCounts;
  readonly network: TaskStatus | null;
  readonly startedAt: string | null;
  readonly updatedAt: string | null;
  readonly endedAt: string | null;
  /** Since it was started. */
  readonly ageMs: number | null;
  readonly error: ErrorRecord | null;
  /** What is wrong with the directory, in sentences; empty: nothing. */
  readonly damage: readonly string[];
}

/** Nothing of it waits for anybody. */
export function isDone({ status, damage }: RunEntry): boolean {
  return damage.length === 0 && DONE_STATUSES.has(status);
}

/** A run as far as its files can be read. */
export interface KnownRun {
  readonly entry: RunEntry;
  readonly directory: RunDirectory;
  /** null: unknown. */
  readonly state: MigrationState | null;
}

/** Never throws: what can't be read is told in `entry.damage`. `thorough`: reads the whole journal, and says too when
 *  the files don't fit together. */
export async function readRun(
  directory: RunDirectory,
  { thorough = false }: { thorough?: boolean } = {},
): Promise<KnownRun> {
  const id = basename(directory.path) as MigrationId;
  // The lock before the state: a run that ends in between must not look broken off. And once more after it: nor must
  // one that begins.
  const before = await isLocked(directory.lock).catch(() => null);
  const { state, damage } = await readState(directory, id);
  const holder = before ?? (await isLocked(directory.lock).catch(() => null));
  // A run that is just being started has not written its files yet.
  const isStarting = holder !== null && !state?.lastSeq;
  const ends = state?.source ? state : await readEnds(directory);
  const found = isStarting ? [] : await findDamage(directory, damage);
  const flaws = thorough && !isStarting && found.length === 0 ? await findFlaws(directory) : [];
  const entry: RunEntry = {
    ...describeDirectory(directory, state?.startedAt),
    source: ends?.source ?? null,
    target: ends?.target ?? null,
    status: decideStatus(state, holder),
    holder,
    phase: state ? findPhase(state) : null,
    sites: countSites(state ?? initialState(id)),
    network: state?.tasks[NETWORK]?.status ?? null,
    updatedAt: state?.updatedAt || null,
    endedAt: state?.endedAt ?? null,
    error: state?.error ?? null,
    damage: [...found, ...flaws],
  };
  return { entry, directory, state };
}

/** The same without the state, for lists. Never throws. */
export async function readEntry(directory: RunDirectory): Promise<RunEntry> {
  const done = await readDoneRun(directory);
  if (!done) return (await readRun(directory)).entry;
  const { source, target, status, network, startedAt, endedAt } = done.summary;
  return {
    ...describeDirectory(directory, startedAt),
    source,
    target,
    status,
    holder: await isLocked(directory.lock).catch(() => null),
    phase: null,
    sites: done.sites,
    network,
    updatedAt: endedAt,
    endedAt,
    error: null,
    damage: await findDamage(directory, null),
  };
}

function describeDirectory(
  { path }: RunDirectory,
  started: string | undefined,
): Pick<RunEntry, 'id' | 'path' | 'startedAt' | 'ageMs'> {
  const id = basename(path) as MigrationId;
  const startedAt = started || readTime(id);
  const ageMs = startedAt === null ? null : Math.max(0, Date.now() - Date.parse(startedAt));
  return { id, path: resolve(path), startedAt, ageMs };
}

function decideStatus(state: MigrationState | null, holder: LockHolder | null): RunStatus {
  if (state && state.status !== 'running') return state.status;
  if (holder) return 'running';
  return state ? 'interrupted' : 'unknown';
}

function findPhase({ phases, status }: MigrationState): PhaseName | null {
  const find = (wanted: string): PhaseName | undefined =>
    PHASES.find(name => phases[name]?.status === wanted);
  const current = find('in_progress') ?? find('failed');
  return current ?? (status === 'running' || status === 'paused' ? (find('pending') ?? null) : null);
}

/** The time in a run's id. */
export function readTime(id: string): string | null {
  const match = /env-migrate-(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-/.exec(id);
  return match ? `${match[1]}:${match[2]}:${match[3]}.000Z` : null;
}

/** `journal`: what is wrong with that. */
async function findDamage(directory: RunDirectory, journal: string | null): Promise<string[]> {
  if (journal !== null && (await isEmpty(directory))) {
    return ['The directory is empty: the run stopped before it began, and changed nothing.'];
  }
  const files = await Promise.all([directory.plan, directory.options].map(explainFile));
  return [journal, ...files].filter(text => text !== null);
}

async function findFlaws(directory: RunDirectory): Promise<readonly string[]> {
  try {
    await proveRun(directory);
    return [];
  } catch (error) {
    if (!(error instanceof MigrationError)) return [String(error)];
    const { damage } = error.details;
    return Array.isArray(damage) ? (damage as string[]) : [error.message];
  }
}

/** The files of the lock don't count. */
async function isEmpty(directory: RunDirectory): Promise<boolean> {
  const names = await readdir(directory.path).catch(() => ['?']);
  return names.every(name => name.startsWith('.'));
}

/** Looks at its end only: a plan is big, and a file that was cut off has lost its end. */
async function explainFile(path: string): Promise<string | null> {
  const name = basename(path);
  try {
    await using file = await openToRead(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, Math.max(0, size - 2));
    if (buffer.toString('utf8', 0, bytesRead).trimEnd().endsWith('}')) return null;
    return `${name} is cut off: the run can't be resumed.`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'is missing' : `can't be read (${message})`;
    return `${name} ${what}: the run can't be resumed.`;
  }
}

async function readEnds(directory: RunDirectory): Promise<{ source: string; target: string } | null> {
  try {
    const { source, target } = JSON.parse(await readWholeFile(directory.options)) as SavedOptions;
    return typeof source === 'string' && typeof target === 'string' ? { source, target } : null;
  } catch {
    return null;
  }
}
