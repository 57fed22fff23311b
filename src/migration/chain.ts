// The journal as a chain: each line has in `prev` the hash of the line before, and the first one that of the run it
// belongs to. So a line that was edited, lost, moved or brought from elsewhere is told from its neighbours, and one
// hash says of a journal up to some line that it is the one that was written.

import { createHash } from 'node:crypto';
import { MigrationError } from '../errors.ts';
import type { Recorded } from './events.ts';
import { upcastLine } from './upcast.ts';

/** 22 characters: 132 bits. */
const HASH_LENGTH = 22;

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH);
}

/** What stands in `prev` of a journal's first line. */
export function hashOrigin(first: Recorded): string {
  const { migrationId = '', files } = first as { migrationId?: string; files?: { plan?: string } };
  return hashText(`wfuwp journal of ${migrationId}, plan ${files?.plan ?? ''}`);
}

/** Where a journal stands: its last line, or one that somebody else has been told of. */
export interface JournalHead {
  /** 0: before the first line. */
  readonly seq: number;
  readonly hash: string;
}

export const BEFORE_FIRST: JournalHead = { seq: 0, hash: '' };

/** Reads a journal's lines in their order and holds each against the one before. Lines of versions that had no chain
 *  may come first; behind one that has `prev` all must have it. */
export class ChainReader {
  #head: JournalHead = BEFORE_FIRST;
  #isChained = false;
  #hasUnchained = false;

  /** Of the last line that was sound. */
  get head(): JournalHead {
    return this.#head;
  }

  /** All lines so far are links of the chain. */
  get isProven(): boolean {
    return !this.#hasUnchained;
  }

  /** null: `text` isn't the line that follows. */
  read(text: string): Recorded | null {
    const line = parseLine(text);
    if (line?.seq !== this.#head.seq + 1) return null;
    if (line.prev === undefined) {
      if (this.#isChained) return null;
      this.#hasUnchained = true;
    } else {
      if (line.prev !== (line.seq === 1 ? hashOrigin(line) : this.#head.hash)) return null;
      this.#isChained = true;
    }
    this.#head = { seq: line.seq, hash: hashText(text) };
    return line;
  }
}

/** What the line means today, whichever version has written it. null: no line of a journal. */
export function parseLine(text: string): Recorded | null {
  try {
    const line = JSON.parse(text) as Recorded | null;
    return typeof line?.seq === 'number' && typeof line.type === 'string' ? upcastLine(line) : null;
  } catch {
    return null;
  }
}

export function describeDamage(path: string, seq: number): MigrationError {
  return new MigrationError('migration_unreadable', `The journal is damaged at line ${seq} of ${path}.`, {
    hint: `The ${seq - 1} lines before it are sound. Keep the file; the tables on the target say what was swapped.`,
    details: { path, line: seq },
  });
}
