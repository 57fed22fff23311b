// What happens to one site: its steps in order, each with its attempts, all under one deadline. Whatever goes wrong,
// the live tables stay as they were until the one statement of cut_over, and nobody else's work is touched.

import { MigrationError, toErrorRecord } from '../errors.ts';
import { passKillPoint } from '../lib/kill-points.ts';
import {
  type CopiedTable,
  type MigrationEvent,
  type StepData,
  type Tick,
  tableOf,
} from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import { nameSite, type StepName } from '../migration/words.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { dropTables } from '../mysql/swap-tables.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { mayTryAgain } from './retry.ts';
import { type Servers, SiteConnections } from './site-connections.ts';
import type { SiteTask } from './site-task.ts';
import { stagingResources } from './staging.ts';
import { Stall } from './stall.ts';
import type { Step, StepContext } from './step.ts';
import { stepNamed } from './steps.ts';

export interface SiteRun {
  readonly plan: Plan;
  readonly policy: RunPolicy;
  readonly servers: Servers;
  readonly rewriter: Rewriter;
  /** Resolves when the event is on the disk: a deed waits for it. */
  report(event: MigrationEvent): Promise<void>;
  tick(tick: Tick): void;
  /** Runs a cutover under the fence of the run's lease; see mysql/lease.ts. */
  useFence: StepContext['useFence'];
  /** Aborts when the run drains or its lock is lost: the site lets go of what it does, unless it is being swapped in. */
  readonly signal: AbortSignal;
}

export type SiteOutcome = 'completed' | 'failed' | 'timeout' | 'aborted';

/** Runs the task to its end and reports it. Rejects only with an error of scope `migration`, after the site itself
 *  has been reported as failed. */
export async function runSite(task: SiteTask, run: SiteRun): Promise<SiteOutcome> {
  await using work = new SiteWork(task, run);
  return await work.run();
}

/** One attempt at one site. */
class SiteWork implements AsyncDisposable {
  readonly #task: SiteTask;
  readonly #run: SiteRun;
  readonly #connections: SiteConnections;
  readonly #deadline: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #copied: Map<string, CopiedTable>;
  readonly #finished: Set<StepName>;
  #outgoing: readonly string[] | null;
  #undoBegun: boolean;

  constructor(task: SiteTask, run: SiteRun) {
    this.#task = task;
    this.#run = run;
    this.#connections = new SiteConnections(run.servers);
    this.#deadline = AbortSignal.timeout(run.policy.timeoutMs);
    this.#signal = AbortSignal.any([run.signal, this.#deadline]);
    this.#copied = new Map(task.copied.map(table => [table.table, table]));
    this.#finished = new Set(Object.keys(task.finished) as StepName[]);
    this.#outgoing = task.outgoing;
    this.#undoBegun = task.undo?.begun ?? false;
  }

  async run(): Promise<SiteOutcome> {
    const { siteId, steps, attempt } = this.#task;
    if (this.#task.undo) return this.#undo();
    await this.#run.report({ type: 'site.started', siteId, attempt });
    try {
      for (const name of steps) {
        if (this.#finished.has(name)) continue;
        await this.#runStep(stepNamed(name));
        this.#finished.add(name);
      }
      passKillPoint('before site.completed');
      await this.#run.report({ type: 'site.completed', siteId, ...this.#addUp() });
      return 'completed';
    } catch (thrown) {
      await this.#connections.discard();
      if (this.#mayTidyUp(thrown)) await this.#removeStaging();
      return await this.#reportEnd(thrown);
    }
  }

  /** A rollback that fails leaves the site what it was: its step says why, and it can be asked for again. */
  async #undo(): Promise<SiteOutcome> {
    const { siteId, steps } = this.#task;
    try {
      for (const name of steps) await this.#runStep(stepNamed(name));
      await this.#run.report({ type: 'site.rolled_back', siteId });
      return 'completed';
    } catch (thrown) {
      await this.#connections.discard();
      if (this.#run.signal.aborted) return 'aborted';
      if (this.#deadline.aborted) return 'timeout';
      if (thrown instanceof MigrationError && thrown.scope === 'migration') throw thrown;
      return 'failed';
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]();
  }

  /** The step's attempts. */
  async #runStep(step: Step): Promise<void> {
    const { siteId } = this.#task;
    const firstTry = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#tryStep(step, attempt);
        return;
      } catch (thrown) {
        if (this.#signal.aborted) throw thrown;
        const error = classifyDatabaseError(thrown, `${step.name} of ${nameSite(siteId)}`);
        await this.#connections.discard();
        const next = mayTryAgain(error, attempt, performance.now() - firstTry, this.#run.policy);
        if (!next.again) {
          await this.#run.report({
            type: 'step.failed',
            siteId,
            step: step.name,
            error: toErrorRecord(next.error),
          });
          throw next.error;
        }
        const { waitMs } = next;
        await this.#run.report({
          type: 'step.retried',
          siteId,
          step: step.name,
          attempt,
          waitMs,
          error: toErrorRecord(error),
        });
        await next.wait(this.#signal);
      }
    }
  }

  async #tryStep(step: Step, attempt: number): Promise<void> {
    const { siteId } = this.#task;
    using stall = new Stall(
      step.uninterruptible ? null : this.#run.policy.stallMs,
      `${step.name} of ${nameSite(siteId)}`,
    );
    const signal = AbortSignal.any([this.#signal, stall.signal]);
    const context = this.#describeContext(step, signal, stall);
    const done = (await step.isDone?.(context)) ?? false;
    const resources = done ? [] : ((await step.resources?.(context)) ?? []);
    passKillPoint('before step.started');
    const started = this.#run.report({
      type: 'step.started',
      siteId,
      step: step.name,
      attempt,
      ...(resources.length > 0 ? { resources } : {}),
    });
    if (step.name === 'cut_over' && !done) this.#outgoing = resources.map(resource => tableOf(resource));
    if (step.name === 'roll_back' && !done) this.#undoBegun = true;
    // Awaited below, whatever happens; until then a journal that can't be written must not count as unhandled.
    started.catch(() => {});
    // Journal before deed: only a step that makes nothing may begin while its line is still on its way.
    if (resources.length > 0) await started;
    passKillPoint('after step.started');
    try {
      signal.throwIfAborted();
      const running = done ? Promise.resolve(undefined) : step.run(context);
      const data = await (step.uninterruptible ? running : abortable(running, this.#connections, signal));
      await started;
      await this.#complete(step, data);
    } finally {
      await started;
    }
  }

  /** Not waited for where nothing rests on it: a journal that can't be written fails the next report. After the
   *  cutover it is: a run that ends here should know that the site is live. */
  async #complete(step: Step, data: StepData | undefined): Promise<void> {
    const { siteId } = this.#task;
    passKillPoint('before step.completed');
    const said = this.#run.report({
      type: 'step.completed',
      siteId,
      step: step.name,
      ...(data ? { data } : {}),
    });
    if (step.uninterruptible) await said;
    else said.catch(() => {});
  }

  #describeContext(step: Step, signal: AbortSignal, stall: Stall): StepContext {
    const { siteId } = this.#task;
    const { plan, policy, rewriter, report, useFence } = this.#run;
    const ticked = (): void => stall.reset();
    return {
      plan,
      task: this.#task,
      connections: this.#connections,
      rewriter,
      verify: policy.verify,
      skipBackup: policy.skipBackup,
      signal,
      copiedTables: this.#copied,
      outgoing: this.#outgoing,
      undoBegun: this.#undoBegun,
      copied: copied => {
        ticked();
        this.#copied.set(copied.table, copied);
        report({ type: 'table.copied', siteId, copied }).catch(() => {});
        passKillPoint('after table.copied');
      },
      discarded: async table => {
        this.#copied.delete(table);
        await report({ type: 'table.discarded', siteId, table });
      },
      tick: tick => {
        ticked();
        passKillPoint('mid table');
        this.#run.tick({ siteId, step: step.name, ...tick });
      },
      removed: resources => report({ type: 'resource.removed', siteId, resources }),
      useFence,
    };
  }

  async #reportEnd(thrown: unknown): Promise<SiteOutcome> {
    const { siteId } = this.#task;
    const { report, signal, policy } = this.#run;
    if (signal.aborted) {
      await report({ type: 'site.aborted', siteId, reason: toErrorRecord(signal.reason).message });
      return 'aborted';
    }
    if (this.#deadline.aborted) {
      const minutes = policy.timeoutMs / 60_000;
      const error = new MigrationError(
        'timeout',
        `${nameSite(siteId)} took longer than its ${minutes} minutes.`,
        { cause: thrown },
      );
      await report({ type: 'site.timed_out', siteId, error: toErrorRecord(error) });
      return 'timeout';
    }
    await report({ type: 'site.failed', siteId, error: toErrorRecord(thrown) });
    if (thrown instanceof MigrationError && thrown.scope === 'migration') throw thrown;
    return 'failed';
  }

  /** Without its lock the tables in staging may be another run's by now; without its journal nothing may be done any
   *  more that a resume wouldn't know of. */
  #mayTidyUp(thrown: unknown): boolean {
    return ![thrown, this.#run.signal.reason].some(
      error => error instanceof MigrationError && (error.code === 'locked' || error.details.journal === true),
    );
  }

  /** A site that won't be finished now leaves nothing in the staging database. */
  async #removeStaging(): Promise<void> {
    if (this.#finished.has('cut_over')) return;
    const { siteId, tables } = this.#task;
    const { plan, report } = this.#run;
    try {
      await report({ type: 'resource.removed', siteId, resources: stagingResources(plan, this.#task) });
      await dropTables(
        await this.#connections.target(),
        plan.target.staging,
        tables.map(table => table.target),
      );
    } catch (error) {
      // The site's own failure matters more, and is what is reported as its end; this one stands beside it.
      await report({ type: 'undo.failed', siteId, step: 'copy_tables', error: toErrorRecord(error) });
    }
  }

  #addUp(): { rows: number; bytes: number } {
    const tables = [...this.#copied.values()];
    return {
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    };
  }
}

/** Ends the servers' side too when `signal` aborts: a query that nobody waits for would go on for hours. */
async function abortable<T>(work: Promise<T>, connections: SiteConnections, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => void connections.discard().finally(() => reject(signal.reason as Error));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // When the race was lost, the work still rejects, of its dropped connections.
    work.catch(() => {});
  }
}
