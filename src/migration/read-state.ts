// The state of a run as its files tell it, whatever happened to them. The truth is the journal; the snapshot only saves
// the reading of what it has already.

import { MigrationError } from '../errors.ts';
import { readWholeFile } from '../lib/open-file.ts';
import { type Link, readLinks, readLinksBackwards } from './journal-lines.ts';
import type { RunDirectory } from './run-directory.ts';
import { readSeal, type Seal } from './seal.ts';
import { foldEvent, initialState, type RecordedState } from './state.ts';
import type { MigrationId } from './words.ts';

export interface StateReading {
  /** null: the files tell nothing at all. */
  readonly state: RecordedState | null;
  /** What is wrong with the journal; then `state` is the most that can be known. A snapshot that is missing, torn or old
   *  is no damage. */
  readonly damage: string | null;
}

/** Never throws. Reads only the end of the journal when the snapshot is sound; damage further up goes unnoticed then. */
export async function readState(directory: RunDirectory, id: MigrationId): Promise<StateReading> {
  // The snapshot first: read after the journal it could be ahead of it in a run that is going on.
  const saved = await readSnapshot(directory.state);
  // One that was changed by hand isn't worth more than none; who is to act on the run is told of it (prove-run.ts).
  const snapshot = saved && saved.seal.state !== 'broken' ? saved.state : null;
  if (snapshot && (await catchUp(snapshot, directory.journal))) return { state: snapshot, damage: null };
  const folded = await foldJournal(directory.journal, id);
  if (!snapshot || (folded.state && snapshot.lastSeq <= folded.state.lastSeq)) return folded;
  const lost = `The journal has lost its end: the state knows ${snapshot.lastSeq} events, the journal ${folded.state?.lastSeq ?? 0}.`;
  return { state: snapshot, damage: folded.damage ?? lost };
}

/** null: there is none, or none that this version understands. */
export async function readSnapshot(path: string): Promise<{ state: RecordedState; seal: Seal } | null> {
  try {
    const text = await readWholeFile(path);
    const { contentHash: _, ...state } = JSON.parse(text) as Partial<RecordedState> & {
      contentHash?: string;
    };
    const isWhole =
      state.version === 3 &&
      typeof state.lastSeq === 'number' &&
      typeof state.status === 'string' &&
      typeof state.phases === 'object' &&
      typeof state.tasks === 'object';
    return isWhole ? { state: state as RecordedState, seal: readSeal(text) } : null;
  } catch {
    return null;
  }
}

/** Folds in what the journal has beyond the snapshot. False, with the snapshot as it was, when the two don't meet. */
async function catchUp(snapshot: RecordedState, journal: string): Promise<boolean> {
  const newer: Link[] = [];
  try {
    for await (const link of readLinksBackwards(journal)) {
      const { seq, hash } = link.head;
      if (seq > snapshot.lastSeq) {
        newer.push(link);
        continue;
      }
      if (seq !== snapshot.lastSeq || (snapshot.lastHash ?? hash) !== hash) return false;
      for (const { line, head } of newer.reverse()) foldEvent(snapshot, line, head.hash);
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
    for await (const { line, head } of readLinks(journal)) foldEvent(state, line, head.hash);
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
