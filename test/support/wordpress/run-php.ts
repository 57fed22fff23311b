// PHP programs inside a WordPress that bin/setup --with-php has unpacked into .runtime/wordpress. One copy of WordPress
// serves all environments; which one a process is (database, hosts, keys) stands in its environment variables.

import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { CACHE } from '../cache.ts';

const CORE = fileURLToPath(new URL('../../../.runtime/wordpress/core', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** What a wp-config.php says of its environment. */
export interface WordpressSettings {
  readonly socketPath: string;
  readonly database: string;
  readonly prefix: string;
  /** DOMAIN_CURRENT_SITE: of network 1. */
  readonly domain: string;
  readonly subdomains: boolean;
}

/** Why there is no real WordPress here; null: there is. */
export function whyNoWordpress(): string | null {
  const wanted = ['mysqli', 'mbstring', 'dom'];
  const php = execaSync('php', ['-r', 'echo implode(" ", get_loaded_extensions());'], { reject: false });
  if (php.failed) return 'there is no php; bin/setup --with-php installs it';
  const missing = wanted.filter(name => !php.stdout.split(' ').includes(name));
  if (missing.length > 0) return `php lacks ${missing.join(', ')}; bin/setup --with-php installs it`;
  return existsSync(join(CORE, 'wp-settings.php'))
    ? null
    : 'there is no WordPress in .runtime/wordpress; bin/setup --with-php puts it there, where there is apt-get';
}

/** Runs a script of this folder (or one with its whole path) with `task` as its argument; answers what it prints. */
export async function runPhp<T>(
  settings: WordpressSettings,
  script: string,
  task: unknown,
  { network = true }: { network?: boolean } = {},
): Promise<T> {
  const path = script.startsWith('/') ? script : join(HERE, script);
  const { flags, env } = await describeToPhp(settings, network);
  const { stdout } = await execa('php', [...flags, path, JSON.stringify(task)], { env });
  try {
    return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
  } catch (cause) {
    // A page in which WordPress says what is wrong.
    throw new Error(`${script} answered ${stdout.replaceAll(/<style.*?<\/style>|<[^>]*>|\s+/gs, ' ')}`, {
      cause,
    });
  }
}

export const ROUTER = join(HERE, 'router.php');
export { CORE as WORDPRESS_CORE };

/** What makes a PHP process this environment. */
export async function describeToPhp(
  settings: WordpressSettings,
  network = true,
): Promise<{ flags: string[]; env: Record<string, string> }> {
  folder ??= makeFolder();
  const contentDir = join(await folder, 'wp-content');
  const flags = [
    // What is broken has to be seen: warnings go to stderr, and not into what is printed or served.
    ...['display_errors=stderr', 'log_errors=0', 'memory_limit=256M', 'date.timezone=UTC'],
    // Compiling WordPress takes longer than most of what a process does with it.
    ...['opcache.enable_cli=1', `opcache.file_cache=${await folder}/opcache`],
  ];
  return {
    flags: flags.flatMap(flag => ['-d', flag]),
    env: {
      WFUWP_WORDPRESS_CORE: CORE,
      WFUWP_WORDPRESS_CONFIG: join(HERE, 'wp-config.php'),
      WFUWP_WORDPRESS: JSON.stringify({ ...settings, network, contentDir }),
    },
  };
}

let folder: Promise<string> | undefined;

/** wp-content with the theme, in which WordPress makes folders for uploads, and the compiled programs. Kept from run to
 *  run. */
async function makeFolder(): Promise<string> {
  const dir = join(CACHE, 'wordpress');
  for (const name of ['wp-content', 'opcache']) await mkdir(join(dir, name), { recursive: true });
  try {
    await symlink(join(HERE, 'themes'), join(dir, 'wp-content', 'themes'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return dir;
}
