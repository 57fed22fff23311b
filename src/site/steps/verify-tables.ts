import type { TableName } from '../../mysql/loader.ts';
import type { Column } from '../../mysql/read-columns.ts';
import { readDefinition } from '../../mysql/read-definition.ts';
import { verifyTable } from '../../mysql/verify-table.ts';
import type { Step, StepContext } from '../step.ts';

/** Of a table that copy_tables never told of; no checksum reads like this. */
const NOTHING = { rows: 0, checksum: 'nothing was copied' };

/** Holds what is in the staging database against what was sent: row counts, and a checksum of the rewritten
 *  content on both sides. */
export const verifyTables: Step = {
  name: 'verify_tables',
  async run(context) {
    const { plan, task, connections, verify, signal } = context;
    const target = await connections.target();
    for (const table of task.tables) {
      signal.throwIfAborted();
      const staged = { database: plan.target.staging, name: table.target };
      // Rows can be counted without.
      const columns = verify === 'checksum' ? await readColumnsOf(staged, context) : [];
      await verifyTable({
        target,
        table: staged,
        columns,
        expected: context.copiedTables.get(table.target) ?? NOTHING,
        mode: verify,
        signal,
      });
    }
    return undefined;
  },
};

async function readColumnsOf(
  staged: TableName,
  { connections, knownColumns }: StepContext,
): Promise<readonly Column[]> {
  const target = await connections.target();
  return knownColumns.read(target, staged, await readDefinition(target, staged));
}
