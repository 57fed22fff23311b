// What goes wrong with the files of a run, in words. The system's own text ("ENOSPC: no space left on device, write")
// says neither what was being done nor what to do.

import { type ErrorCode, type ExitName, MigrationError } from '../errors.ts';

interface Explanation {
  readonly why: string;
  readonly code: ErrorCode;
  readonly exit: ExitName;
  readonly hint: string;
}

const ELSEWHERE = 'Name a folder that can be written to: --log-dir DIR';
const wrong = (why: string, hint = ELSEWHERE): Explanation => ({ why, code: 'usage', exit: 'usage', hint });
const gone = (why: string, hint: string): Explanation => ({ why, code: 'unknown', exit: 'lost', hint });
const full: Explanation = {
  why: 'the disk is full, or the quota is used up',
  code: 'space',
  exit: 'lost',
  hint: 'Free space there, then --resume ID.',
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: wrong('this user has no right to'),
  EPERM: wrong('this user has no right to'),
  EROFS: wrong('the file system can only be read'),
  ELOOP: wrong('a link stands in its place', 'Remove the link, or name another folder: --log-dir DIR'),
  ENOTDIR: wrong('a part of its path is no folder'),
  EISDIR: wrong('a folder stands in its place'),
  ENOTFILE: wrong('it is no ordinary file'),
  ENXIO: wrong('it is no ordinary file'),
  ENAMETOOLONG: wrong('its path is too long'),
  EEXIST: wrong('there is something of that name already'),
  EMFILE: gone('too many files are open', 'Raise the limit (ulimit -n), then --resume ID.'),
  ENOENT: gone('its folder has gone', 'Bring the folder back, then --resume ID.'),
  EIO: gone('the disk has failed', 'Look after the disk, then --resume ID.'),
  ESTALE: gone('the file system was taken away', 'Mount it again, then --resume ID.'),
};

/** Is it the system's, of a file, and known here? */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && code in EXPLANATIONS && (path !== undefined || syscall === 'write');
}

/** What the system says of a file, without what was being done. */
export function explainFileCause(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return EXPLANATIONS[code] ? `${EXPLANATIONS[code].why} (${code})` : message;
}

/** `doing`: what could not be done, as in "writing the journal". An error that is explained already stays as it is. */
export function explainFileError(error: unknown, doing: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known = EXPLANATIONS[code];
  const text = `${doing.slice(0, 1).toUpperCase()}${doing.slice(1)} failed: ${known ? `${known.why} (${code})` : message}.`;
  if (!known) return new MigrationError('unknown', text, { scope: 'migration', exit: 'lost', cause: error });
  return new MigrationError(known.code, text, {
    scope: 'migration',
    exit: known.exit,
    hint: known.hint,
    details: { errno: code },
    cause: error,
  });
}
