// What happens to one site: its steps in order, each with its attempts, all under one deadline. Whatever goes wrong,
// the live tables stay as they were until the one statement of cut_over, and nobody else's work is touched.

import { MigrationError, toErrorRecord } from '../errors.ts';
import { passKillPoint } from '../lib/kill-points.ts';
import { copiedChunks, copiedTables, keyOfChunk } from '../migration/copied-table.ts';
import {
  type CopiedTable,
  type MigrationEvent,
  type Resource,
  type StepData,
  type Tick,
  tableOf,
} from '../migration/events.ts';
import { foldTask, listParts, type TaskState } from '../migration/fold-task.ts';
import type { Hooks } from '../migration/hooks.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import { DEFAULT_CHUNK_BYTES, type RunPolicy } from '../migration/policy.ts';
import { finishedSteps } from '../migration/remaining-work.ts';
import { nameTask, type StepName, UNCHANGED } from '../migration/words.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { KnownColumns } from '../mysql/known-columns.ts';
import type { RecentTableNames } from '../mysql/recent-table-names.ts';
import { forgetStaged } from '../mysql/staged-tables.ts';
import { dropTables } from '../mysql/swap-tables.ts';
import { whileAtWork } from '../mysql/while-at-work.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { adviseOnRights } from './advise-on-rights.ts';
import { keyOf } from './copied-site.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { OwnTables } from './own-tables.ts';
import { mayTryAgain } from './retry.ts';
import { type Servers, SiteConnections } from './site-connections.ts';
import type { SiteTask } from './site-task.ts';
import { type KnownKinds, StagedDefinitions } from './staged-definitions.ts';
import { StagedProof } from './staged-proof.ts';
import { stagingResources } from './staging.ts';
import { Stall } from './stall.ts';
import type { SpareSlots, Step, StepContext } from './step.ts';
import { stepNamed } from './steps.ts';

export interface SiteRun {
  readonly plan: Plan;
  readonly policy: RunPolicy;
  readonly servers: Servers;
  readonly idleConnections: IdleConnections;
  readonly rewriter: Rewriter;
  readonly treatTable: StepContext['treatTable'];
  readonly ownTables: OwnTables;
  readonly knownColumns: KnownColumns;
  readonly knownKinds: KnownKinds;
  readonly recentNames: RecentTableNames;
  readonly recentSourceNames: RecentTableNames;
  /** Resolves when the event is on the disk: a deed waits for it. */
  report(event: MigrationEvent): Promise<void>;
  /** For events that no deed waits for; a journal that can't be written fails the next report. */
  note(event: MigrationEvent): void;
  tick(tick: Tick): void;
  readonly spareSlots: SpareSlots;
  readonly hooks: Hooks;
  /** Runs a cutover under the fence of the run's lease; see mysql/lease.ts. */
  useFence: StepContext['useFence'];
  /** Rejects when a connection leads to a target that isn't this run's; see mysql/lease.ts. */
  proveTarget(target: DatabaseConnection): Promise<void>;
  /** Aborts when the run drains or its lock is lost: the site lets go of what it does, unless it is being swapped in. */
  readonly signal: AbortSignal;
}

/** A step waits for a lock only for this part of the time in which it may stand still: the cutover has several to wait
 *  for, and should say that it was a lock. */
const LOCK_WAITS = 5;

const LIFE_INTERVAL_MS = 1_000;

export type SiteOutcome = 'completed' | 'skipped' | 'failed' | 'timeout' | 'aborted';

/** Runs the task to its end and reports it. Rejects only with an error of scope `migration`, after the site itself
 *  has been reported as failed. */
export async function runSite(task: SiteTask, run: SiteRun): Promise<SiteOutcome> {
  await using work = new SiteWork(task, run);
  return await work.run();
}

type TaskEventDraft = Extract<MigrationEvent, { taskId: unknown }>;

/** One attempt at one site. */
class SiteWork implements AsyncDisposable {
  #task: SiteTask;
  readonly #run: SiteRun;
  readonly #connections: SiteConnections;
  readonly #deadline: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #stagedDefinitions: StagedDefinitions;
  readonly #proof = new StagedProof();
  /** How far it is: folded from what is reported, as the coordinator folds it. */
  #state: TaskState;
  /** When a step last got somewhere. */
  #movedAt = 0;
  #skipReason: string | null = null;

  constructor(task: SiteTask, run: SiteRun) {
    this.#task = task;
    this.#run = run;
    const lockWaitMs = run.policy.stallMs / LOCK_WAITS;
    this.#connections = new SiteConnections(
      run.servers,
      { lockWaitMs, proveTarget: run.proveTarget },
      run.idleConnections,
    );
    this.#deadline = AbortSignal.timeout(run.policy.timeoutMs);
    this.#signal = AbortSignal.any([run.signal, this.#deadline]);
    this.#stagedDefinitions = new StagedDefinitions(run.knownKinds);
    this.#state = task.state;
  }

  async run(): Promise<SiteOutcome> {
    const { taskId, steps } = this.#task;
    if (this.#task.takesBack) return this.#takeBack();
    const attempt = this.#task.state.attempts + 1;
    await this.#report({ type: 'task.started', taskId, attempt });
    try {
      if (this.#finished.copy_tables && !(await this.#isStillOurs()))
        await this.#report({ type: 'task.reset', taskId });
      const finished = this.#finished;
      for (const name of steps) {
        if (name in finished) continue;
        await this.#runStep(stepNamed(name));
        if (this.#skipReason === null) continue;
        // What an earlier attempt has copied of it is of no use any more.
        if (attempt > 1 && this.#skipReason !== UNCHANGED) await this.#removeStaging();
        await this.#report({ type: 'task.skipped', taskId, reason: this.#skipReason });
        return 'skipped';
      }
      passKillPoint('before task.completed');
      await this.#report({ type: 'task.completed', taskId, ...this.#addUp() });
      return 'completed';
    } catch (thrown) {
      await this.#connections.discard();
      if (this.#mayTidyUp(thrown)) await this.#removeStaging();
      return await this.#reportEnd(thrown);
    }
  }

  /** Is what an earlier process has built still there, in staging or live, and can it still be proven? A later run may
   *  have built the site anew. And where rows of the target were merged in, no checksum of what was sent says what has
   *  become of them since. */
  async #isStillOurs(): Promise<boolean> {
    const { ownTables } = this.#run;
    const isStaged = this.#task.tables.every(table => ownTables.isBuiltByUs(table.target));
    if (isStaged && !this.#finished.merge_rows) return true;
    return this.#state.change === 'made' || (await this.#mayBeCutOver());
  }

  /** Steps that need not run again, with what they left. */
  get #finished(): Readonly<Partial<Record<StepName, StepData>>> {
    return finishedSteps(this.#state, this.#task.steps);
  }

  /** Of the change that was begun last, the live tables that it was to move away; null: none was begun. */
  get #outgoing(): readonly string[] | null {
    if (this.#state.change === undefined) return null;
    return this.#state.resources.filter(({ role }) => role === 'kept').map(tableOf);
  }

  get #copied(): ReadonlyMap<string, CopiedTable> {
    const tables = copiedTables(this.#state.steps.copy_tables);
    return new Map(tables.map(table => [table.table, table]));
  }

  /** Resolves when the event is on the disk: a deed waits for it. */
  #report(event: TaskEventDraft): Promise<void> {
    this.#fold(event);
    return this.#run.report(event);
  }

  #note(event: TaskEventDraft): void {
    this.#fold(event);
    this.#run.note(event);
  }

  #fold(event: TaskEventDraft): void {
    this.#state = foldTask(this.#state, { ...event, at: '' });
  }

  /** A rollback that fails leaves the site what it was: its step says why, and it can be asked for again. */
  async #takeBack(): Promise<SiteOutcome> {
    const { taskId, steps } = this.#task;
    try {
      for (const name of steps) await this.#runStep(stepNamed(name));
      await this.#report({ type: 'task.rolled_back', taskId });
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
    const { taskId } = this.#task;
    let failingSince = Number.NEGATIVE_INFINITY;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#tryStep(step, attempt);
        return;
      } catch (thrown) {
        if (this.#signal.aborted) throw thrown;
        const failedAt = performance.now();
        const failure = classifyDatabaseError(thrown, `${step.name} of ${nameTask(taskId)}`);
        const error = adviseOnRights(failure, this.#run.plan);
        // An hour of copying before the server went is no hour of waiting for it.
        if (failingSince < this.#movedAt) failingSince = failedAt;
        await this.#connections.discard();
        const next = mayTryAgain(error, attempt, failedAt - failingSince, this.#run.policy);
        if (!next.again) {
          await this.#report({
            type: 'step.failed',
            taskId,
            step: step.name,
            error: toErrorRecord(next.error),
          });
          throw next.error;
        }
        const { waitMs } = next;
        await this.#report({
          type: 'step.retried',
          taskId,
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
    const { taskId } = this.#task;
    using stall = new Stall(this.#run.policy.stallMs, `${step.name} of ${nameTask(taskId)}`);
    const signal = AbortSignal.any([this.#signal, stall.signal]);
    const context = this.#describeContext(step, signal, stall);
    const { done, resources } = await abortable(look(step, context), this.#connections, signal);
    passKillPoint('before step.started');
    const started: TaskEventDraft = {
      type: 'step.started',
      taskId,
      step: step.name,
      attempt,
      ...(resources.length > 0 ? { resources } : {}),
    };
    // Journal before deed.
    if (step.readsOnly) this.#note(started);
    else await this.#report(started);
    passKillPoint('after step.started');
    signal.throwIfAborted();
    const running = done ? Promise.resolve(undefined) : step.run(context);
    const limit = step.uninterruptible ? stall.signal : signal;
    await this.#complete(step, await abortable(running, this.#connections, limit));
  }

  /** Waited for after the cutover: a run that ends here should know that the site is live. */
  async #complete(step: Step, data: StepData | undefined): Promise<void> {
    const { taskId } = this.#task;
    passKillPoint('before step.completed');
    const completed: TaskEventDraft = {
      type: 'step.completed',
      taskId,
      step: step.name,
      ...(data ? { data } : {}),
    };
    if (step.uninterruptible) await this.#report(completed);
    else this.#note(completed);
  }

  #describeContext(step: Step, signal: AbortSignal, stall: Stall): StepContext {
    const { taskId } = this.#task;
    const { plan, policy, rewriter, treatTable, ownTables, knownColumns } = this.#run;
    const { recentNames, recentSourceNames } = this.#run;
    const { spareSlots, hooks, useFence } = this.#run;
    const ticked = (): void => {
      stall.reset();
      this.#movedAt = performance.now();
    };
    const work = this;
    return {
      plan,
      get task() {
        return work.#task;
      },
      get finished() {
        return work.#finished;
      },
      attempt: this.#state.attempts,
      connections: this.#connections,
      rewriter,
      treatTable,
      ownTables,
      proof: this.#proof,
      knownColumns,
      recentNames,
      recentSourceNames,
      verify: policy.verify,
      skipBackup: policy.skipBackup,
      signal,
      get copiedTables() {
        return work.#copied;
      },
      stagedDefinitions: this.#stagedDefinitions,
      copiedChunks: table =>
        copiedChunks(this.#state.steps[step.name]).filter(chunk => chunk.within === table),
      chunkBytes: policy.chunkBytes ?? DEFAULT_CHUNK_BYTES,
      spareSlots,
      get outgoing() {
        return work.#outgoing;
      },
      undoBegun: this.#state.wayBack === 'begun',
      copied: copied => {
        ticked();
        this.#note({ type: 'part.done', taskId, step: step.name, part: { key: copied.table, ...copied } });
        passKillPoint('after table.copied');
      },
      discarded: table => this.#report({ type: 'part.dropped', taskId, step: step.name, key: table }),
      chunkCopied: chunk => {
        ticked();
        const part = { key: keyOfChunk(chunk), within: chunk.table, ...chunk };
        // Not waited for, but not kept waiting either: it is many rows that would be copied again.
        this.#report({ type: 'part.done', taskId, step: step.name, part }).catch(() => {});
        passKillPoint('after chunk.copied');
      },
      chunkDiscarded: (table, { from, to }) => {
        const key = keyOfChunk({ table, from, to });
        return this.#report({ type: 'part.dropped', taskId, step: step.name, key });
      },
      tick: tick => {
        ticked();
        passKillPoint('mid table');
        this.#run.tick({ taskId, step: step.name, ...tick });
      },
      watchTarget: async deed => {
        const connection = await this.#connections.target();
        const observer = (): Promise<DatabaseConnection> => this.#connections.observer();
        return await whileAtWork({ connection, observer, alive: ticked, signal }, () => deed(connection));
      },
      runHook: async hook => {
        // It shows no progress, and has a time limit of its own.
        const alive = setInterval(ticked, LIFE_INTERVAL_MS);
        await hooks.runForSite(hook, taskId, 'in_progress', signal).finally(() => clearInterval(alive));
      },
      drifted: async drift => {
        const { tables, ...what } = drift;
        await this.#report({
          type: 'drift.found',
          taskId,
          ...what,
          ...(tables ? { amends: { tables } } : {}),
        });
        if (tables) await this.#useTables(tables);
      },
      skipSite: reason => {
        this.#skipReason = reason;
      },
      removed: resources => this.#report({ type: 'resource.removed', taskId, resources }),
      useFence,
    };
  }

  /** Of a table that isn't among them any more nothing counts that was copied. */
  async #useTables(tables: readonly PlannedTable[]): Promise<void> {
    this.#task = { ...this.#task, tables };
    const names = new Set(tables.map(table => table.target));
    const { taskId } = this.#task;
    for (const { key, within } of listParts(this.#state.steps.copy_tables)) {
      if (!names.has(within ?? key))
        await this.#report({ type: 'part.dropped', taskId, step: 'copy_tables', key });
    }
  }

  async #reportEnd(thrown: unknown): Promise<SiteOutcome> {
    const { taskId } = this.#task;
    const { signal, policy } = this.#run;
    if (signal.aborted) {
      await this.#report({ type: 'task.aborted', taskId, reason: toErrorRecord(signal.reason).message });
      return 'aborted';
    }
    if (this.#deadline.aborted) {
      const minutes = policy.timeoutMs / 60_000;
      const error = new MigrationError(
        'timeout',
        `${nameTask(taskId)} took longer than its ${minutes} minutes.`,
        { cause: thrown },
      );
      await this.#report({ type: 'task.timed_out', taskId, error: toErrorRecord(error) });
      return 'timeout';
    }
    await this.#report({ type: 'task.failed', taskId, error: toErrorRecord(thrown) });
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

  /** A site that won't be finished now leaves nothing in the staging database. But as long as nobody knows whether a
   *  cutover has happened, its tables stay where they are: built anew and swapped in again, the site would have its own
   *  first copy as what was live before. */
  async #removeStaging(): Promise<void> {
    if (this.#state.change === 'made') return;
    const { taskId, tables } = this.#task;
    const { plan, ownTables } = this.#run;
    try {
      if (await this.#mayBeCutOver()) return;
      await this.#report({ type: 'resource.removed', taskId, resources: stagingResources(plan, this.#task) });
      const target = await this.#connections.target();
      const names = ownTables.stagedAmong(tables.map(table => table.target));
      await dropTables(target, plan.target.staging, names);
      ownTables.unstaged(names);
      await forgetStaged(target, plan.target.staging, keyOf(plan, this.#task));
    } catch (error) {
      // The site's own failure matters more, and is what is reported as its end; this one stands beside it.
      await this.#report({ type: 'undo.failed', taskId, step: 'copy_tables', error: toErrorRecord(error) });
    }
  }

  /** False only when the target itself says so. */
  async #mayBeCutOver(): Promise<boolean> {
    if (this.#outgoing === null) return false;
    const step = stepNamed('cut_over');
    using stall = new Stall(this.#run.policy.stallMs, `${step.name} of ${nameTask(this.#task.taskId)}`);
    const { done } = await abortable(
      look(step, this.#describeContext(step, stall.signal, stall)),
      this.#connections,
      stall.signal,
    );
    return done;
  }

  #addUp(): { rows: number; bytes: number } {
    const tables = copiedTables(this.#state.steps.copy_tables);
    return {
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    };
  }
}

/** What there is to do, as the target says. */
async function look(
  step: Step,
  context: StepContext,
): Promise<{ done: boolean; resources: readonly Resource[] }> {
  const done = (await step.isDone?.(context)) ?? false;
  return { done, resources: done ? [] : ((await step.resources?.(context)) ?? []) };
}

/** Ends the servers' side too when `signal` aborts: a query that nobody waits for would go on for hours. */
async function abortable<T>(work: Promise<T>, connections: SiteConnections, signal: AbortSignal): Promise<T> {
  // When the race is lost, the work still rejects, of its dropped connections.
  work.catch(() => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => void connections.discard().finally(() => reject(signal.reason as Error));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    // The work says that its connection was dropped; why it was, says the signal.
    if (signal.aborted) return await aborted;
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
