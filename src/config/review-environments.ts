// What a valid configuration says between the lines: settings that are each sound and together are not.
import { MigrationError } from '../errors.ts';
import type { Finding } from '../lib/finding.ts';
import { pairHosts } from './pair-hosts.ts';
import type { DatabaseConfig, Environment } from './schema.ts';

/** Looks at every pair of these environments, both ways. Connects to nothing. */
export function reviewEnvironments(environments: readonly Environment[]): Finding[] {
  return environments.flatMap(source =>
    environments
      .filter(target => target !== source)
      .flatMap(target => [...findClashes(source, target), ...findUnpairedHosts(source, target)]),
  );
}

/** The databases that a migration into `target` makes and fills must not be anybody's live one. */
function findClashes(other: Environment, target: Environment): Finding[] {
  if (!isSameServer(other.database, target.database)) return [];
  return (['staging', 'previous'] as const)
    .filter(key => target.database[key] === other.database.name)
    .map(key => ({
      code: 'databases_clash',
      outcome: 'failed',
      message: `"${key}" of ${target.name} is the live database of ${other.name}: ${other.database.name}.`,
      hint: `Set environments.${target.name}.database.${key} to a database that nobody uses.`,
    }));
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
  return one.host?.toLowerCase() === other.host?.toLowerCase() && one.port === other.port;
}
