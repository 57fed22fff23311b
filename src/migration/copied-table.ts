// What the journal says of a copied table, whichever version of the program wrote it.

import type { CopiedChunk, CopiedTable, LeftValues } from './events.ts';
import { listParts, type StepState } from './fold-task.ts';
import type { LeftReason } from './words.ts';

/** The tables that are complete in staging, of what copy_tables has said. */
export function copiedTables(step: StepState | undefined): readonly CopiedTable[] {
  return (listParts(step) as readonly CopiedTable[]).filter(part => part.within === undefined);
}

/** The parts of big tables that are in staging, of those that aren't complete there. */
export function copiedChunks(step: StepState | undefined): readonly CopiedChunk[] {
  return (listParts(step) as readonly CopiedChunk[]).filter(part => part.within !== undefined);
}

export function keyOfChunk({ table, from, to }: Pick<CopiedChunk, 'table' | 'from' | 'to'>): string {
  return `${table} from ${from ?? 'the beginning'} to ${to ?? 'the end'}`;
}

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
