import { readColumns } from '../../mysql/read-columns.ts';
import { verifyTable } from '../../mysql/verify-table.ts';
import { skippedColumns } from '../skip-columns.ts';
import type { Step } from '../step.ts';

/** Of a table that copy_tables never told of; no checksum reads like this. */
const NOTHING = { rows: 0, checksum: 'nothing was copied' };

/** Holds what is in the staging database against what was sent: row counts, a checksum of the rewritten content on
 *  both sides, and no source host left that the rules would still rewrite. */
export const verifyTables: Step = {
  name: 'verify_tables',
  async run(context) {
    const { plan, task, connections, rewriter, verify, signal } = context;
    const target = await connections.target();
    const columns = await readColumns(
      target,
      plan.target.staging,
      task.tables.map(table => table.target),
    );
    for (const table of task.tables) {
      signal.throwIfAborted();
      const tableColumns = columns.get(table.target) ?? [];
      await verifyTable({
        target,
        table: { database: plan.target.staging, name: table.target },
        columns: tableColumns,
        expected: context.copiedTables.get(table.target) ?? NOTHING,
        mode: verify,
        rewriter,
        skipColumns: skippedColumns(plan, table, tableColumns),
        signal,
      });
    }
    return undefined;
  },
};
