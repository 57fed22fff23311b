import { open, rename } from 'node:fs/promises';
import { passKillPoint } from './kill-points.ts';

/** Replaces a file in one step: a reader sees the old content or the new, never a part, also after a power cut. */
export async function writeFileAtomic(path: string, content: string | Iterable<string>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o640);
  try {
    await file.writeFile(content);
    passKillPoint('mid snapshot');
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
