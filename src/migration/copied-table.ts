// What the journal says of a copied table, whichever version of the program wrote it.

import type { CopiedTable, LeftValues } from './events.ts';
import type { LeftReason } from './words.ts';

/** In journals of old: one value each, at most a hundred of a table; that there were more is not told by reason. */
interface LeftValue {
  readonly column: string;
  readonly key: string;
  readonly reason: LeftReason;
}

/** Counts one by one what an older version listed; what is counted already stays as it is. */
export function groupLeft(copied: CopiedTable): CopiedTable {
  const left = copied.left as readonly (LeftValues | LeftValue)[];
  if (!left.some(isSingle)) return copied;
  const groups = Map.groupBy(left.filter(isSingle), ({ column, reason }) => `${column} ${reason}`);
  return { ...copied, left: [...groups.values()].map(describeGroup) };
}

const isSingle = (left: LeftValues | LeftValue): left is LeftValue => 'key' in left;

function describeGroup(members: readonly LeftValue[]): LeftValues {
  const { column, reason } = members[0]!;
  return { column, reason, values: members.length, keys: members.map(member => member.key) };
}
