import { MigrationError } from '../errors.ts';
import { isOverFailureLimit } from '../migration/policy.ts';
import type { SiteId, StepName } from '../migration/words.ts';
import { CHANGED_SITE_STEPS, SITE_STEPS } from '../site/site-task.ts';
import { makeTask } from './make-task.ts';
import type { Phase, PhaseContext } from './phase.ts';

/** Every site that the run is about, several at once. A site that fails doesn't stop the others, until too many have. */
export const sites: Phase = {
  name: 'sites',
  reasonToSkip: ({ plan }) => (plan.sites.length === 0 ? '--network-only' : null),
  async run(context) {
    const { plan, siteIds, executor, signal, recorder } = context;
    const wanted = new Set<SiteId>(siteIds);
    const sites = plan.sites.filter(site => wanted.has(site.siteId));
    const tally = new Tally(context);
    const tasks = sites
      .values()
      .map(site => makeTask(recorder.state, site.siteId, site.tables, chooseSteps(context, site.siteId)));
    await executor.run(tasks, {
      mayStart: () => !signal.aborted && !tally.isOver,
      runTask: async task => tally.count(await context.runSite(task)),
      signal,
    });
    signal.throwIfAborted();
    if (tally.isOver) {
      const left = sites.length - tally.finished;
      throw new MigrationError(
        'too_many_failures',
        `${tally.failed} sites failed; ${left} were not started.`,
      );
    }
  },
};

/** A site whose copy was begun needs it: a resume doesn't look again. */
function chooseSteps({ policy, recorder }: PhaseContext, siteId: SiteId): readonly StepName[] {
  const isBegun = recorder.state.sites[siteId]?.steps.copy_tables !== undefined;
  return policy.onlyChanged && !isBegun ? CHANGED_SITE_STEPS : SITE_STEPS;
}

/** Of this run only: what failed in an earlier attempt doesn't count against a new one. */
class Tally {
  readonly #policy: PhaseContext['policy'];
  failed = 0;
  finished = 0;

  constructor({ policy }: PhaseContext) {
    this.#policy = policy;
  }

  count(outcome: Awaited<ReturnType<PhaseContext['runSite']>>): void {
    if (outcome === 'aborted') return;
    this.finished += 1;
    if (outcome === 'failed' || outcome === 'timeout') this.failed += 1;
  }

  get isOver(): boolean {
    return isOverFailureLimit(this.#policy.maxFailures, this.failed, this.finished);
  }
}
