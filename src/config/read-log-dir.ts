import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { type ConfigQuery, findConfig } from './find-config.ts';
import { resolvePath } from './read-private-file.ts';

/** `logDir` of the configuration, as an absolute path. null: it says nothing, or can't be read; whoever needs the rest of
 *  the file is told why. A run is found and told of whatever else is wrong there. */
export async function readLogDir(query: ConfigQuery): Promise<string | null> {
  try {
    const file = await findConfig(query);
    const { logDir } = parse(await readFile(file, 'utf8'), { logLevel: 'silent' }) as { logDir?: unknown };
    return typeof logDir === 'string' && logDir !== '' ? resolvePath(logDir, dirname(file)) : null;
  } catch {
    return null;
  }
}
