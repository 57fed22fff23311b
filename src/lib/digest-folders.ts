import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 over the names and the content of all files in the folders and below them. */
export function digestFolders(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
      const content = readFileSync(file);
      hash.update(`${file.slice(folder.length)} ${content.length}\n`).update(content);
    }
  }
  return hash.digest('base64url');
}
