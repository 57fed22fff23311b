import { MigrationError } from '../errors.ts';
import { readTask } from '../migration/state.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { NETWORK_STEPS } from '../site/site-task.ts';
import { makeTask } from './make-task.ts';
import { noteAddresses } from './note-addresses.ts';
import type { Phase } from './phase.ts';

/** The network's own tables travel like a site: staged, rewritten, verified and swapped in as one. They come first, so
 *  that a site that is new to the target is known when its tables appear. */
export const networkTables: Phase = {
  name: 'network_tables',
  reasonToSkip: ({ plan, taskIds }) => {
    if (!plan.network) return '--sites-only';
    if (plan.network.tables.length === 0) return 'the source has no network tables';
    return taskIds.includes(NETWORK) ? null : 'not part of this resume';
  },
  async run(context) {
    const { plan, recorder, runSite, signal } = context;
    const outcome = await runSite(
      makeTask(recorder.state, NETWORK, plan.network?.tables ?? [], NETWORK_STEPS),
    );
    if (outcome === 'aborted') signal.throwIfAborted();
    if (outcome === 'completed') return await noteAddresses(context);
    const error = readTask(recorder.state, NETWORK).error;
    throw new MigrationError(
      error?.code ?? 'unknown',
      error?.message ?? 'The network tables were not migrated.',
      {
        scope: 'migration',
        hint: error?.hint ?? 'Read migration-progress.log of the run.',
      },
    );
  },
};
