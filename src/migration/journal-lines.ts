// A journal read line by line, from either end, for those who don't want all of it. A torn last line is left out;
// damage anywhere else throws `migration_unreadable` where it is met, after the sound lines were given.

import { MigrationError } from '../errors.ts';
import { readLines, readLinesBackwards } from '../lib/read-lines.ts';
import { ChainReader, describeDamage, hashOrigin, hashText, type JournalHead, parseLine } from './chain.ts';
import type { Recorded } from './events.ts';

/** From the first line to the last. */
export async function* readJournalLines(path: string): AsyncGenerator<Recorded, void, undefined> {
  for await (const { line } of readLinks(path)) yield line;
}

/** A line, and where the journal stands with it. */
export interface Link {
  readonly line: Recorded;
  readonly head: JournalHead;
}

/** From the first line to the last. */
export async function* readLinks(path: string): AsyncGenerator<Link, void, undefined> {
  const chain = new ChainReader();
  for await (const text of readLines(path)) {
    const line = chain.read(text);
    if (!line) throw describeDamage(path, chain.head.seq + 1);
    yield { line, head: chain.head };
  }
}

/** From the last line to the first: the end of a big journal costs as much as that of a small one. */
export async function* readJournalBackwards(path: string): AsyncGenerator<Recorded, void, undefined> {
  for await (const { line } of readLinksBackwards(path)) yield line;
}

export async function* readLinksBackwards(path: string): AsyncGenerator<Link, void, undefined> {
  let next: Recorded | null = null;
  for await (const text of readLinesBackwards(path)) {
    const line = parseLine(text);
    const hash = hashText(text);
    if (!line || (next && !isNext(line, hash, next))) throw describeBreak(path, next);
    yield { line, head: { seq: line.seq, hash } };
    next = line;
  }
  if (next && next.seq !== 1) throw describeBreak(path, next);
}

function describeBreak(path: string, next: Recorded | null): MigrationError {
  const where = next === null ? 'in its last line' : `in front of event ${next.seq}`;
  return new MigrationError('migration_unreadable', `The journal is damaged ${where}: ${path}.`, {
    hint: 'Keep the file; the tables on the target say what was swapped.',
    details: { path },
  });
}

/** A line of a version that had no chain may have any line before it that has none either. */
function isNext(line: Recorded, hash: string, next: Recorded): boolean {
  if (line.seq !== next.seq - 1) return false;
  if (line.seq === 1 && line.prev !== undefined && line.prev !== hashOrigin(line)) return false;
  return next.prev === undefined ? line.prev === undefined : next.prev === hash;
}
