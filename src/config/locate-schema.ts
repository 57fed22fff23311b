import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The package's JSON Schema as an editor takes it in a comment of `file`: a path from there, or, as a comment can't
 *  hold blanks, a URL. undefined: it is not there. */
export async function locateSchema(folder: string, file: string): Promise<string | undefined> {
  const schema = join(folder, 'wfuwp.config.schema.json');
  const isThere = await access(schema).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const path = relative(dirname(resolve(file)), schema);
  return /\s/.test(path) ? pathToFileURL(schema).href : path;
}
