import { tableOf } from '../migration/events.ts';
import type { PlannedTable } from '../migration/plan.ts';
import { finishedSteps } from '../migration/remaining-work.ts';
import { copiedChunks, copiedTables, type MigrationState, siteOf } from '../migration/state.ts';
import type { SiteId, StepName } from '../migration/words.ts';
import type { SiteTask } from '../site/site-task.ts';

/** The task for one unit of the plan, with all that earlier attempts have done of it. */
export function makeTask(
  state: Readonly<MigrationState>,
  siteId: SiteId,
  tables: readonly PlannedTable[],
  steps: readonly StepName[],
): SiteTask {
  const site = siteOf(state as MigrationState, siteId);
  const previous = site.resources.filter(resource => resource.kind === 'previous_table');
  return {
    siteId,
    tables: site.tables ?? tables,
    steps,
    attempt: site.attempts + 1,
    finished: finishedSteps(state, siteId),
    copied: copiedTables(site.steps.copy_tables),
    chunks: copiedChunks(site.steps.copy_tables),
    outgoing: site.steps.cut_over ? previous.map(tableOf) : null,
  };
}
