// What takes a while to make and is the same for each run: in the checkout's .runtime/, so that nothing stays in the
// temporary directory, and whoever removes the checkout removes it all.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CACHE = fileURLToPath(new URL('../../.runtime/cache', import.meta.url));
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** The path of a file or folder that `make` makes, at the path that it is given, when there is none for this `key`, all
 *  that it depends on. */
export async function makeOnce(
  kind: string,
  key: string,
  make: (draft: string) => Promise<void>,
): Promise<string> {
  const name = `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
  const path = join(CACHE, name);
  if (!existsSync(path)) {
    await mkdir(CACHE, { recursive: true });
    await removeUnused(kind);
    // Renamed when complete: another process never sees the half of it.
    const folder = await mkdtemp(`${path}-draft-`);
    try {
      await make(join(folder, name));
      await rename(join(folder, name), path);
    } catch (error) {
      // Another process was faster; what it has made is as good as ours.
      if (!existsSync(path)) throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const now = new Date();
  await utimes(path, now, now);
  return path;
}

/** Of an earlier version of a server or generator, and drafts of processes that were killed. */
async function removeUnused(kind: string): Promise<void> {
  for (const name of await readdir(CACHE)) {
    if (!name.startsWith(`${kind}-`)) continue;
    const path = join(CACHE, name);
    // Somebody else's draft may be gone already.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}
