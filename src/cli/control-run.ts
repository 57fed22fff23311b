// Tells a run that is going on what an operator wants of it, and waits until it says that it does so.

import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import { nameOperator } from '../lib/name-operator.ts';
import type { Concurrency, Pace } from '../migration/concurrency.ts';
import { type Control, type ControlChange, writeControl } from '../migration/control.ts';
import { readJournalBackwards } from '../migration/journal-lines.ts';
import { isLocked, type LockHolder } from '../migration/lock.ts';
import { type RunEntry, readRun } from '../migration/read-run.ts';
import type { RunDirectory } from '../migration/run-directory.ts';
import { findRun } from '../migration/store.ts';
import { suggestCommands, typeCommand } from './next-commands.ts';

export interface ControlRequest {
  readonly logDir: string;
  readonly id: string;
  readonly change: ControlChange;
}

export interface ControlReport extends Pace {
  readonly migrationId: string;
  /** Another concurrency was asked for, which a paused run has taken down for later. */
  readonly isTuned: boolean;
  /** What to type next. */
  readonly nextCommands: readonly string[];
}

/** A run looks every second; one on a busy machine, or behind a slow shared file system, needs longer. */
const PATIENCE_MS = 10_000;
const POLL_MS = 200;

/** Resolves with what holds from now on. Throws `usage` when nobody works on the run, and `stalled` when whoever does
 *  hasn't answered in time; the request stays, and is obeyed when it is read. */
export async function controlRun({ logDir, id, change }: ControlRequest): Promise<ControlReport> {
  const directory = await findRun(logDir, id);
  const { entry, state } = await readRun(directory);
  if (!entry.holder) throw notRunning(entry, change.concurrency);
  if (state && state.status !== 'running') throw notMigrating(entry);
  const control = await writeControl(directory.control, change, nameOperator());
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    // Asked before looking for the answer: a run that answers and ends has answered.
    const holder = await isLocked(directory.lock).catch(() => null);
    const pace = await findAnswer(directory, control, entry);
    if (pace) {
      const isTuned = change.concurrency !== undefined;
      return { migrationId: entry.id, isTuned, ...pace, nextCommands: suggestNext(entry, pace) };
    }
    if (!holder) throw notRunning((await readRun(directory)).entry, change.concurrency);
    if (performance.now() > giveUpAt) throw notAnswering(entry, holder);
    await sleep(POLL_MS);
  }
}

/** The pace that the run has answered with, if it has; nothing that was written before we asked can be it. */
async function findAnswer(
  { journal }: RunDirectory,
  { request, at }: Control,
  { updatedAt }: RunEntry,
): Promise<Pace | null> {
  const from = updatedAt && updatedAt < at ? updatedAt : at;
  try {
    for await (const line of readJournalBackwards(journal)) {
      if (line.type === 'migration.tuned' && line.request === request) return line.pace;
      // The clocks of two machines differ: what the run itself wrote last is a sure bound.
      if (line.at < from) return null;
    }
  } catch {
    // A journal that is just being begun.
  }
  return null;
}

function suggestNext(entry: RunEntry, pace: Pace): string[] {
  if (pace.startsPaused) return [typeCommand(entry.path, `continue ${entry.id}`)];
  return [typeCommand(entry.path, `status ${entry.id} --watch`)];
}

function notRunning(entry: RunEntry, concurrency: Concurrency | undefined): MigrationError {
  const [first] = suggestCommands(entry, null);
  const flag =
    concurrency === undefined || !first?.includes('--resume') ? '' : ` --concurrency ${concurrency}`;
  return new MigrationError('usage', `Nobody works on ${entry.id} (${entry.status.replaceAll('_', ' ')}).`, {
    hint: first
      ? `${first}${flag}`
      : `See how it has ended: ${typeCommand(entry.path, `status ${entry.id}`)}`,
    details: { migrationId: entry.id, status: entry.status },
  });
}

function notMigrating(entry: RunEntry): MigrationError {
  return new MigrationError('usage', `${entry.id} is being rolled back or cleaned up, not migrated.`, {
    hint: `See: ${typeCommand(entry.path, `status ${entry.id}`)}`,
  });
}

function notAnswering(entry: RunEntry, { pid, host }: LockHolder): MigrationError {
  return new MigrationError(
    'stalled',
    `${entry.id} (process ${pid} on ${host}) has not answered within ${PATIENCE_MS / 1_000} s.`,
    {
      hint: `What you asked stays, and is obeyed when the run reads it: ${typeCommand(entry.path, `status ${entry.id}`)}`,
      details: { migrationId: entry.id, pid, host },
    },
  );
}
