import type { PlannedTable } from '../../migration/plan.ts';
import { type SentTable, verifyTables as verifyStored } from '../../mysql/verify-tables.ts';
import { batchTables } from '../batch-tables.ts';
import type { Step, StepContext } from '../step.ts';

/** Of a table that copy_tables never told of; no checksum reads like this. */
const NOTHING = { rows: 0, checksum: 'nothing was copied' };

/** Holds what is in the staging database against what was sent: row counts, and a checksum of the rewritten
 *  content on both sides. */
export const verifyTables: Step = {
  name: 'verify_tables',
  async run(context) {
    const { task, verify, signal } = context;
    for (const batch of batchTables(task.tables)) {
      signal.throwIfAborted();
      const tables: SentTable[] = [];
      for (const table of batch) tables.push(await describeSent(table, context));
      await context.watchTarget(target => verifyStored({ target, tables, mode: verify, signal }));
    }
    return undefined;
  },
};

async function describeSent(
  { target: name }: PlannedTable,
  { plan, connections, knownColumns, copiedTables, stagedDefinitions, verify }: StepContext,
): Promise<SentTable> {
  const table = { database: plan.target.staging, name };
  const sent = copiedTables.get(name) ?? NOTHING;
  // Rows can be counted without.
  if (verify !== 'checksum') return { table, columns: [], sent };
  const target = await connections.target();
  const definition = await stagedDefinitions.read(target, table);
  return { table, columns: await knownColumns.read(target, table, definition), sent };
}
