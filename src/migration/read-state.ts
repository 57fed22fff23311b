// The state of a run as its files tell it, whatever happened to them. The truth is the journal; the snapshot only saves
// the reading of what it has already.

import { readFile } from 'node:fs/promises';
import { MigrationError } from '../errors.ts';
import type { Recorded } from './events.ts';
import { readJournalBackwards, readJournalLines } from './journal-lines.ts';
import type { RunDirectory } from './run-directory.ts';
import { foldEvent, initialState, type MigrationState } from './state.ts';
import type { MigrationId } from './words.ts';

export interface StateReading {
  /** null: the files tell nothing at all. */
  readonly state: MigrationState | null;
  /** What is wrong with the journal; then `state` is the most that can be known. A snapshot that is missing, torn or old
   *  is no damage. */
  readonly damage: string | null;
}

/** Never throws. Reads only the end of the journal when the snapshot is sound; damage further up goes unnoticed then. */
export async function readState(directory: RunDirectory, id: MigrationId): Promise<StateReading> {
  // The snapshot first: read after the journal it could be ahead of it in a run that is going on.
  const snapshot = await readSnapshot(directory.state);
  if (snapshot && (await catchUp(snapshot, directory.journal))) return { state: snapshot, damage: null };
  const folded = await foldJournal(directory.journal, id);
  const saved = await readSnapshot(directory.state);
  if (!saved || (folded.state && saved.lastSeq <= folded.state.lastSeq)) return folded;
  const lost = `The journal has lost its end: the state knows ${saved.lastSeq} events, the journal ${folded.state?.lastSeq ?? 0}.`;
  return { state: saved, damage: folded.damage ?? lost };
}

async function readSnapshot(path: string): Promise<MigrationState | null> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as Partial<MigrationState> | null;
    const isWhole =
      state?.version === 2 &&
      typeof state.lastSeq === 'number' &&
      typeof state.status === 'string' &&
      typeof state.phases === 'object' &&
      typeof state.sites === 'object';
    return isWhole ? (state as MigrationState) : null;
  } catch {
    return null;
  }
}

/** Folds in what the journal has beyond the snapshot. False, with a spoilt snapshot, when the two don't meet. */
async function catchUp(snapshot: MigrationState, journal: string): Promise<boolean> {
  const newer: Recorded[] = [];
  try {
    for await (const line of readJournalBackwards(journal)) {
      if (line.seq > snapshot.lastSeq) {
        newer.push(line);
        continue;
      }
      if (line.seq !== snapshot.lastSeq) return false;
      for (const next of newer.reverse()) foldEvent(snapshot, next);
      return true;
    }
  } catch {
    // told by who reads it from the beginning
  }
  return false;
}

/** As far as the journal is sound. */
async function foldJournal(journal: string, id: MigrationId): Promise<StateReading> {
  const state = initialState(id);
  try {
    for await (const line of readJournalLines(journal)) foldEvent(state, line);
    return { state, damage: null };
  } catch (error) {
    return { state: state.lastSeq > 0 ? state : null, damage: explainJournal(error, state.lastSeq) };
  }
}

function explainJournal(error: unknown, lastSeq: number): string {
  if (error instanceof MigrationError) {
    return `The journal is damaged at line ${lastSeq + 1}; the ${lastSeq} lines before it are sound.`;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'The journal is missing (migration-journal.jsonl).';
  if (code !== undefined) return `The journal can't be read: ${message}`;
  return `The journal has an event at line ${lastSeq} that makes no sense here: ${message}`;
}
