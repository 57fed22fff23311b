import { MigrationError } from '../../errors.ts';
import { nameSite } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import { writePreviousOwner } from '../../mysql/previous-owners.ts';
import { discardTables } from '../../mysql/swap-tables.ts';
import { listSiteTables } from '../site-tables.ts';
import type { Step } from '../step.ts';

/** After the cutover: the site is live as a whole. With --skip-backup the previous tables go now, and not before. */
export const checkSite: Step = {
  name: 'check_site',
  readsOnly: true,
  async run(context) {
    const { plan, task, connections } = context;
    const target = await connections.target();
    const names = task.tables.map(table => table.target);
    const live = await readTableNames(target, plan.target.database, names);
    const missing = names.filter(name => !live.has(name));
    if (missing.length > 0) {
      throw new MigrationError(
        'verification',
        `After the cutover of ${nameSite(task.siteId)} these tables are not live: ${missing.join(', ')}.`,
        {
          hint: `Look whether another program renamed or dropped them in ${plan.target.database}.`,
        },
      );
    }
    if (!context.skipBackup) return undefined;
    const previous = await listSiteTables(target, plan.target.previous, plan, task);
    if (previous.length > 0) {
      await context.removed(
        previous.map(table => ({ kind: 'previous_table', name: `${plan.target.previous}.${table}` })),
      );
      const { siteId } = task;
      const { migrationId } = plan;
      await context.useFence(async fence => {
        const { previous: database } = plan.target;
        await writePreviousOwner(target, database, { siteId, migrationId, state: 'removed' }, fence);
        await discardTables(target, { database, tables: previous, fence });
      });
    }
    return undefined;
  },
};
