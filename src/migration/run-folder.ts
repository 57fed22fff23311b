// The folder of a run is a real one, of the user who works on it. Whoever may put another in its place, or a link, could
// have the program write elsewhere, and could tell it that sites are done which aren't.

import type { Stats } from 'node:fs';
import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MigrationError } from '../errors.ts';
import { explainFileError } from './file-errors.ts';

const MODE = 0o750;

/** Makes the folder of a new run, and the one that holds the runs when it is missing. */
export async function makeRunFolder(path: string): Promise<void> {
  await doing(`making the run directory ${path}`, async () => {
    await makeFolders(dirname(resolve(path)));
    await proveLogFolder(dirname(path));
    await makeFolder(path);
    await proveOwn(path);
  });
}

/** Refuses a run's folder that is a link, or somebody else's. */
export async function proveRunFolder(path: string): Promise<void> {
  await doing(`opening the run directory ${path}`, async () => {
    await proveLogFolder(dirname(path));
    await proveOwn(path);
  });
}

/** Of a folder on the way that is missing. One level after the other: under /proc, and in other places that answer
 *  strangely, Node's own way to make them all never comes to an end. */
async function makeFolders(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found) break;
    // A link that leads nowhere isn't missing.
    if (await lstat(at).catch(() => null))
      throw Object.assign(new Error(`${at} leads nowhere`), { code: 'ELOOP' });
    missing.push(at);
    if (at === dirname(at)) break;
  }
  for (const folder of missing.reverse()) await makeFolder(folder);
}

/** The folder that holds the runs may be a link: people keep it on another disk. What it leads to must be a folder of
 *  this user, or of root, who could do anything anyway and may have made it for several users. */
async function proveLogFolder(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isDirectory()) throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
  if (found.uid !== 0) refuseForeign(path, found);
}

async function proveOwn(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) {
    throw new MigrationError('usage', `The run directory ${path} is a link.`, {
      hint: 'Name the folder in which it really is: --log-dir DIR',
    });
  }
  if (!found.isDirectory()) throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
  refuseForeign(path, found);
}

function refuseForeign(path: string, { uid }: Stats): void {
  const ours = process.geteuid?.();
  if (ours === undefined || uid === ours) return;
  throw new MigrationError('usage', `${path} belongs to another user (${uid}, and this is ${ours}).`, {
    hint: 'Run as that user, or name a folder of your own: --log-dir DIR',
    details: { path, uid },
  });
}

/** One that is there is fine. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: MODE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    // What holds it is there: it takes no folders, as /proc.
    throw Object.assign(new Error(`${dirname(path)} takes no folders`), { code: 'ENOTDIR' });
  }
}

async function doing(what: string, deed: () => Promise<void>): Promise<void> {
  try {
    await deed();
  } catch (error) {
    throw explainFileError(error, what);
  }
}
