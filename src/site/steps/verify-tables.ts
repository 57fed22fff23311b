import type { PlannedTable } from '../../migration/plan.ts';
import type { DefinedTable } from '../../mysql/known-columns.ts';
import type { Column } from '../../mysql/read-columns.ts';
import { NO_ROWS } from '../../mysql/row-filter.ts';
import { type SentTable, verifyTables as verifyStored } from '../../mysql/verify-tables.ts';
import { batchTables } from '../batch-tables.ts';
import type { Step, StepContext } from '../step.ts';

/** Of a table that copy_tables never told of; no checksum reads like this. */
const NOTHING = { rows: 0, checksum: 'nothing was copied' };

/** Holds what is in the staging database against what was sent: row counts, and a checksum of the rewritten
 *  content on both sides. */
export const verifyTables: Step = {
  name: 'verify_tables',
  readsOnly: true,
  async run(context) {
    const { task, verify, signal } = context;
    for (const batch of batchTables(task.tables)) {
      signal.throwIfAborted();
      const tables = await describeSent(batch, context);
      await context.watchTarget(target => verifyStored({ target, tables, mode: verify, signal }));
    }
    return undefined;
  },
};

async function describeSent(
  tables: readonly PlannedTable[],
  { plan, connections, knownColumns, copiedTables, stagedDefinitions, verify }: StepContext,
): Promise<SentTable[]> {
  const database = plan.target.staging;
  const names = tables.map(table => table.target);
  const describe = (columns: readonly (readonly Column[])[]): SentTable[] =>
    names.map((name, index) => ({
      table: { database, name },
      columns: columns[index] ?? [],
      sent: copiedTables.get(name) ?? NOTHING,
      // It has those of other tables, which are looked at themselves.
      ...(tables[index]!.kind === 'merge' ? { rowFilter: NO_ROWS } : {}),
    }));
  // Rows can be counted without.
  if (verify !== 'checksum') return describe([]);
  const target = await connections.target();
  const defined: DefinedTable[] = [];
  for (const name of names)
    defined.push({ name, definition: await stagedDefinitions.read(target, { database, name }) });
  return describe(await knownColumns.read(target, database, defined));
}
