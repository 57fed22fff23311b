import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Who may write to a file says what its readers get. */
const WRITABLE_BY_OTHERS = 0o022;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user has no right to',
  EISDIR: 'it is a folder',
};

/** A path of the configuration: `~/` is the home of this user, all else relative to the configuration's folder. */
export function resolvePath(path: string, folder: string): string {
  return /^~(?:\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

/** Text of a file that a secret is taken from. Throws an Error with why it can't be, in words: `cannot be read from …`. */
export function readPrivateFile(file: string): string {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(file, 'utf8');
    mode = statSync(file).mode;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(`can't be read from ${file}: ${REASONS[code] ?? message}`, { cause: error });
  }
  if ((mode & WRITABLE_BY_OTHERS) !== 0 && process.platform !== 'win32')
    throw new Error(`is not taken from ${file}, as others may write to it; chmod go-w ${file}`);
  return text;
}
