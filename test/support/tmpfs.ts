// A small disk that can be filled: a file system in memory, mounted by a test.

import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Tmpfs extends AsyncDisposable {
  readonly path: string;
  /** Writes a file that leaves only so many bytes free. */
  fill(freeBytes?: number): Promise<void>;
  /** Removes that file. */
  free(): Promise<void>;
  /** Makes it bigger or smaller while it is in use. */
  resize(size: string): Promise<void>;
}

/** `size` as mount takes it: `400k`, `200m`; `inodes`: how many files there may be. */
export async function mountTmpfs(path: string, size: string, inodes?: number): Promise<Tmpfs> {
  await mkdir(path, { recursive: true });
  const options = `size=${size}${inodes === undefined ? '' : `,nr_inodes=${inodes}`}`;
  await execa('mount', ['-t', 'tmpfs', '-o', options, 'wfuwp-test', path]);
  const ballast = join(path, 'ballast');
  return {
    path,
    async fill(freeBytes = 0) {
      const { bavail, bsize } = await statfs(path);
      const pages = bavail - Math.ceil(freeBytes / bsize);
      try {
        await writeFile(ballast, Buffer.alloc(Math.max(0, pages) * bsize, 1));
      } catch (error) {
        // Somebody else has written as well: full it is.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    free: () => rm(ballast, { force: true }),
    async resize(newSize) {
      await execa('mount', ['-o', `remount,size=${newSize}`, path]);
    },
    async [Symbol.asyncDispose]() {
      // Lazily: a server that a failed test has left may still have files there.
      await execa('umount', ['-l', path]);
    },
  };
}

/** For the title of what is skipped where no file system can be mounted; empty: it can. */
export async function whyNoTmpfs(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wfuwp-tmpfs-'));
  try {
    await using _mounted = await mountTmpfs(path, '64k');
    return '';
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr || (error as Error).message;
    return ` (not tried: no file system can be mounted, ${reason})`;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}
