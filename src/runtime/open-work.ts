// Opens a run's directory for whoever is to work on it: migrate, roll back, clean up. One way in, with the same locks,
// the same journal and the same order of letting go.

import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { MigrationError } from '../errors.ts';
import type { Executor } from '../executors/executor.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { Slots } from '../executors/slots.ts';
import { passKillPoint } from '../lib/kill-points.ts';
import { Releasers } from '../lib/releasers.ts';
import { type ConcurrencyLimits, mostAtOnce, startPace } from '../migration/concurrency.ts';
import type { Hooks } from '../migration/hooks.ts';
import { Journal } from '../migration/journal.ts';
import { takeRunLock } from '../migration/lock.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import { Recorder } from '../migration/recorder.ts';
import type { RunDirectory } from '../migration/run-directory.ts';
import { initialState, type MigrationState } from '../migration/state.ts';
import { KnownColumns } from '../mysql/known-columns.ts';
import { type Lease, takeLease } from '../mysql/lease.ts';
import { RecentTableNames } from '../mysql/recent-table-names.ts';
import type { UserMap } from '../policy/user-map.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import { createProgressLog } from '../sinks/progress-log.ts';
import type { Sink } from '../sinks/sink.ts';
import { createStateSnapshot } from '../sinks/state-snapshot.ts';
import { createTerminal } from '../sinks/terminal.ts';
import { WorkMeter } from '../sinks/work-meter.ts';
import { createTreatTable } from '../site/create-treat-table.ts';
import { IdleConnections } from '../site/idle-connections.ts';
import { runSite, type SiteOutcome, type SiteRun } from '../site/run-site.ts';
import type { Servers } from '../site/site-connections.ts';
import type { SiteTask } from '../site/site-task.ts';
import { KnownKinds } from '../site/staged-definitions.ts';
import { createHooks, type HookSettings } from './hooks.ts';
import { createOnTarget, type OnTarget } from './on-target.ts';
import { Steering } from './steering.ts';

export interface Work {
  readonly plan: Plan;
  readonly policy: RunPolicy;
  readonly limits: ConcurrencyLimits;
  readonly servers: Servers;
  /** Only for copying rows of people. */
  readonly pseudonymKey?: string | null;
  /** Only for copying, where users are merged. */
  readonly userMap?: UserMap | null;
  readonly directory: RunDirectory;
  /** Default: none, as for a rollback. */
  readonly hooks?: HookSettings;
  /** Where the journal stood when it was decided what to do. A new run has none yet, and writes its files. */
  readonly begin: { readonly lastSeq: number } | { writeFiles(): Promise<void> };
}

export interface OpenWork extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly executor: Executor;
  /** For what belongs to no site. */
  readonly onTarget: OnTarget;
  /** Aborts when the work drains or a lock is lost. */
  readonly signal: AbortSignal;
  readonly fencing: number;
  readonly hooks: Hooks;
  runSite(task: SiteTask): Promise<SiteOutcome>;
  useFence: Lease['useFence'];
}

/** Takes the locks, makes or opens the run directory and its journal. From here on the target may be written to.
 *  `display`: where to show progress, if anywhere. */
export async function openWork(
  work: Work,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
): Promise<OpenWork> {
  const { plan, policy, limits, servers, directory, begin } = work;
  await using opened = new Releasers();
  await directory.create();
  const lock = opened.use(await takeRunLock(directory.lock));
  const { state, soundBytes } = await readBeginning(work);
  const lease = opened.use(
    await holdTarget(work).catch(async error => {
      // A run that never began leaves no directory that would have to be explained.
      if ('writeFiles' in begin) await directory.remove();
      throw error;
    }),
  );
  passKillPoint('lease taken');
  const journal = opened.use(await Journal.open(directory.journal, soundBytes));
  // What an operator has asked of an earlier process was meant for that one.
  await directory.removeControl();
  const slots = new Slots(startPace(policy.concurrency, limits).level);
  const meter = new WorkMeter();
  const sinks: Sink[] = [
    meter,
    createProgressLog(directory.progressLog, plan),
    createStateSnapshot(latest => directory.writeState(latest)),
    ...(display ? [createTerminal({ plan, stream: display })] : []),
  ];
  for (const sink of sinks) opened.add(() => sink.close?.());
  // Rolling back and cleaning up take as long as they take.
  if (servers.source) {
    const steering = new Steering({
      slots,
      concurrency: policy.concurrency,
      limits,
      controlPath: directory.control,
      source: servers.source,
      measureWork: () => meter.work,
      record: event => recorder.record(event),
    });
    sinks.push(opened.use(steering));
  }
  const recorder = new Recorder({ journal, state, sinks });
  const stop = AbortSignal.any([signal, lock.lost, lease.lost]);
  const useFence: Lease['useFence'] = deed => lease.useFence(deed);
  const hooks = createHooks(work.hooks ?? {}, {
    plan,
    runDirectory: resolve(directory.path),
    record: event => recorder.record(event),
  });
  const siteRun: SiteRun = {
    plan,
    policy,
    servers,
    idleConnections: opened.use(new IdleConnections()),
    rewriter: createRewriter(plan.rules, { emails: plan.emails }),
    treatTable: createTreatTable(plan, work),
    knownColumns: new KnownColumns(),
    knownKinds: new KnownKinds(),
    recentNames: new RecentTableNames(),
    // What was made just before a site's turn belongs to it.
    recentSourceNames: new RecentTableNames(0),
    report: event => recorder.record(event),
    note: event => recorder.note(event),
    tick: tick => recorder.tick(tick),
    spareSlots: slots,
    hooks,
    useFence,
    proveTarget: connection => lease.prove(connection),
    signal: stop,
  };
  const kept = opened.move();
  return {
    recorder,
    executor: createLocalExecutor(slots),
    onTarget: createOnTarget(
      { address: servers.target, prove: connection => lease.prove(connection) },
      policy,
      stop,
    ),
    signal: stop,
    fencing: lease.fencing,
    hooks,
    runSite: task => runSite(task, siteRun),
    useFence,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

/** Read again under the lock: what was decided before must still be true. */
async function readBeginning({
  directory,
  plan,
  begin,
}: Work): Promise<{ state: MigrationState; soundBytes: number | undefined }> {
  const { migrationId } = plan;
  if ('writeFiles' in begin) {
    await begin.writeFiles();
    return { state: initialState(migrationId), soundBytes: undefined };
  }
  const { state, journal } = await directory.readState(migrationId);
  if (state.lastSeq === begin.lastSeq) return { state, soundBytes: journal.soundBytes };
  throw new MigrationError('locked', `Another process has just worked on ${migrationId}.`, {
    hint: `See where it stands: wfuwp env-migrate status ${migrationId}`,
  });
}

/** A cutover is a small part of a site's time, and one that finds no fence free waits for it; each costs two waits for
 *  the target's disk in every run. */
const MOST_FENCES = 5;

/** One run at a time works on a target database, from whatever machine; see mysql/lease.ts. */
function holdTarget({ plan, policy, limits, servers }: Work): Promise<Lease> {
  return takeLease({
    address: servers.target,
    environment: plan.target.environment,
    database: plan.target.database,
    staging: plan.target.staging,
    holder: { host: hostname(), pid: process.pid, migrationId: plan.migrationId },
    fences: Math.min(mostAtOnce(policy.concurrency, limits), MOST_FENCES),
  });
}
