import { tableOf } from '../migration/events.ts';
import { listTasks } from '../migration/state.ts';
import { rowIdOf } from '../migration/task-ids.ts';
import { forgetStaged } from '../mysql/staged-tables.ts';
import { dropTables } from '../mysql/swap-tables.ts';
import type { Phase } from './phase.ts';

/** Removes what this run left in the staging database, by the names that its journal has, and nothing else. The
 *  previous tables stay: they are what a rollback needs. */
export const cleanup: Phase = {
  name: 'cleanup',
  async run({ plan, recorder, onTarget, ownTables }) {
    for (const [taskId, unit] of listTasks(recorder.state)) {
      const left = unit.resources.filter(resource => resource.kind === 'staging_table');
      if (left.length === 0) continue;
      const names = ownTables.stagedAmong(left.map(tableOf));
      const { database, tablePrefix, staging } = plan.target;
      await onTarget(async target => {
        await dropTables(target, staging, names);
        await forgetStaged(target, staging, { database, tablePrefix, siteId: rowIdOf(taskId) });
      });
      ownTables.unstaged(names);
      await recorder.record({ type: 'resource.removed', taskId, resources: left });
    }
  },
};
