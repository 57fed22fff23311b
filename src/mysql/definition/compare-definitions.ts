import { describeDefinition } from './describe-definition.ts';
import { parseDefinition } from './parse-definition.ts';

export interface Difference {
  /** Such as `column url: default`. */
  readonly property: string;
  /** null: it says nothing of it. */
  readonly wanted: string | null;
  readonly found: string | null;
}

/** What a server has made of the definition that it was given, where that isn't what was asked for. Both as SHOW CREATE
 *  TABLE prints them; the table's name doesn't matter. */
export function compareDefinitions(wanted: string, found: string): Difference[] {
  const [one, other] = [wanted, found].map(text => describeDefinition(parseDefinition(text)));
  const properties = new Set([...one!.keys(), ...other!.keys()]);
  return [...properties]
    .map(property => ({
      property,
      wanted: one!.get(property) ?? null,
      found: other!.get(property) ?? null,
    }))
    .filter(difference => !isAlike(difference) && !isOfTheTarget(difference));
}

/** A CHECK without a name gets one from MySQL. */
const isAlike = ({ property, wanted, found }: Difference): boolean =>
  wanted === found ||
  (property.startsWith('check ') && wanted === '' && found !== null && !found.includes(' '));

/** What a server adds by its own rules, and takes nothing away by. */
const ADDED = new Set(['table: encryption', 'table: encrypted', 'table: encryption_key_id']);
const isOfTheTarget = ({ property, wanted }: Difference): boolean => wanted === null && ADDED.has(property);

/** In words, for people. */
export const describeDifference = ({ property, wanted, found }: Difference): string =>
  `${property} should be ${wanted ?? 'none'} and is ${found ?? 'none'}`;
