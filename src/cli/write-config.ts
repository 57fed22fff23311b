import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MigrationError } from '../errors.ts';
import { writeFileAtomic } from '../lib/write-file-atomic.ts';
import { explainFileError } from '../migration/file-errors.ts';

/** Writes the whole file, or leaves what was there. Fails with `usage` where that can't be, and with `space`. */
export async function writeConfig(
  file: string,
  content: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  await refuseMissingFolder(dirname(file));
  // A link stays one.
  const place = await realpath(file).catch(() => file);
  try {
    await writeFileAtomic(place, content, () => {
      if (!overwrite && existsSync(place)) throw refuseToOverwrite(file);
    });
  } catch (error) {
    throw explainFailure(error, file);
  }
}

export function refuseToOverwrite(file: string): MigrationError {
  return new MigrationError('usage', `${file} is already there.`, { hint: 'Overwrite it with --force.' });
}

const ELSEWHERE = 'Name a file that can be written: --config FILE';

async function refuseMissingFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') throw explainFailure(found, folder);
    throw new MigrationError('usage', `There is no folder ${folder}.`, {
      hint: `Make it with: mkdir -p ${folder}`,
      cause: found,
    });
  }
}

/** The words that a run's files have, with a hint that fits here: there is no run to go on with. */
export function explainFailure(error: unknown, file: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const { code, message, exit, details } = explainFileError(error, `writing ${file}`);
  const isFull = code === 'space';
  return new MigrationError(isFull ? 'space' : 'usage', message, {
    hint: isFull ? `Free space there, or: ${ELSEWHERE}` : ELSEWHERE,
    exit: isFull ? exit : 'usage',
    details,
    cause: error,
  });
}
