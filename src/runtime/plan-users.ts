import { MigrationError } from '../errors.ts';
import type { NetworkUser } from '../mysql/read-users.ts';
import type { PlanRequest } from '../phases/build-plan.ts';
import { matchUsers, type UserMatch } from '../phases/match-users.ts';
import type { Ends } from '../phases/read-ends.ts';
import { createPseudonyms } from '../policy/pseudonyms.ts';

/** Who is who, where users are merged. Throws `preflight_refused` when the source has no table of users: then every
 *  author would be nobody. */
export function planUserMatch(
  request: PlanRequest,
  { source, target }: Ends,
  pseudonymKey: string | null,
): UserMatch {
  if (!source.users) {
    const { database, tablePrefix } = request.source;
    throw new MigrationError(
      'preflight_refused',
      `The source has no table ${database}.${tablePrefix}users.`,
      {
        hint: 'Users can only be merged from there. Check tablePrefix, or set network.users to keep.',
      },
    );
  }
  const arriveAs = createArriveAs(request, source.staffIds ?? [], pseudonymKey);
  const arriving = source.users.map(user => (arriveAs ? { ...user, arrivesAs: arriveAs(user) } : user));
  return matchUsers(arriving, target.users ?? [], { addsUsers: !request.sitesOnly });
}

type ArriveAs = (user: NetworkUser) => { login: string; email: string };

/** What policy/anonymise-people.ts makes of a user: an earlier migration has left them so at the target. null: they
 *  arrive as they are. */
function createArriveAs(
  { treatment: { safety } }: PlanRequest,
  staffIds: readonly string[],
  pseudonymKey: string | null,
): ArriveAs | null {
  if (!safety?.rules.includes('anonymise_people')) return null;
  const { any, addressesIn, isStaff } = createPseudonyms(pseudonymKey, safety.staff);
  const staff = new Set(staffIds.map(Number));
  return ({ id, login, email }) => {
    if (staff.has(id) || isStaff(login) || isStaff(email)) return { login, email };
    return { login: login.includes('@') ? any(login) : login, email: addressesIn(email) };
  };
}
