import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { MigrationError } from '../errors.ts';
import { registerName } from '../lib/mask-secrets.ts';
import { type ConfigQuery, findConfig } from './find-config.ts';
import { parseConfig } from './parse-config.ts';
import { formatProblems } from './problem.ts';
import type { Config, Environment } from './schema.ts';

/** Finds, reads and validates the configuration. Fails with `config_not_found`, or once with `config_invalid`
 *  that lists everything that is wrong in the file. Connects to nothing. */
export async function loadConfig(query: ConfigQuery): Promise<Config> {
  const file = await findConfig(query);
  const parsed = parseConfig(await readConfig(file), query.env);
  if ('problems' in parsed) {
    const { problems } = parsed;
    const shown = shortenPath(query.cwd, file);
    throw new MigrationError('config_invalid', formatProblems(shown, problems), {
      details: { file, problems },
    });
  }
  const { $schema: _, environments, ...settings } = parsed.settings;
  const config = { ...settings, file, environments: addNames(environments) };
  for (const name of listNames(config)) registerName(name);
  return config;
}

/** What is shown in clear, although some also take it for a password. */
function listNames({ file, environments }: Config): string[] {
  const ofEnvironments = Object.values(environments).flatMap(({ name, database, hosts }) => [
    ...[name, database.user, database.name, database.staging, database.previous],
    ...[database.host, database.socketPath, ...Object.values(hosts).flat()],
  ]);
  return [file, ...ofEnvironments].filter(name => name !== undefined);
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new MigrationError('config_invalid', `Cannot read ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function addNames(environments: Record<string, Omit<Environment, 'name'>>): Record<string, Environment> {
  return Object.fromEntries(
    Object.entries(environments).map(([name, section]) => [name, { name, ...section }]),
  );
}

/** As a user would type it: relative below the working directory, else absolute. */
function shortenPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
