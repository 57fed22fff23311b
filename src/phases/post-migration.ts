import { MigrationError } from '../errors.ts';
import { readTask } from '../migration/state.ts';
import { taskOf } from '../migration/task-ids.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { checkForeignKeys } from './check-foreign-keys.ts';
import { flushCache } from './flush-cache.ts';
import { lookForDrift } from './look-for-drift.ts';
import type { Phase, PhaseContext } from './phase.ts';
import { probeAfter } from './probe-sites.ts';

/** Looks at both ends once more as a whole: what has changed at the source is told, and at the target every table of every completed site is live, and none is still staged. Then
 *  its cache is flushed, and only then its pages are asked for. */
export const postMigration: Phase = {
  name: 'post_migration',
  async run(context) {
    await lookForDrift(context);
    await checkTables(context);
    await checkForeignKeys(context);
    await flushCache(context);
    await probeAfter(context);
  },
};

async function checkTables({ plan, recorder, onTarget }: PhaseContext): Promise<void> {
  const ours = { prefix: plan.target.tablePrefix };
  const { live, staged } = await onTarget(async target => ({
    live: await readTableNames(target, plan.target.database, ours),
    staged: await readTableNames(target, plan.target.staging, ours),
  }));
  const wrong = plan.sites
    .map(site => ({ site, task: readTask(recorder.state, taskOf(site.siteId)) }))
    .filter(({ task }) => task.status === 'completed')
    .flatMap(({ site, task }) => task.amended?.tables ?? site.tables)
    .filter(table => !live.has(table.target) || staged.has(table.target))
    .map(table => table.target);
  if (wrong.length === 0) return;
  throw new MigrationError(
    'verification',
    `These tables should be live and aren't, or are still staged: ${wrong.slice(0, 10).join(', ')}.`,
    {
      scope: 'migration',
      hint: 'Look whether another program changed the target during the run.',
      details: { tables: wrong },
    },
  );
}
