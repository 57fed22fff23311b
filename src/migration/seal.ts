// The files of a run that are JSON end in a hash of all that stands before it: one that was changed by hand, cut off or
// put together from two is told. It proves no author; that a file is the one of this run, the journal says.

import { createHash } from 'node:crypto';
import { hashText } from './chain.ts';

const ENDING = /,\s*"contentHash":\s*"([\w-]{22})"\s*\}\s*$/;
const LONGEST_ENDING = 100;

/** The text of a JSON object, in pieces, with its hash as the last key. */
export function* seal(pieces: Iterable<string>): Generator<string> {
  const sum = createHash('sha256');
  let held: string | null = null;
  for (const piece of pieces) {
    if (held !== null) {
      sum.update(held);
      yield held;
    }
    held = piece;
  }
  const last = held ?? '';
  const body = last.replace(/\s*\}\s*$/, '');
  if (body === last) throw new Error('What is sealed has to end with the end of an object.');
  sum.update(body);
  yield body;
  const hash = sum.digest('base64url').slice(0, 22);
  // In the form that the object has.
  yield last.endsWith('\n}\n') ? `,\n  "contentHash": "${hash}"\n}\n` : `,"contentHash":"${hash}"}\n`;
}

/** `missing`: of a version that wrote none. */
export type SealState = 'sound' | 'broken' | 'missing';

export interface Seal {
  readonly state: SealState;
  /** '' when missing. */
  readonly hash: string;
}

export function readSeal(text: string): Seal {
  const ending = ENDING.exec(text.slice(-LONGEST_ENDING));
  if (!ending) return { state: 'missing', hash: '' };
  const [found, hash = ''] = ending;
  const body = text.slice(0, text.length - found.length);
  return { state: hashText(body) === hash ? 'sound' : 'broken', hash };
}
