// Opens files of a run's directory. What stands under their names may be anything by now: a link that leads elsewhere
// would have somebody else's file read or written, and a named pipe would keep the program waiting for ever.

import { constants, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Never through a link, and without waiting for the other end of a pipe. */
const SAFELY = O_NOFOLLOW | O_NONBLOCK;

/** Rejects unless it is an ordinary file. */
export async function openToRead(path: string): Promise<FileHandle> {
  return refuseStrange(await open(path, O_RDONLY | SAFELY), path);
}

/** Makes the file when it is missing. What it may be besides an ordinary file is up to the caller. */
export function openToAppend(path: string): Promise<FileHandle> {
  return open(path, O_WRONLY | O_APPEND | O_CREAT | SAFELY, 0o640);
}

export function openToAppendSync(path: string): number {
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | SAFELY, 0o640);
}

/** Rejects when there is something of that name. */
export function openNew(path: string): Promise<FileHandle> {
  return open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | SAFELY, 0o640);
}

export async function readWholeFile(path: string): Promise<string> {
  await using file = await openToRead(path);
  return await file.readFile('utf8');
}

/** Makes what was renamed or made in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, O_RDONLY | O_NONBLOCK);
  // Some file systems know no such thing.
  await folder.sync().catch(() => {});
}

async function refuseStrange(file: FileHandle, path: string): Promise<FileHandle> {
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error(`${path} is no ordinary file`), { code: 'ENOTFILE' });
}
