// How many connections a server takes of its user and of all, and what is said when it takes no more.

import { MigrationError } from '../errors.ts';
import type { SessionRole } from './session-variables.ts';

/** ER_CON_COUNT_ERROR: the server has as many as it takes. ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED: its user
 *  has, by the server's setting or the account's. */
const [OF_SERVER, ...OF_USER] = [1040, 1203, 1226];

export function isFull(error: unknown): error is MigrationError {
  const errno = error instanceof MigrationError ? Number(error.details.errno) : 0;
  return errno === OF_SERVER || OF_USER.includes(errno);
}

/** What servers said when they still let us in: one that is full can't be asked. By address and user; 0: no limit. */
const told = new Map<string, { readonly ofUser: number; readonly ofServer: number }>();

export function noteLimits(place: string, shown: ReadonlyMap<string, string>): void {
  const read = (name: string): number => Number(shown.get(name) ?? 0);
  told.set(place, { ofUser: read('max_user_connections'), ofServer: read('max_connections') });
}

/** The same error, with what to do about it. */
export function explainFull(error: MigrationError, place: string, role: SessionRole): MigrationError {
  const { name, most } = findLimit(error, place);
  const limit = most > 0 ? `${name}: ${most}` : name;
  const raise = 'or raise the limit. A run that this has stopped goes on with --resume ID.';
  return new MigrationError(error.code, error.message, {
    // Only the number of connections at once has to do with how many sites are in flight.
    hint: name.endsWith('connections')
      ? `All connections that the server allows are taken (${limit}). ${adviseConcurrency(most, role)}, ${raise}`
      : `The account has used up what it is allowed in an hour (${limit}): wait, ${raise}`,
    details: { ...error.details, limit: name },
    cause: error.cause,
  });
}

function findLimit(error: MigrationError, place: string): { readonly name: string; readonly most: number } {
  const { ofUser = 0, ofServer = 0 } = told.get(place) ?? {};
  if (error.details.errno === OF_SERVER) return { name: 'max_connections', most: ofServer };
  // The names are the same in every language: "… has exceeded the 'max_updates' resource (current value: 7)".
  const named = /'(max_\w+)'[^']*?(\d+)?\)?$/.exec(error.message);
  const name = named?.[1] ?? 'max_user_connections';
  return { name, most: Number(named?.[2] ?? (name === 'max_user_connections' ? ofUser : 0)) };
}

/** Besides those of sites, a run holds two connections to each server: at the source one that asks for its load, at the
 *  target the lease's and the ledger's, and a further one now and then at either. */
function adviseConcurrency(most: number, role: SessionRole): string {
  const perSite = role === 'source' ? 1 : 2;
  const takes = `A run takes 2 at the ${role}, and ${perSite} for each site in flight: start it with --concurrency`;
  return most > 0
    ? `${takes} ${Math.max(1, Math.floor((most - 2) / perSite))}`
    : `${takes} of a smaller number`;
}
