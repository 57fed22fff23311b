import { constants, renameSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { passKillPoint } from './kill-points.ts';

/** How much is written at once. */
const PIECE_BYTES = 256 * 1024;

/** Replaces a file in one step: a reader sees the old content or the new, never a part, also after a power cut. Many
 *  pieces of text cost no memory beside themselves. `prove` may throw right before that step: then the file stays. */
export async function writeFileAtomic(
  path: string,
  content: string | Iterable<string>,
  prove: () => void = () => {},
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await openTemporary(temporary);
  try {
    try {
      await file.writeFile(typeof content === 'string' ? content : encode(content));
      passKillPoint('mid snapshot');
      await file.sync();
    } finally {
      await file.close();
    }
    prove();
    // Nothing may come between the two.
    renameSync(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What a crash, or somebody else, has left under its name is removed and never written to: it may be a link. */
async function openTemporary(path: string): Promise<FileHandle> {
  await rm(path, { force: true });
  return open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o640);
}

/** As UTF-8. What it yields is overwritten by the next. */
function* encode(texts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const piece = new Uint8Array(PIECE_BYTES);
  let used = 0;
  for (let rest of texts) {
    while (rest !== '') {
      const { read, written } = encoder.encodeInto(rest, piece.subarray(used));
      used += written;
      rest = rest.slice(read);
      if (rest !== '') {
        yield piece.subarray(0, used);
        used = 0;
      }
    }
  }
  yield piece.subarray(0, used);
}
