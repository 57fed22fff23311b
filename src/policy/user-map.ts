import { createHash } from 'node:crypto';

/** Which user of the target a user of the source is. Says only what differs: an id that isn't in it stays. */
export interface UserMap {
  /** The highest id that the source had. Whoever has a higher one came later, and is nobody at the target. */
  readonly knownUpTo: number;
  /** From the source's id to the target's, in order. To NOBODY: the source has no such user, but the target has one,
   *  who must not get what somebody has left who was deleted at the source. */
  readonly ids: readonly (readonly [from: number, to: number])[];
}

/** WordPress's own author of what has none. */
export const NOBODY = 0;

/** Of who is who, without how many there are: that the source has a new user doesn't alter what was copied before. */
export function digestUserMap({ ids }: UserMap): string {
  return createHash('sha256').update(JSON.stringify(ids)).digest('hex');
}
