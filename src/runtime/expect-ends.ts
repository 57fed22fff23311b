// Whom the connections of a run must lead to: what its plan has noted, less what somebody has accepted.

import { MigrationError } from '../errors.ts';
import type { Plan } from '../migration/plan.ts';
import type { ServerAddress } from '../mysql/client.ts';
import type { ExpectedIdentity, ServerIdentity } from '../mysql/identity.ts';
import { isSameNetwork } from '../phases/mark-network.ts';

/** `--accept` codes. Only the server may be another one: of the source by its network's marks, of the target by the id
 *  row of its database it is known that all else is the same. */
export const ACCEPT_SOURCE_MOVED = 'source_moved';
export const ACCEPT_TARGET_MOVED = 'target_moved';
/** What the target's server says of the age of tables is not believed: its files were moved or copied. */
export const ACCEPT_REMADE = 'remade_tables';

type Noted = Pick<Plan, 'migrationId' | 'source' | 'target'>;

/** undefined: an older version has made the plan, and nobody knows. */
export function expectSource(
  { migrationId, source }: Noted,
  accept: readonly string[],
): ExpectedIdentity | undefined {
  return (
    source.identity && {
      ...expectServer(source.identity.server, accept, ACCEPT_SOURCE_MOVED),
      notedBy: migrationId,
    }
  );
}

/** `hasId`: the run has been at the target, so the database's id row must be there. */
export function expectTarget(
  { migrationId, target }: Noted,
  accept: readonly string[],
  { hasId }: { readonly hasId: boolean },
): ExpectedIdentity | undefined {
  const { identity, database } = target;
  return (
    identity && {
      ...expectServer(identity.server, accept, ACCEPT_TARGET_MOVED),
      notedBy: migrationId,
      ...(hasId ? { database: { name: database, id: identity.databaseId } } : {}),
    }
  );
}

function expectServer(
  noted: ServerIdentity,
  accept: readonly string[],
  code: string,
): Pick<ExpectedIdentity, 'server' | 'acceptBy'> {
  return { server: accept.includes(code) ? null : noted, acceptBy: `--accept ${code}` };
}

export function withIdentity(
  address: ServerAddress,
  identity: ExpectedIdentity | null | undefined,
): ServerAddress {
  return identity ? { ...address, identity } : address;
}

/** Whatever server the source is on by now, its network must be the one that was planned. */
export function refuseOtherNetwork({ migrationId, source }: Plan, found: Plan): void {
  if (!source.identity || isSameNetwork(source.identity.network, found.source.identity?.network ?? {}))
    return;
  throw new MigrationError(
    'preflight_refused',
    `The database ${source.database} of the source "${source.environment}" holds another network than when ` +
      `${migrationId} was planned: other sites by the same ids.`,
    { hint: 'Correct host, port and name in the configuration file, or start the migration anew.' },
  );
}
