// What a valid configuration says between the lines: settings that are each sound and together are not.
import { MigrationError } from '../errors.ts';
import type { Finding } from '../lib/finding.ts';
import { pairHosts } from './pair-hosts.ts';
import type { Config, DatabaseConfig, Environment } from './schema.ts';

/** Looks at every pair of these environments, both ways. Connects to nothing. */
export function reviewEnvironments(environments: readonly Environment[]): Finding[] {
  return environments.flatMap(source =>
    environments
      .filter(target => target !== source)
      .flatMap(target => [...findClashes(source, target), ...findUnpairedHosts(source, target)]),
  );
}

const USES = { name: 'the live database', staging: '"staging"', previous: '"previous"' } as const;

/** The databases that a migration into `target` makes, fills and empties must not be anybody else's. Compares what is
 *  written, in whatever case: some servers don't tell names apart by it. */
export function findClashes(other: Environment, target: Environment): Finding[] {
  if (!isSameServer(other.database, target.database)) return [];
  const used = Object.entries(USES).map(([key, use]) => ({
    use,
    name: other.database[key as keyof typeof USES].toLowerCase(),
  }));
  return (['staging', 'previous'] as const).flatMap(key => {
    const name = target.database[key];
    const clash = used.find(entry => entry.name === name.toLowerCase());
    if (!clash) return [];
    return [
      {
        code: 'databases_clash',
        outcome: 'failed' as const,
        message: `"${key}" of ${target.name} is ${clash.use} of ${other.name}: ${name}.`,
        hint: `Set environments.${target.name}.database.${key} to a database that nobody uses.`,
      },
    ];
  });
}

/** Is it, under this name or another, an environment that is protected? */
export function isProtected({ environments }: Config, target: Environment): boolean {
  return Object.values(environments).some(
    other =>
      other.protected &&
      isSameServer(other.database, target.database) &&
      other.database.name.toLowerCase() === target.database.name.toLowerCase(),
  );
}

/** What every other environment has against a migration into `target`. */
export function reviewTarget({ environments }: Config, target: Environment): Finding[] {
  return Object.values(environments)
    .filter(other => other !== target)
    .flatMap(other => findClashes(other, target));
}

function findUnpairedHosts(source: Environment, target: Environment): Finding[] {
  const way = `From ${source.name} to ${target.name}`;
  try {
    const { unpaired } = pairHosts(source.hosts, target.hosts);
    return unpaired.map(role => ({
      code: 'host_unpaired',
      outcome: 'warning',
      message: `${way}, ${source.hosts[role]} stays as it is: ${target.name} has no host "${role}".`,
      hint: `If it shall change, add environments.${target.name}.hosts.${role}.`,
    }));
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    return [{ code: 'hosts_conflict', outcome: 'failed', message: `${way}: ${error.message}` }];
  }
}

/** By what is written: two names of one server are told apart only by asking it. */
function isSameServer(one: DatabaseConfig, other: DatabaseConfig): boolean {
  if (one.socketPath !== undefined) return one.socketPath === other.socketPath;
  if (one.host?.toLowerCase() !== other.host?.toLowerCase() || one.port !== other.port) return false;
  // What is behind a tunnel may be named the same from here; "localhost" is another machine there.
  return !LOOPBACK.test(one.host ?? '') || one.ssh?.host.toLowerCase() === other.ssh?.host.toLowerCase();
}

const LOOPBACK = /^(?:localhost|127\.[\d.]+|::1)$/i;
