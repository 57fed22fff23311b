// What an existing wp-config.php already answers of the questions of `config init`.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrationError } from '../errors.ts';
import { ENVIRONMENT_NAME } from './environment-name.ts';
import { explainBadHost, isWildcard } from './host-entry.ts';
import { readWpConfig, type WpName, type WpSettings } from './read-wp-config.ts';
import { parseServerPlace, type ServerPlace } from './server-place.ts';

export interface DraftEnvironment {
  readonly name: string;
  /** The wp-config.php. */
  readonly file: string;
  readonly answers: {
    readonly server?: ServerPlace;
    readonly user?: string;
    readonly database?: string;
    readonly tablePrefix?: string;
    readonly mainHost?: string;
  };
  /** Why an answer is missing, a sentence each. */
  readonly gaps: readonly string[];
}

/** Names of environments whose files are given without one. */
const USUAL_NAMES = ['prod', 'stg'];

/** `entries` as on the command line: `NAME=FILE`, or `FILE`. */
export async function draftEnvironments(entries: readonly string[]): Promise<DraftEnvironment[]> {
  const drafts: DraftEnvironment[] = [];
  for (const entry of entries) {
    const taken = drafts.map(({ name }) => name);
    const { name, file } = splitEntry(entry, taken);
    if (taken.includes(name))
      throw new MigrationError('usage', `Two files are to be the environment "${name}".`, {
        hint: 'Name them: --from-wp-config prod=FILE --from-wp-config stg=FILE',
      });
    drafts.push(draftEnvironment(name, resolve(file), readWpConfig(await readText(file))));
  }
  return drafts;
}

function splitEntry(entry: string, taken: readonly string[]): { name: string; file: string } {
  const equals = entry.indexOf('=');
  const name = entry.slice(0, Math.max(0, equals));
  if (ENVIRONMENT_NAME.test(name)) return { name, file: entry.slice(equals + 1) };
  return { name: USUAL_NAMES.find(usual => !taken.includes(usual)) ?? 'prod', file: entry };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user has no right to',
  EISDIR: 'it is a folder',
};

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new MigrationError('usage', `Cannot read ${file}: ${REASONS[code] ?? message}.`, {
      hint: 'Name a wp-config.php: --from-wp-config prod=/srv/wp/wp-config.php',
      cause: error,
    });
  }
}

export function draftEnvironment(name: string, file: string, settings: WpSettings): DraftEnvironment {
  if (Object.keys(settings).length === 0)
    throw new MigrationError('usage', `${file} says nothing of a database: is it a wp-config.php?`, {
      hint: 'Where it includes another file, name that one.',
    });
  const gaps: string[] = [];
  /** undefined where it says none, or none that can be. */
  const take = <T>(setting: WpName, read: (text: string) => T | undefined): T | undefined => {
    const text = settings[setting];
    const value = typeof text === 'string' ? read(text) : undefined;
    if (value === undefined) gaps.push(explainGap(setting, text));
    return value;
  };
  const server = take('DB_HOST', parseWpHost);
  const user = take('DB_USER', keepText);
  const database = take('DB_NAME', keepText);
  const tablePrefix = take('$table_prefix', text => (/^\w+$/.test(text) ? text : undefined));
  const mainHost = take('DOMAIN_CURRENT_SITE', text =>
    isWildcard(text) || explainBadHost(text) !== undefined ? undefined : text,
  );
  return {
    ...{ name, file, gaps },
    answers: {
      ...(server && { server }),
      ...(user && { user }),
      ...(database && { database }),
      ...(tablePrefix && { tablePrefix }),
      ...(mainHost && { mainHost }),
    },
  };
}

function explainGap(setting: WpName, text: string | null | undefined): string {
  if (text === undefined) return `${setting} is not set there`;
  if (text === null) return `${setting} is no literal there`;
  return `${setting} is nothing that can be used`;
}

const keepText = (text: string): string | undefined => (text.trim() === '' ? undefined : text);

/** As WordPress takes DB_HOST apart: `host:port`, `host:/socket`, `host:port:/socket`. */
function parseWpHost(text: string): ServerPlace | undefined {
  const socket = text.indexOf(':/');
  return parseServerPlace(socket === -1 ? text : text.slice(socket + 1));
}
