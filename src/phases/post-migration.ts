import { MigrationError } from '../errors.ts';
import { readTableNames } from '../mysql/catalog.ts';
import type { Phase } from './phase.ts';

/** Looks at the target once more as a whole: every table of every completed site is live, and none is still staged. */
export const postMigration: Phase = {
  name: 'post_migration',
  async run({ plan, recorder, onTarget }) {
    const ours = { prefix: plan.target.tablePrefix };
    const { live, staged } = await onTarget(async target => ({
      live: await readTableNames(target, plan.target.database, ours),
      staged: await readTableNames(target, plan.target.staging, ours),
    }));
    const wrong = plan.sites
      .filter(site => recorder.state.sites[site.siteId]?.status === 'completed')
      .flatMap(site => site.tables)
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
  },
};
