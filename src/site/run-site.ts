// What happens to one site: its steps in order, each with its attempts, all under one deadline. Whatever goes wrong,
// the live tables stay as they were until the one statement of cut_over, and nobody else's work is touched.

import { MigrationError, toErrorRecord } from '../errors.ts';
import { passKillPoint } from '../lib/kill-points.ts';
import {
  type CopiedChunk,
  type CopiedTable,
  type MigrationEvent,
  type Resource,
  type StepData,
  type Tick,
  tableOf,
} from '../migration/events.ts';
import type { Hooks } from '../migration/hooks.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import { DEFAULT_CHUNK_BYTES, type RunPolicy } from '../migration/policy.ts';
import { nameSite, type StepName, UNCHANGED } from '../migration/words.ts';
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

/** One attempt at one site. */
class SiteWork implements AsyncDisposable {
  #task: SiteTask;
  readonly #run: SiteRun;
  readonly #connections: SiteConnections;
  readonly #deadline: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #copied: Map<string, CopiedTable>;
  readonly #stagedDefinitions: StagedDefinitions;
  readonly #proof = new StagedProof();
  #chunks: readonly CopiedChunk[];
  readonly #finished: Set<StepName>;
  #outgoing: readonly string[] | null;
  #undoBegun: boolean;
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
    this.#copied = new Map(task.copied.map(table => [table.table, table]));
    this.#chunks = task.chunks ?? [];
    this.#finished = new Set(Object.keys(task.finished) as StepName[]);
    this.#outgoing = task.outgoing;
    this.#undoBegun = task.undo?.begun ?? false;
  }

  async run(): Promise<SiteOutcome> {
    const { siteId, steps, attempt } = this.#task;
    if (this.#task.undo) return this.#undo();
    await this.#run.report({ type: 'site.started', siteId, attempt });
    try {
      if (this.#finished.has('copy_tables') && !(await this.#isStillOurs())) this.#startOver();
      for (const name of steps) {
        if (this.#finished.has(name)) continue;
        await this.#runStep(stepNamed(name));
        this.#finished.add(name);
        if (this.#skipReason === null) continue;
        // What an earlier attempt has copied of it is of no use any more.
        if (attempt > 1 && this.#skipReason !== UNCHANGED) await this.#removeStaging();
        await this.#run.report({ type: 'site.skipped', siteId, reason: this.#skipReason });
        return 'skipped';
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

  /** Is what an earlier process has built still there, in staging or live, and can it still be proven? A later run may
   *  have built the site anew. And where rows of the target were merged in, no checksum of what was sent says what has
   *  become of them since. */
  async #isStillOurs(): Promise<boolean> {
    const { ownTables } = this.#run;
    const isStaged = this.#task.tables.every(table => ownTables.isBuiltByUs(table.target));
    if (isStaged && !this.#finished.has('merge_rows')) return true;
    return this.#finished.has('cut_over') || (await this.#mayBeCutOver());
  }

  #startOver(): void {
    this.#finished.clear();
    this.#copied.clear();
    this.#chunks = [];
    this.#outgoing = null;
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
    let failingSince = Number.NEGATIVE_INFINITY;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#tryStep(step, attempt);
        return;
      } catch (thrown) {
        if (this.#signal.aborted) throw thrown;
        const failedAt = performance.now();
        const failure = classifyDatabaseError(thrown, `${step.name} of ${nameSite(siteId)}`);
        const error = adviseOnRights(failure, this.#run.plan);
        // An hour of copying before the server went is no hour of waiting for it.
        if (failingSince < this.#movedAt) failingSince = failedAt;
        await this.#connections.discard();
        const next = mayTryAgain(error, attempt, failedAt - failingSince, this.#run.policy);
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
    using stall = new Stall(this.#run.policy.stallMs, `${step.name} of ${nameSite(siteId)}`);
    const signal = AbortSignal.any([this.#signal, stall.signal]);
    const context = this.#describeContext(step, signal, stall);
    const { done, resources } = await abortable(look(step, context), this.#connections, signal);
    passKillPoint('before step.started');
    const started: MigrationEvent = {
      type: 'step.started',
      siteId,
      step: step.name,
      attempt,
      ...(resources.length > 0 ? { resources } : {}),
    };
    if (step.name === 'cut_over' && !done) this.#outgoing = resources.map(resource => tableOf(resource));
    if (step.name === 'roll_back' && !done) this.#undoBegun = true;
    // Journal before deed.
    if (step.readsOnly) this.#run.note(started);
    else await this.#run.report(started);
    passKillPoint('after step.started');
    signal.throwIfAborted();
    const running = done ? Promise.resolve(undefined) : step.run({ ...context, outgoing: this.#outgoing });
    const limit = step.uninterruptible ? stall.signal : signal;
    await this.#complete(step, await abortable(running, this.#connections, limit));
  }

  /** Waited for after the cutover: a run that ends here should know that the site is live. */
  async #complete(step: Step, data: StepData | undefined): Promise<void> {
    const { siteId } = this.#task;
    passKillPoint('before step.completed');
    const completed: MigrationEvent = {
      type: 'step.completed',
      siteId,
      step: step.name,
      ...(data ? { data } : {}),
    };
    if (step.uninterruptible) await this.#run.report(completed);
    else this.#run.note(completed);
  }

  #describeContext(step: Step, signal: AbortSignal, stall: Stall): StepContext {
    const { siteId } = this.#task;
    const { plan, policy, rewriter, treatTable, ownTables, knownColumns } = this.#run;
    const { recentNames, recentSourceNames } = this.#run;
    const { spareSlots, hooks, report, note, useFence } = this.#run;
    const ticked = (): void => {
      stall.reset();
      this.#movedAt = performance.now();
    };
    return {
      plan,
      task: this.#task,
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
      copiedTables: this.#copied,
      stagedDefinitions: this.#stagedDefinitions,
      copiedChunks: table => this.#chunks.filter(chunk => chunk.table === table),
      chunkBytes: policy.chunkBytes ?? DEFAULT_CHUNK_BYTES,
      spareSlots,
      outgoing: this.#outgoing,
      undoBegun: this.#undoBegun,
      copied: copied => {
        ticked();
        this.#copied.set(copied.table, copied);
        this.#forgetChunks(chunk => chunk.table === copied.table);
        note({ type: 'table.copied', siteId, copied });
        passKillPoint('after table.copied');
      },
      discarded: async table => {
        this.#copied.delete(table);
        this.#forgetChunks(chunk => chunk.table === table);
        await report({ type: 'table.discarded', siteId, table });
      },
      chunkCopied: chunk => {
        ticked();
        this.#chunks = [...this.#chunks, chunk];
        // Not waited for, but not kept waiting either: it is many rows that would be copied again.
        report({ type: 'chunk.copied', siteId, chunk }).catch(() => {});
        passKillPoint('after chunk.copied');
      },
      chunkDiscarded: async (table, { from, to }) => {
        this.#forgetChunks(chunk => chunk.table === table && chunk.from === from && chunk.to === to);
        await report({ type: 'chunk.discarded', siteId, table, from, to });
      },
      tick: tick => {
        ticked();
        passKillPoint('mid table');
        this.#run.tick({ siteId, step: step.name, ...tick });
      },
      watchTarget: async deed => {
        const connection = await this.#connections.target();
        const observer = (): Promise<DatabaseConnection> => this.#connections.observer();
        return await whileAtWork({ connection, observer, alive: ticked, signal }, () => deed(connection));
      },
      runHook: async hook => {
        // It shows no progress, and has a time limit of its own.
        const alive = setInterval(ticked, LIFE_INTERVAL_MS);
        await hooks.runForSite(hook, siteId, 'in_progress', signal).finally(() => clearInterval(alive));
      },
      drifted: async drift => {
        await report({ type: 'drift.found', siteId, ...drift });
        if (drift.tables) this.#useTables(drift.tables);
      },
      skipSite: reason => {
        this.#skipReason = reason;
      },
      removed: resources => report({ type: 'resource.removed', siteId, resources }),
      useFence,
    };
  }

  /** Of a table that isn't among them any more nothing counts that was copied. */
  #useTables(tables: readonly PlannedTable[]): void {
    const names = new Set(tables.map(table => table.target));
    for (const name of this.#copied.keys()) if (!names.has(name)) this.#copied.delete(name);
    this.#forgetChunks(chunk => !names.has(chunk.table));
    this.#task = { ...this.#task, tables };
  }

  #forgetChunks(isGone: (chunk: CopiedChunk) => boolean): void {
    this.#chunks = this.#chunks.filter(chunk => !isGone(chunk));
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

  /** A site that won't be finished now leaves nothing in the staging database. But as long as nobody knows whether a
   *  cutover has happened, its tables stay where they are: built anew and swapped in again, the site would have its own
   *  first copy as what was live before. */
  async #removeStaging(): Promise<void> {
    if (this.#finished.has('cut_over')) return;
    const { siteId, tables } = this.#task;
    const { plan, report, ownTables } = this.#run;
    try {
      if (await this.#mayBeCutOver()) return;
      await report({ type: 'resource.removed', siteId, resources: stagingResources(plan, this.#task) });
      const target = await this.#connections.target();
      const names = ownTables.stagedAmong(tables.map(table => table.target));
      await dropTables(target, plan.target.staging, names);
      ownTables.unstaged(names);
      await forgetStaged(target, plan.target.staging, keyOf(plan, this.#task));
    } catch (error) {
      // The site's own failure matters more, and is what is reported as its end; this one stands beside it.
      await report({ type: 'undo.failed', siteId, step: 'copy_tables', error: toErrorRecord(error) });
    }
  }

  /** False only when the target itself says so. */
  async #mayBeCutOver(): Promise<boolean> {
    if (this.#outgoing === null) return false;
    const step = stepNamed('cut_over');
    using stall = new Stall(this.#run.policy.stallMs, `${step.name} of ${nameSite(this.#task.siteId)}`);
    const { done } = await abortable(
      look(step, this.#describeContext(step, stall.signal, stall)),
      this.#connections,
      stall.signal,
    );
    return done;
  }

  #addUp(): { rows: number; bytes: number } {
    const tables = [...this.#copied.values()];
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
