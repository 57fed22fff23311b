import { MigrationError } from '../errors.ts';
import { isOverFailureLimit } from '../migration/policy.ts';
import { readTask } from '../migration/state.ts';
import { taskOf } from '../migration/task-ids.ts';
import type { StepName, TaskId, TaskStatus } from '../migration/words.ts';
import type { SiteOutcome } from '../site/run-site.ts';
import { addHookStep, CHANGED_SITE_STEPS, SITE_STEPS, type SiteTask } from '../site/site-task.ts';
import { flushAfterSite } from './flush-cache.ts';
import { makeTask } from './make-task.ts';
import type { Phase, PhaseContext } from './phase.ts';

/** Every site that the run is about, several at once. A site that fails doesn't stop the others, until too many have. */
export const sites: Phase = {
  name: 'sites',
  reasonToSkip: ({ plan }) => (plan.sites.length === 0 ? '--network-only' : null),
  async run(context) {
    const { plan, taskIds, executor, signal, recorder } = context;
    const wanted = new Set(taskIds);
    const sites = plan.sites.filter(site => wanted.has(taskOf(site.siteId)));
    const tally = new Tally(context);
    const tasks = sites
      .values()
      .map(({ siteId, tables }) =>
        makeTask(recorder.state, taskOf(siteId), tables, chooseSteps(context, taskOf(siteId))),
      );
    await executor.run(tasks, {
      mayStart: () => !signal.aborted && !tally.isOver,
      runTask: async task => tally.count(await runWithHook(task, context)),
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
function chooseSteps({ policy, recorder, hooks }: PhaseContext, taskId: TaskId): readonly StepName[] {
  const isBegun = readTask(recorder.state, taskId).steps.copy_tables !== undefined;
  const steps = policy.onlyChanged && !isBegun ? CHANGED_SITE_STEPS : SITE_STEPS;
  return hooks.has('before_site') ? addHookStep(steps) : steps;
}

/** The site, and after it its hook: also when it has failed so badly that the whole run stops. */
async function runWithHook(task: SiteTask, context: PhaseContext): Promise<SiteOutcome> {
  const { runSite, recorder } = context;
  try {
    return await runSite(task);
  } finally {
    const { status } = readTask(recorder.state, task.taskId);
    if (status === 'completed' || status === 'failed' || status === 'timeout')
      await afterSite(context, task.taskId, status);
  }
}

async function afterSite(context: PhaseContext, taskId: TaskId, status: TaskStatus): Promise<void> {
  const { hooks, signal } = context;
  try {
    await flushAfterSite(context, taskId);
    await hooks.runForSite('after_site', taskId, status, signal);
  } catch (error) {
    ignoreFailure(error);
  }
}

/** The site is what it is; the hook's failure is in the journal, and told in the end. */
function ignoreFailure(error: unknown): void {
  if (!(error instanceof MigrationError) || (error.code !== 'hook' && error.code !== 'interrupted'))
    throw error;
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
