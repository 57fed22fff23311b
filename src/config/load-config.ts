import { open } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { MigrationError } from '../errors.ts';
import type { Finding } from '../lib/finding.ts';
import { registerName } from '../lib/mask-secrets.ts';
import { type ConfigQuery, findConfig } from './find-config.ts';
import { parseConfig } from './parse-config.ts';
import { formatProblems } from './problem.ts';
import type { Config, Environment } from './schema.ts';

/** Finds, reads and validates the configuration. Fails with `config_not_found`, or once with `config_invalid`
 *  that lists everything that is wrong in the file. Connects to nothing. */
export async function loadConfig(query: ConfigQuery): Promise<Config> {
  const file = await findConfig(query);
  const { text, mode } = await readConfig(file);
  const parsed = parseConfig(text, query.env, dirname(file));
  const shown = shortenPath(query.cwd, file);
  if ('problems' in parsed) {
    const { problems } = parsed;
    throw new MigrationError('config_invalid', formatProblems(shown, problems), {
      details: { file, problems },
    });
  }
  const { $schema: _, environments, ...settings } = parsed.settings;
  const findings = judgeMode(shown, mode, parsed.openSecrets);
  const config = { ...settings, file, findings, environments: addNames(environments, dirname(file)) };
  for (const name of listNames(config)) registerName(name);
  return config;
}

/** What is shown in clear, although some also take it for a password. */
function listNames({ file, environments }: Config): string[] {
  const ofEnvironments = Object.values(environments).flatMap(({ name, database, hosts }) => [
    ...[name, database.user, database.name, database.staging, database.previous],
    ...[database.host, database.socketPath, database.ssh?.host, ...Object.values(hosts).flat()],
  ]);
  return [file, ...ofEnvironments].filter(name => name !== undefined);
}

const READABLE_BY_OTHERS = 0o044;

/** On Windows the mode says nothing. */
function judgeMode(file: string, mode: number, openSecrets: readonly string[]): Finding[] {
  const isOpen = (mode & READABLE_BY_OTHERS) !== 0 && process.platform !== 'win32';
  if (!isOpen || openSecrets.length === 0) return [];
  return [
    {
      code: 'secrets_readable',
      outcome: 'warning',
      message: `Others on this machine may read ${file}, and it holds secrets as they are: ${openSecrets.join(', ')}.`,
      hint: `chmod 600 ${file}, or refer to an environment variable there: "\${NAME}"`,
    },
  ];
}

async function readConfig(file: string): Promise<{ text: string; mode: number }> {
  try {
    await using handle = await open(file);
    const { mode } = await handle.stat();
    return { text: await handle.readFile('utf8'), mode };
  } catch (error) {
    throw new MigrationError('config_invalid', `Cannot read ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function addNames(
  environments: Record<string, Omit<Environment, 'name' | 'folder'>>,
  folder: string,
): Record<string, Environment> {
  return Object.fromEntries(
    Object.entries(environments).map(([name, section]) => [name, { name, folder, ...section }]),
  );
}

/** As a user would type it: relative below the working directory, else absolute. */
function shortenPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
