// What happens to one site: its steps in order, each with its attempts, all under one deadline. Whatever goes wrong,
// the live tables stay as they were until the one statement of cut_over, and nobody else's work is touched.

import { MigrationError, toErrorRecord } from '../errors.ts';
import type { MigrationEvent, Resource, StepData, Tick } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import { nameSite, type StepName } from '../migration/words.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { dropTables } from '../mysql/swap-tables.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { backoffMs, wait } from './retry.ts';
import { type Servers, SiteConnections } from './site-connections.ts';
import type { SiteTask } from './site-task.ts';
import { stagingResources } from './staging.ts';
import type { StepContext } from './step.ts';
import { stepNamed } from './steps.ts';

export interface SiteRun {
  readonly plan: Plan;
  readonly policy: RunPolicy;
  readonly servers: Servers;
  readonly rewriter: Rewriter;
  /** Resolves when the event is on the disk: a deed waits for it. */
  report(event: MigrationEvent): Promise<void>;
  tick(tick: Tick): void;
  /** Aborts when the run drains or its lock is lost: the site lets go of what it does, unless it is being swapped in. */
  readonly signal: AbortSignal;
}

export type SiteOutcome = 'completed' | 'failed' | 'timeout' | 'aborted';

/** Runs the task to its end and reports it. Rejects only with an error of scope `migration`, after the site itself
 *  has been reported as failed. */
export async function runSite(task: SiteTask, run: SiteRun): Promise<SiteOutcome> {
  const { siteId } = task;
  const deadline = AbortSignal.timeout(run.policy.timeoutMs);
  const signal = AbortSignal.any([run.signal, deadline]);
  await using connections = new SiteConnections(run.servers);
  const finished = new Map(Object.entries(task.finished) as [StepName, StepData][]);
  await run.report({ type: 'site.started', siteId, attempt: task.attempt });
  try {
    for (const name of task.steps) {
      if (!finished.has(name))
        finished.set(name, await runStep(name, task, run, connections, signal, finished));
    }
    await run.report({ type: 'site.completed', siteId, ...addUp(finished.get('copy_tables')) });
    return 'completed';
  } catch (thrown) {
    await connections.discard();
    await removeStaging(task, run, connections, finished);
    return reportEnd(thrown, task, run, deadline);
  }
}

async function reportEnd(
  thrown: unknown,
  task: SiteTask,
  run: SiteRun,
  deadline: AbortSignal,
): Promise<SiteOutcome> {
  const { siteId } = task;
  if (run.signal.aborted) {
    await run.report({ type: 'site.aborted', siteId, reason: toErrorRecord(run.signal.reason).message });
    return 'aborted';
  }
  if (deadline.aborted) {
    const minutes = run.policy.timeoutMs / 60_000;
    const error = new MigrationError(
      'timeout',
      `${nameSite(siteId)} took longer than its ${minutes} minutes.`,
      { cause: thrown },
    );
    await run.report({ type: 'site.timed_out', siteId, error: toErrorRecord(error) });
    return 'timeout';
  }
  await run.report({ type: 'site.failed', siteId, error: toErrorRecord(thrown) });
  if (thrown instanceof MigrationError && thrown.scope === 'migration') throw thrown;
  return 'failed';
}

/** The step's attempts. Answers what the step left for later ones. */
async function runStep(
  name: StepName,
  task: SiteTask,
  run: SiteRun,
  connections: SiteConnections,
  signal: AbortSignal,
  finished: ReadonlyMap<StepName, StepData>,
): Promise<StepData> {
  const { siteId } = task;
  const step = stepNamed(name);
  const context: StepContext = {
    plan: run.plan,
    task,
    connections,
    rewriter: run.rewriter,
    verify: run.policy.verify,
    skipBackup: run.policy.skipBackup,
    signal,
    dataOf<T extends StepData>(other: StepName): T {
      const data = finished.get(other);
      if (!data)
        throw new Error(`${name} of ${nameSite(siteId)} needs what ${other} left, and it has not run`);
      return data as T;
    },
    tick: tick => run.tick({ siteId, step: name, ...tick }),
    removed: resources => run.report({ type: 'resource.removed', siteId, resources }),
  };
  for (let attempt = 1; ; attempt += 1) {
    const resources = step.resources?.(context) ?? [];
    const started = run.report({
      type: 'step.started',
      siteId,
      step: name,
      attempt,
      ...(resources.length > 0 ? { resources } : {}),
    });
    try {
      // Journal before deed: only a step that makes nothing may begin while its line is still on its way.
      if (resources.length > 0) await started;
      signal.throwIfAborted();
      const done = (await step.isDone?.(context)) ?? false;
      const running = done ? undefined : step.run(context);
      const data = await (step.uninterruptible ? running : abortable(running, connections, signal));
      await started;
      // Not waited for: nothing is done on its strength. A journal that can't be written fails the next report.
      run.report({ type: 'step.completed', siteId, step: name, ...(data ? { data } : {}) }).catch(() => {});
      return data ?? {};
    } catch (thrown) {
      await started;
      if (signal.aborted) throw thrown;
      const error = classifyDatabaseError(thrown, `${name} of ${nameSite(siteId)}`);
      await connections.discard();
      if (error.scope !== 'attempt' || attempt >= run.policy.maxRetries) {
        await run.report({ type: 'step.failed', siteId, step: name, error: toErrorRecord(error) });
        throw error;
      }
      const waitMs = backoffMs(attempt);
      await run.report({
        type: 'step.retried',
        siteId,
        step: name,
        attempt,
        waitMs,
        error: toErrorRecord(error),
      });
      await wait(waitMs, signal);
    }
  }
}

/** Ends the servers' side too when `signal` aborts: a query that nobody waits for would go on for hours. */
async function abortable<T>(
  work: Promise<T> | undefined,
  connections: SiteConnections,
  signal: AbortSignal,
): Promise<T | undefined> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => void connections.discard().finally(() => reject(signal.reason as Error));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // When the race was lost, the work still rejects, of its dropped connections.
    work?.catch(() => {});
  }
}

/** A site that won't be finished now leaves nothing in the staging database. */
async function removeStaging(
  task: SiteTask,
  run: SiteRun,
  connections: SiteConnections,
  finished: ReadonlyMap<StepName, StepData>,
): Promise<void> {
  if (finished.has('cut_over')) return;
  const resources: readonly Resource[] = stagingResources(run.plan, task);
  try {
    await dropTables(
      await connections.target(),
      run.plan.target.staging,
      task.tables.map(table => table.target),
    );
    await run.report({ type: 'resource.removed', siteId: task.siteId, resources });
  } catch (error) {
    // The site's own failure matters more, and is what is reported as its end; this one stands beside it.
    await run.report({
      type: 'undo.failed',
      siteId: task.siteId,
      step: 'copy_tables',
      error: toErrorRecord(error),
    });
  }
}

function addUp(copied: StepData | undefined): { rows: number; bytes: number } {
  const tables = (copied?.tables ?? []) as readonly { rows: number; bytes: number }[];
  return {
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
  };
}
