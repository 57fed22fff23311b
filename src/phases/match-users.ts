// Who is who: users of the source and of the target are the same person when their logins are, else when their e-mail
// addresses are. Pure; linear in the number of users.

import type { UserClash } from '../migration/plan.ts';
import type { NetworkUser } from '../mysql/read-users.ts';
import { NOBODY, type UserMap } from '../policy/user-map.ts';

/** A user of the source. */
export interface ArrivingUser extends NetworkUser {
  /** By what the target knows somebody who has been made a pseudonym on the way; absent: by the same. */
  readonly arrivesAs?: { readonly login: string; readonly email: string };
}

export interface UserMatch {
  readonly map: UserMap;
  /** Users of the source who are at the target already. */
  readonly matched: number;
  /** Users of the source who are new to the target. */
  readonly added: number;
  /** Of these, those whose id is somebody else's there. */
  readonly renumbered: number;
  readonly clashes: readonly UserClash[];
}

export interface MatchOptions {
  /** New users come along. Without them, what they have written is nobody's where their id is somebody else's. */
  readonly addsUsers: boolean;
}

/** Between the highest id and the first new one: for users who are made at the target while the migration runs. */
const SPARE_IDS = 1_000;

export function matchUsers(
  source: readonly ArrivingUser[],
  target: readonly NetworkUser[],
  { addsUsers }: MatchOptions,
): UserMatch {
  const { found, clashes } = findPersons(source, target);
  const highest = (users: readonly NetworkUser[]): number =>
    users.reduce((most, { id }) => Math.max(most, id), 0);
  const targetIds = new Set(target.map(user => user.id));
  const sourceIds = new Set(source.map(user => user.id));
  const ids: [number, number][] = [];
  let next = Math.max(highest(source), highest(target)) + SPARE_IDS;
  let renumbered = 0;
  for (const { id } of source) {
    const person = found.get(id);
    if (person !== undefined) {
      if (person.id !== id) ids.push([id, person.id]);
    } else if (targetIds.has(id)) {
      renumbered += 1;
      ids.push([id, addsUsers ? next : NOBODY]);
      // From the next migration on it is one of the target's.
      if (addsUsers) ids.push([next++, NOBODY]);
    }
  }
  for (const id of targetIds) if (!sourceIds.has(id)) ids.push([id, NOBODY]);
  return {
    map: { knownUpTo: highest(source), ids: ids.sort((a, b) => a[0] - b[0]) },
    matched: found.size,
    added: source.length - found.size,
    renumbered,
    clashes,
  };
}

interface Persons {
  /** By the source's id, the target's user. */
  readonly found: ReadonlyMap<number, NetworkUser>;
  readonly clashes: readonly UserClash[];
}

function findPersons(source: readonly ArrivingUser[], target: readonly NetworkUser[]): Persons {
  const found = new Map<number, NetworkUser>();
  const clashes: UserClash[] = [];
  const claimed = new Set<number>();
  const clash = (kind: UserClash['kind'], user: NetworkUser, other: NetworkUser): void => {
    const [sourceLogin, targetLogin] = [user.login, other.login];
    clashes.push({ kind, sourceId: user.id, sourceLogin, targetId: other.id, targetLogin });
  };
  const byLogin = indexUsers(target, user => foldLogin(user.login));
  for (const user of source) {
    const person = byLogin.get(foldLogin(user.login)) ?? byLogin.get(foldLogin(user.arrivesAs?.login ?? ''));
    if (!person || claimed.has(person.id)) continue;
    found.set(user.id, person);
    claimed.add(person.id);
    const emails = [user.email, user.arrivesAs?.email ?? ''].map(foldEmail).filter(Boolean);
    const email = foldEmail(person.email);
    if (emails.length > 0 && email !== '' && !emails.includes(email)) clash('other_email', user, person);
  }
  const byEmail = indexUsers(target, user => foldEmail(user.email));
  const [sourceShares, targetShares] = [countEmails(source), countEmails(target)];
  for (const user of source) {
    if (found.has(user.id)) continue;
    const email = foldEmail(user.email);
    const person = byEmail.get(email) ?? byEmail.get(foldEmail(user.arrivesAs?.email ?? ''));
    if (!person) continue;
    // An address that several have says nothing about who somebody is.
    const isShared =
      (sourceShares.get(email) ?? 0) > 1 || (targetShares.get(foldEmail(person.email)) ?? 0) > 1;
    clash(isShared || claimed.has(person.id) ? 'shared_email' : 'other_login', user, person);
    if (isShared || claimed.has(person.id)) continue;
    found.set(user.id, person);
    claimed.add(person.id);
  }
  return { found, clashes: clashes.sort((a, b) => a.sourceId - b.sourceId) };
}

/** Of those with the same key, the first: the one that WordPress itself finds. Nobody has an empty one. */
function indexUsers(
  users: readonly NetworkUser[],
  keyOf: (user: NetworkUser) => string,
): Map<string, NetworkUser> {
  const index = new Map<string, NetworkUser>();
  for (const user of users) {
    const key = keyOf(user);
    if (key !== '' && !index.has(key)) index.set(key, user);
  }
  return index;
}

function countEmails(users: readonly NetworkUser[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const user of users) {
    const email = foldEmail(user.email);
    counts.set(email, (counts.get(email) ?? 0) + 1);
  }
  return counts;
}

const MARKS = /\p{M}/gu;

/** As the collations of WordPress compare: without regard to case, accents and spaces at the end. */
const foldLogin = (login: string): string =>
  login.normalize('NFD').replaceAll(MARKS, '').toLowerCase().trim();
const foldEmail = (email: string): string => email.toLowerCase().trim();
