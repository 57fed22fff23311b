import type { PlannedTable } from '../migration/plan.ts';

/** Tables are asked about together until they are as large as this. Less: a round trip for each of a site's dozen
 *  small tables. More: one question takes so long that it looks like standing still. */
const BATCH_BYTES = 1_000_000;

/** The smallest tables first; a larger one than a batch alone. */
export function batchTables(tables: readonly PlannedTable[]): PlannedTable[][] {
  const batches: PlannedTable[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const table of tables.toSorted((a, b) => a.sizeBytes - b.sizeBytes)) {
    sizeBytes += table.sizeBytes;
    if (sizeBytes > BATCH_BYTES) {
      batches.push([]);
      sizeBytes = table.sizeBytes;
    }
    batches.at(-1)!.push(table);
  }
  return batches;
}
