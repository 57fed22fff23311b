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
import { within } from '../lib/within.ts';
import { type ConcurrencyLimits, startPace } from '../migration/concurrency.ts';
import type { FileHashes } from '../migration/events.ts';
import type { Hooks } from '../migration/hooks.ts';
import { EMPTY_JOURNAL, Journal, type JournalContent } from '../migration/journal.ts';
import { refuseForeignJournal } from '../migration/judge-head.ts';
import { takeRunLock } from '../migration/lock.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunPolicy } from '../migration/policy.ts';
import { Recorder } from '../migration/recorder.ts';
import type { RunDirectory } from '../migration/run-directory.ts';
import { initialState, type MigrationState } from '../migration/state.ts';
import type { Summary } from '../migration/summary.ts';
import { KnownColumns } from '../mysql/known-columns.ts';
import type { Lease } from '../mysql/lease.ts';
import { RecentTableNames } from '../mysql/recent-table-names.ts';
import { RunLedger } from '../mysql/run-ledger.ts';
import type { UserMap } from '../policy/user-map.ts';
import { createRewriter } from '../rewrite/rewriter.ts';
import type { DisplayOptions } from '../sinks/plain-lines.ts';
import { createProgressLog } from '../sinks/progress-log.ts';
import type { Sink } from '../sinks/sink.ts';
import { createStateSnapshot } from '../sinks/state-snapshot.ts';
import { createTerminal } from '../sinks/terminal.ts';
import { WorkMeter } from '../sinks/work-meter.ts';
import { createTreatTable } from '../site/create-treat-table.ts';
import { IdleConnections } from '../site/idle-connections.ts';
import type { OwnTables } from '../site/own-tables.ts';
import { runSite, type SiteOutcome, type SiteRun } from '../site/run-site.ts';
import type { Servers } from '../site/site-connections.ts';
import type { SiteTask } from '../site/site-task.ts';
import { KnownKinds } from '../site/staged-definitions.ts';
import { followSource } from './follow-source.ts';
import { holdTarget } from './hold-target.ts';
import { createHooks, type HookSettings } from './hooks.ts';
import { createOnTarget, type OnTarget } from './on-target.ts';
import { readOwnTables } from './read-own-tables.ts';
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
  readonly acceptsRemade: boolean;
  /** Default: none, as for a rollback. */
  readonly hooks?: HookSettings;
  /** Where the journal stood when it was decided what to do. A new run has none yet, and writes its files. */
  readonly begin: { readonly lastSeq: number } | { writeFiles(): Promise<void> };
  /** Told what is waited for before the work begins. */
  readonly say?: (text: string) => void;
}

export interface OpenWork extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly executor: Executor;
  /** For what belongs to no site. */
  readonly onTarget: OnTarget;
  /** Aborts when the work drains or a lock is lost. */
  readonly signal: AbortSignal;
  readonly fencing: number;
  readonly ownTables: OwnTables;
  readonly hooks: Hooks;
  readonly servers: Servers;
  /** Of the files as they were written. */
  readonly files: FileHashes;
  runSite(task: SiteTask): Promise<SiteOutcome>;
  /** As the lease's; before the deed the target is told how far the journal is. */
  useFence: Lease['useFence'];
  /** Tells the target how far the journal is, without a deed: from here on no other copy of it is gone on with. */
  announce(): Promise<void>;
  /** Not when the run is another process's by now. */
  writeSummary(summary: Summary): Promise<void>;
}

/** Takes the locks, makes or opens the run directory and its journal. From here on the target may be written to.
 *  `display`: where to show progress, if anywhere. */
export async function openWork(
  given: Work,
  signal: AbortSignal,
  display: Pick<DisplayOptions, 'stream' | 'isPlanRead'> | null,
): Promise<OpenWork> {
  const idleConnections = new IdleConnections();
  const work = { ...given, servers: letMakeRoom(given.servers, idleConnections) };
  const { plan, policy, limits, directory, begin, say } = work;
  await using opened = new Releasers();
  await ('writeFiles' in begin ? directory.create() : directory.prove());
  const lock = opened.use(await takeRunLock(directory.lock, { ...(say ? { say } : {}), signal }));
  const proveLock = (): void => lock.prove();
  const { state, journal: before } = await readBeginning(work);
  const held = await holdTarget(work, signal).catch(async error => {
    // A run that never began leaves no directory that would have to be explained.
    if ('writeFiles' in begin) await directory.remove();
    throw error;
  });
  const lease = opened.use(held.lease);
  const ownTables = await readOwnTables(work, held, state);
  passKillPoint('lease taken');
  const here = { migrationId: plan.migrationId, host: hostname(), directory: resolve(directory.path) };
  const ledger = opened.use(
    new RunLedger({
      address: held.address,
      database: plan.target.database,
      owner: { ...here, fencing: lease.fencing },
      readHead: () => ({ seq: state.lastSeq, hash: state.lastHash ?? '' }),
    }),
  );
  refuseForeignJournal(before.hashes, await ledger.open(), here);
  const end = 'writeFiles' in begin ? {} : { end: before };
  const journal = opened.use(await Journal.open(directory.journal, { ...end, proveLock }));
  // What an operator has asked of an earlier process was meant for that one.
  await directory.removeControl();
  const slots = new Slots(startPace(policy.concurrency, limits).level);
  const meter = new WorkMeter();
  const sinks: Sink[] = [
    meter,
    createProgressLog(directory.progressLog, plan, say),
    createStateSnapshot(latest => directory.writeState(latest, proveLock), say),
    ...(display ? [createTerminal({ plan, ...display })] : []),
  ];
  for (const sink of sinks) opened.add(() => sink.close?.());
  // Rolling back and cleaning up take as long as they take.
  if (work.servers.source) {
    const steering = new Steering({
      slots,
      concurrency: policy.concurrency,
      limits,
      controlPath: directory.control,
      source: work.servers.source,
      measureWork: () => meter.work,
      record: event => recorder.record(event),
    });
    sinks.push(opened.use(steering));
  }
  const recorder = new Recorder({ journal, state, sinks });
  const servers: Servers = {
    source: followSource(work.servers.source, plan, recorder),
    target: held.address,
  };
  const stop = AbortSignal.any([signal, lock.lost, lease.lost]);
  const useFence: Lease['useFence'] = deed =>
    lease.useFence(async fence => {
      await ledger.write(fence);
      return await deed(fence);
    });
  const announce = (): Promise<void> => lease.useFence(fence => ledger.write(fence));
  const hooks = createHooks(work.hooks ?? {}, {
    plan,
    runDirectory: resolve(directory.path),
    record: event => recorder.record(event),
  });
  const siteRun: SiteRun = {
    plan,
    policy,
    servers,
    idleConnections: opened.use(idleConnections),
    rewriter: createRewriter(plan.rules, { emails: plan.emails }),
    treatTable: createTreatTable(plan, work),
    ownTables,
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
  // The last that is known of the run: with its end. What can't be told any more is told by who goes on.
  opened.add(() => (stop.aborted ? undefined : within(announce(), LAST_WORD_MS).catch(() => {})));
  const files = await directory.readHashes();
  const kept = opened.move();
  return {
    recorder,
    executor: createLocalExecutor(slots),
    onTarget: createOnTarget(
      { address: held.address, prove: connection => lease.prove(connection) },
      policy,
      stop,
    ),
    signal: stop,
    fencing: lease.fencing,
    ownTables,
    hooks,
    servers,
    files,
    runSite: task => runSite(task, siteRun),
    useFence,
    announce,
    writeSummary: summary => directory.writeSummary(summary, proveLock),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

/** Whoever connects, the idle connections of sites that are done are not what is in its way. */
function letMakeRoom({ source, target }: Servers, idle: IdleConnections): Servers {
  const makeRoom = (): Promise<boolean> => idle.makeRoom();
  return { source: source && { ...source, makeRoom }, target: { ...target, makeRoom } };
}

/** Giving back may not hold up the program's end. */
const LAST_WORD_MS = 5_000;

/** Read again under the lock: what was decided before must still be true. */
async function readBeginning({
  directory,
  plan,
  begin,
}: Work): Promise<{ state: MigrationState; journal: JournalContent }> {
  const { migrationId } = plan;
  if ('writeFiles' in begin) {
    await begin.writeFiles();
    return { state: initialState(migrationId), journal: EMPTY_JOURNAL };
  }
  const { state, journal } = await directory.readState(migrationId);
  if (state.lastSeq === begin.lastSeq) return { state, journal };
  throw new MigrationError('locked', `Another process has just worked on ${migrationId}.`, {
    hint: `See where it stands: wfuwp env-migrate status ${migrationId}`,
  });
}
