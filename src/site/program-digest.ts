import { join } from 'node:path';
import { digestFolders } from '../lib/digest-folders.ts';

/** In the built program, which no longer has the folders: what they were when it was built. */
declare const PROGRAM_DIGEST: string | undefined;

const FOLDERS = ['rewrite', 'policy', 'mysql', 'site'];
let digest: string | undefined;

/** Of the code itself: another version may rewrite, or compute a checksum, in another way. A number that somebody has
 *  to raise would be forgotten once; this costs a copy too many after each update. */
export function digestProgram(): string {
  digest ??=
    typeof PROGRAM_DIGEST === 'undefined' ? digestSources(join(import.meta.dirname, '..')) : PROGRAM_DIGEST;
  return digest;
}

/** For the build as well; `sources` is the folder `src`. */
export function digestSources(sources: string): string {
  return digestFolders(FOLDERS.map(name => join(sources, name)));
}
