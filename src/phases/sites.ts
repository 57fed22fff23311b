import { MigrationError } from '../errors.ts';
import { isOverFailureLimit } from '../migration/policy.ts';
import { countSites } from '../migration/state.ts';
import { SITE_STEPS, type SiteTask } from '../site/site-task.ts';
import type { Phase, PhaseContext } from './phase.ts';

/** Every site of the plan, several at once. A site that fails doesn't stop the others, until too many have. */
export const sites: Phase = {
  name: 'sites',
  reasonToSkip: ({ plan }) => (plan.sites.length === 0 ? '--network-only' : null),
  async run(context) {
    const { plan, executor, signal } = context;
    const tasks: SiteTask[] = plan.sites.map(site => ({
      siteId: site.siteId,
      tables: site.tables,
      steps: SITE_STEPS,
      attempt: 1,
      finished: {},
    }));
    await executor.run(tasks, {
      mayStart: () => !signal.aborted && !hasTooManyFailures(context),
      runTask: async task => {
        await context.runSite(task);
      },
    });
    signal.throwIfAborted();
    if (hasTooManyFailures(context)) {
      const { failed, timeout, pending } = countSites(context.recorder.state);
      throw new MigrationError(
        'too_many_failures',
        `${failed + timeout} sites failed; ${pending} were not started.`,
      );
    }
  },
};

function hasTooManyFailures({ recorder, policy }: PhaseContext): boolean {
  const { failed, timeout, completed } = countSites(recorder.state);
  return isOverFailureLimit(policy.maxFailures, failed + timeout, failed + timeout + completed);
}
