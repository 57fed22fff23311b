// oclif's hook `init`: before every command, and before help. What a command has done is done, whether or not anybody can
// read of it: a full disk behind stdout must neither end a migration nor look like a bug.

import { EXIT_CODES } from '../errors.ts';
import { writeLines } from '../lib/show-lines.ts';
import { explainFileCause } from '../migration/file-errors.ts';

let isTold = false;

export default async function watchOutput(): Promise<void> {
  // oclif's own listener throws where nobody can catch it.
  process.stdout.removeAllListeners('error').on('error', tell);
  process.stderr.on('error', () => {});
}

/** A reader who has gone, as `head` goes, wants the rest no more. */
function tell(error: NodeJS.ErrnoException): void {
  if (isTold || error.code === 'EPIPE') return;
  isTold = true;
  writeLines(process.stderr, [`Not all of the output could be written: ${explainFileCause(error)}.`]);
  process.on('exit', exitCode => {
    if (exitCode === 0) process.exitCode = EXIT_CODES.partial.exitCode;
  });
}
