import { findClosest } from '../lib/find-closest.ts';
import { readMyCnf } from './read-my-cnf.ts';
import { readPrivateFile, resolvePath } from './read-private-file.ts';

type Section = Record<string, unknown>;

/** Puts into each `database` with `myCnf` what it doesn't say itself and the option file does. `value` is the file as it
 *  was parsed: whatever is wrong in it the validation will tell. */
export function fillFromMyCnf(
  value: unknown,
  folder: string,
  report: (path: readonly PropertyKey[], message: string) => void,
): void {
  const environments = asSection(asSection(value)?.environments) ?? {};
  for (const [name, environment] of Object.entries(environments)) {
    const database = asSection(asSection(environment)?.database);
    const myCnf = asSection(database?.myCnf);
    if (!database || !myCnf) continue;
    const { file = '~/.my.cnf', group = 'client' } = myCnf;
    if (typeof file !== 'string' || typeof group !== 'string') continue;
    const complain = (message: string): void => report(['environments', name, 'database', 'myCnf'], message);
    try {
      const path = resolvePath(file, folder);
      const groups = readMyCnf(readPrivateFile(path));
      const options = groups.get(group);
      if (options) fill(database, options);
      else complain(explainMissing(group, path, [...groups.keys()]));
    } catch (error) {
      complain((error as Error).message);
    }
  }
}

function asSection(value: unknown): Section | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Section)
    : undefined;
}

function explainMissing(group: string, path: string, known: readonly string[]): string {
  const closest = findClosest(group, known);
  const guess =
    closest === undefined ? `its groups: ${known.join(', ') || 'none'}` : `did you mean "${closest}"?`;
  return `there is no group [${group}] in ${path}; ${guess}`;
}

function fill(database: Section, options: ReadonlyMap<string, string>): void {
  const take = (key: string, option: string): void => {
    const value = options.get(option);
    if (value !== undefined && !Object.hasOwn(database, key)) database[key] = value;
  };
  take('user', 'user');
  take('password', 'password');
  if (Object.hasOwn(database, 'socketPath')) return;
  const isFar = Object.hasOwn(database, 'host') || Object.hasOwn(database, 'ssh');
  // As the clients do: a socket counts where no other machine is named.
  const isElsewhere = !/^(?:localhost)?$/i.test(options.get('host') ?? '');
  if (!isFar && options.has('socket') && !isElsewhere) {
    take('socketPath', 'socket');
    return;
  }
  take('host', 'host');
  take('port', 'port');
}
