import { MigrationError } from '../../errors.ts';
import { NETWORK, rowIdOf } from '../../migration/task-ids.ts';
import { nameTask } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import { writePreviousOwner } from '../../mysql/previous-owners.ts';
import { discardTables } from '../../mysql/swap-tables.ts';
import { proveRows } from '../staged-proof.ts';
import type { Step, StepContext } from '../step.ts';

/** After the cutover: the site is live as a whole. With --skip-backup the previous tables go now, and not before. */
export const checkSite: Step = {
  name: 'check_site',
  readsOnly: true,
  async run(context) {
    const { plan, task, connections, ownTables } = context;
    const target = await connections.target();
    const names = task.tables.map(table => table.target);
    const live = await readTableNames(target, plan.target.database, names);
    const missing = names.filter(name => !live.has(name));
    if (missing.length > 0) {
      throw new MigrationError(
        'verification',
        `After the cutover of ${nameTask(task.taskId)} these tables are not live: ${missing.join(', ')}.`,
        {
          hint: `Look whether another program renamed or dropped them in ${plan.target.database}.`,
        },
      );
    }
    if (ownTables.isMeddledWith || context.finished.cut_over?.isUnsure === true) await proveLive(context);
    const owner = ownTables.ownerOf(rowIdOf(task.taskId));
    if (!context.skipBackup || owner?.migrationId !== plan.migrationId) return undefined;
    const { previous: database } = plan.target;
    const kept = await readTableNames(target, database, owner.tables ?? []);
    const previous = await ownTables.listKept(target, owner, [...kept]);
    if (previous.length > 0) {
      await context.removed(
        previous.map(table => ({ kind: 'previous_table', role: 'kept', name: `${database}.${table}` })),
      );
      const siteId = rowIdOf(task.taskId);
      const { migrationId } = plan;
      await context.useFence(async fence => {
        const line = { siteId, migrationId, state: 'removed', tables: previous } as const;
        await writePreviousOwner(target, database, line, fence);
        await discardTables(target, { database, tables: previous, fence });
      });
    }
    return undefined;
  },
};

/** Somebody has written to tables of this run while they were staged, and may have done so in the moment between the
 *  proof and the swap. Rows that were merged in were never sent, and can't be held against anything. */
async function proveLive(context: StepContext): Promise<void> {
  const { plan, task } = context;
  if (task.taskId === NETWORK) return;
  try {
    await proveRows(context, 'live');
  } catch (error) {
    if (!(error instanceof MigrationError) || error.code !== 'verification') throw error;
    throw new MigrationError(
      'verification',
      `${nameTask(task.taskId)} is live, but its rows are not those that were proven: ${error.message}`,
      {
        hint:
          `Somebody writes to tables in ${plan.target.staging}, or the site was written to since it is live. ` +
          `To go back: wfuwp env-migrate rollback ${plan.migrationId} --sites ${task.taskId}`,
        details: error.details,
        cause: error,
      },
    );
  }
}
