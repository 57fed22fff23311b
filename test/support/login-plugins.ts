// Plugins that Debian keeps in its package mariadb-server, which the tests do without: it would start a service. Where they
// are unpacked into `.runtime/mariadb-plugins`, or installed, their tests run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = [
  fileURLToPath(new URL('../../.runtime/mariadb-plugins', import.meta.url)),
  '/usr/lib/mysql/plugin',
  '/usr/lib64/mysql/plugin',
  '/usr/lib64/mariadb/plugin',
];

/** For `--plugin-dir`; undefined: it is nowhere. */
export function findPluginFolder(plugin: string): string | undefined {
  return FOLDERS.find(folder => existsSync(join(folder, `${plugin}.so`)));
}

/** For the title of what is skipped without it. */
export function whyNoPlugin(plugin: string): string {
  if (findPluginFolder(plugin) !== undefined) return '';
  return ` (not tried: ${plugin}.so is neither in .runtime/mariadb-plugins nor installed)`;
}
