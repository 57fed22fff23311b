import { MigrationError } from '../errors.ts';
import { explainFileError, isFileError } from '../migration/file-errors.ts';

/** In place of "EACCES: permission denied, open '…'", where no place nearer to it has said what was being done. Anything
 *  else is answered as it is. */
export function explainSystemError(thrown: unknown): unknown {
  if (thrown instanceof MigrationError || !isFileError(thrown)) return thrown;
  const { path, syscall = '' } = thrown;
  const { code, message, exit, details } = explainFileError(
    thrown,
    `${DEEDS[syscall] ?? syscall} ${path ?? ''}`.trim(),
  );
  return new MigrationError(code, message, { exit, details, hint: HINTS[exit] ?? '', cause: thrown });
}

const DEEDS: Readonly<Record<string, string>> = {
  open: 'opening',
  write: 'writing',
  read: 'reading',
  mkdir: 'making',
  rename: 'renaming',
  unlink: 'removing',
  rmdir: 'removing',
  scandir: 'reading',
  stat: 'looking at',
  lstat: 'looking at',
  access: 'looking at',
  copyfile: 'copying',
  fsync: 'writing',
};

const HINTS: Readonly<Record<string, string>> = {
  usage: 'Change its rights, or name another file or folder; then the same command again.',
  lost: 'Fix that, then the same command again.',
};
