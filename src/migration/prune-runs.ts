// Run directories that nobody needs any more: found, and removed. What a run has made at its target isn't touched.

import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { list } from '../lib/text.ts';
import { takeRunLock } from './lock.ts';
import type { Plan } from './plan.ts';
import { isDone, type KnownRun, type RunEntry, readRun } from './read-run.ts';
import { RunDirectory } from './run-directory.ts';
import { proveRunFolder } from './run-folder.ts';
import { canRollBack, type MigrationState, type SiteState } from './state.ts';
import { listRuns, PRUNED } from './store.ts';
import type { MigrationId } from './words.ts';

export interface PruneOptions {
  readonly logDir: string;
  /** Runs that have ended since then stay. */
  readonly before: Date;
  /** So many of each pair of environments stay, whatever their age: the newest. */
  readonly keep: number;
}

export interface PruneVerdict {
  readonly id: MigrationId;
  readonly path: string;
  readonly source: string | null;
  readonly target: string | null;
  readonly endedAt: string | null;
  /** Why it stays; null: nobody needs it. */
  readonly reason: string | null;
}

/** Looks at every run of the folder, the newest first. Changes nothing. */
export async function judgeRuns({ logDir, before, keep }: PruneOptions): Promise<PruneVerdict[]> {
  const entries = (await listRuns(logDir)).reverse();
  const replaced = new Map<string, Set<string>>();
  const seen = new Map<string, number>();
  const verdicts: PruneVerdict[] = [];
  for (const entry of entries) {
    const { id, path, source, target, endedAt } = entry;
    const pair = `${source} → ${target}`;
    const newer = seen.get(pair) ?? 0;
    seen.set(pair, newer + 1);
    const run = await readRun(new RunDirectory(path));
    const plan = await run.directory.readPlan().catch(() => null);
    const reason =
      explainEntry(entry, { before, isAmongNewest: newer < keep }) ??
      (await explainFolder(path)) ??
      explainWayBack(run, plan, replaced) ??
      (await explainFiles(run.directory));
    verdicts.push({ id, path, source, target, endedAt, reason });
    // What can't be trusted is no proof that an older run has lost its way back.
    if (run.entry.damage.length === 0) noteReplaced(run, plan, replaced);
  }
  return verdicts;
}

function explainEntry(
  entry: RunEntry,
  { before, isAmongNewest }: { before: Date; isAmongNewest: boolean },
): string | null {
  if (entry.holder) return 'it goes on';
  const open = explainOpen(entry);
  if (open !== null) return open;
  const endedAt = Date.parse(entry.endedAt ?? '');
  // A time that nobody can read is no reason to remove anything.
  if (!(endedAt < before.getTime())) return 'it is not old enough';
  return isAmongNewest ? 'it is among the newest' : null;
}

function explainOpen(entry: RunEntry): string | null {
  if (entry.damage.length > 0) return 'its files are damaged';
  return isDone(entry) ? null : 'it can be resumed, or closed with cleanup --close';
}

/** A list looks at the ends of files only. Whoever removes them reads all of them first. */
async function explainFiles(directory: RunDirectory): Promise<string | null> {
  return explainOpen((await readRun(directory, { thorough: true })).entry);
}

/** What the program itself puts into a run's directory. */
const OWN_FILE =
  /^migration-(?:journal\.jsonl|progress\.log|(?:config|control|plan|state|summary|users)\.json)(?:\.\d+)?(?:\.tmp)?$/;
/** A lock is a folder, and whoever takes it over puts it aside first. */
const OWN_LOCK = /^\.migration-lock/;

async function explainFolder(path: string): Promise<string | null> {
  try {
    await proveRunFolder(path);
    const others = (await readdir(path, { withFileTypes: true }))
      .filter(entry => !OWN_LOCK.test(entry.name) && !(entry.isFile() && OWN_FILE.test(entry.name)))
      .map(({ name }) => name);
    return others.length > 0 ? `it holds files of others: ${list(others, 3)}` : null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What a run keeps is gone once each of its units was migrated again, by a later run at the same target. */
function explainWayBack(
  { state }: KnownRun,
  plan: Plan | null,
  replaced: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  if (!state || !plan) return 'its files tell too little';
  const gone = replaced.get(placeOf(plan));
  const open = listUnits(state).filter(([unit, site]) => canRollBack(site) && !gone?.has(unit));
  return open.length > 0 ? 'it can be rolled back; cleanup removes what it keeps' : null;
}

function noteReplaced({ state }: KnownRun, plan: Plan | null, replaced: Map<string, Set<string>>): void {
  if (!state || !plan) return;
  const units = replaced.get(placeOf(plan)) ?? new Set();
  for (const [unit, site] of listUnits(state))
    if (site.steps.cut_over?.status === 'completed' || site.status === 'rolled_back') units.add(unit);
  replaced.set(placeOf(plan), units);
}

/** A name says little of where it leads. */
function placeOf({ target }: Plan): string {
  const { database, staging, previous, tablePrefix, identity } = target;
  return JSON.stringify([identity?.databaseId, database, staging, previous, tablePrefix]);
}

function listUnits({ network, sites }: MigrationState): [unit: string, SiteState][] {
  return [...(network ? [['network', network] as [string, SiteState]] : []), ...Object.entries(sites)];
}

/** Removes the directory in one step, as anybody sees it: what a crash leaves of it is removed by the next time. Answers
 *  why it stays where it isn't any more as it was judged: somebody may have thought about the question for an hour. */
export async function removeRun({ id, path }: Pick<PruneVerdict, 'id' | 'path'>): Promise<string | null> {
  const directory = new RunDirectory(path);
  await proveRunFolder(path);
  // Nobody begins to work on it in between.
  const lock = await takeRunLock(directory.lock);
  const away = join(dirname(path), `${PRUNED}${randomUUID()}`);
  try {
    const reason = (await explainFolder(path)) ?? (await explainFiles(directory));
    if (reason !== null) return reason;
    await rename(path, away);
  } catch (error) {
    throw new MigrationError('usage', `${id} could not be removed: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    // Where its folder is gone there is nothing left to give back.
    await Promise.resolve(lock[Symbol.asyncDispose]()).catch(() => {});
  }
  await rm(away, { recursive: true, force: true });
  return null;
}

/** What earlier calls were killed over. A name alone doesn't say whose it is. */
export async function sweepPruned(logDir: string): Promise<void> {
  const names = await readdir(logDir).catch(() => []);
  for (const name of names.filter(found => found.startsWith(PRUNED))) {
    const path = join(logDir, name);
    if ((await explainFolder(path)) === null) await rm(path, { recursive: true, force: true });
  }
}
