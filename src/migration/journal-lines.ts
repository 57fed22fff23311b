// A journal read line by line, from either end, for those who don't want all of it. A torn last line is left out;
// damage anywhere else throws `migration_unreadable` where it is met, after the sound lines were given.

import { MigrationError } from '../errors.ts';
import { readLines, readLinesBackwards } from '../lib/read-lines.ts';
import type { Recorded } from './events.ts';

/** From the first line to the last. */
export async function* readJournalLines(path: string): AsyncGenerator<Recorded, void, undefined> {
  let seq = 1;
  for await (const text of readLines(path)) {
    const line = parseLine(text);
    if (line?.seq !== seq) {
      throw new MigrationError('migration_unreadable', `The journal is damaged at line ${seq} of ${path}.`, {
        hint: `The ${seq - 1} lines before it are sound. Keep the file; the tables on the target say what was swapped.`,
        details: { path, line: seq },
      });
    }
    yield line;
    seq += 1;
  }
}

/** From the last line to the first: the end of a big journal costs as much as that of a small one. */
export async function* readJournalBackwards(path: string): AsyncGenerator<Recorded, void, undefined> {
  let expected: number | null = null;
  for await (const text of readLinesBackwards(path)) {
    const line = parseLine(text);
    if (!line || (expected !== null && line.seq !== expected)) {
      const where = expected === null ? 'in its last line' : `in front of event ${expected + 1}`;
      throw new MigrationError('migration_unreadable', `The journal is damaged ${where}: ${path}.`, {
        hint: 'Keep the file; the tables on the target say what was swapped.',
        details: { path },
      });
    }
    yield line;
    expected = line.seq - 1;
  }
}

function parseLine(text: string): Recorded | null {
  try {
    const line = JSON.parse(text) as Recorded | null;
    return typeof line?.seq === 'number' && typeof line.type === 'string' ? line : null;
  } catch {
    return null;
  }
}
