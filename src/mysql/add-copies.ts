import type { RuleCount } from '../policy/row-rule.ts';
import { type CopyResult, countSourceRows } from './copy-table.ts';
import { addLeft } from './left-values.ts';
import { addChecksums } from './table-checksum.ts';

/** Of parts of one table that have no row in common, in the order of its rows: the result of copying it as a whole. */
export function addCopies(parts: readonly CopyResult[]): CopyResult {
  const changedByColumn = new Map<string, number>();
  for (const part of parts) {
    for (const [column, values] of Object.entries(part.changedByColumn))
      changedByColumn.set(column, (changedByColumn.get(column) ?? 0) + values);
  }
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const sourceRows = parts.reduce((sum, part) => sum + countSourceRows(part), 0);
  const treated = addCounts(parts.map(part => part.treated ?? []));
  return {
    rows,
    ...(sourceRows > rows ? { sourceRows } : {}),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    checksum: addChecksums(parts.map(part => part.checksum)),
    sourceChecksum: addChecksums(parts.map(part => part.sourceChecksum)),
    changedByColumn: Object.fromEntries(changedByColumn),
    left: addLeft(parts.map(part => part.left)),
    ...(treated.length > 0 ? { treated } : {}),
    ...addInside(parts),
  };
}

function addInside(parts: readonly CopyResult[]): Pick<CopyResult, 'rowsInside' | 'againTravelled'> {
  const rowsInside = parts.reduce((sum, part) => sum + (part.rowsInside ?? 0), 0);
  const againTravelled = parts.reduce((sum, part) => sum + (part.againTravelled ?? 0), 0);
  return { ...(rowsInside > 0 ? { rowsInside } : {}), ...(againTravelled > 0 ? { againTravelled } : {}) };
}

function addCounts(parts: readonly (readonly RuleCount[])[]): RuleCount[] {
  const sums = new Map<string, RuleCount>();
  for (const { rule, rows, values } of parts.flat()) {
    const known = sums.get(rule);
    sums.set(rule, { rule, rows: rows + (known?.rows ?? 0), values: values + (known?.values ?? 0) });
  }
  return [...sums.values()];
}
