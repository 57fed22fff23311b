import type { CopyResult } from './copy-table.ts';
import { addLeft } from './left-values.ts';
import { addChecksums } from './table-checksum.ts';

/** Of parts of one table that have no row in common, in the order of its rows: the result of copying it as a whole. */
export function addCopies(parts: readonly CopyResult[]): CopyResult {
  const changedByColumn: Record<string, number> = {};
  for (const part of parts) {
    for (const [column, values] of Object.entries(part.changedByColumn))
      changedByColumn[column] = (changedByColumn[column] ?? 0) + values;
  }
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    checksum: addChecksums(parts.map(part => part.checksum)),
    sourceChecksum: addChecksums(parts.map(part => part.sourceChecksum)),
    changedByColumn,
    left: addLeft(parts.map(part => part.left)),
    ...addInside(parts),
  };
}

function addInside(parts: readonly CopyResult[]): Pick<CopyResult, 'rowsInside' | 'againTravelled'> {
  const rowsInside = parts.reduce((sum, part) => sum + (part.rowsInside ?? 0), 0);
  const againTravelled = parts.reduce((sum, part) => sum + (part.againTravelled ?? 0), 0);
  return { ...(rowsInside > 0 ? { rowsInside } : {}), ...(againTravelled > 0 ? { againTravelled } : {}) };
}
