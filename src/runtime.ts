// The composition root: turns configuration and options into the real things, and disposes of them in reverse. The
// only file that may know everyone.

import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { listRules } from './config/list-rules.ts';
import { isProtected, reviewTarget } from './config/review-environments.ts';
import type { Config, Environment } from './config/schema.ts';
import { selectEnvironment } from './config/select-environment.ts';
import { MigrationError } from './errors.ts';
import { type Approval, type Prepared, prepare } from './migrate.ts';
import { type ConcurrencyLimits, startPace } from './migration/concurrency.ts';
import { findDrift } from './migration/find-drift.ts';
import type { ExpectedDuration, Plan } from './migration/plan.ts';
import type { RunPolicy } from './migration/policy.ts';
import { proveRun } from './migration/prove-run.ts';
import {
  type ResumeChoice,
  refuseIdleResume,
  remainingSites,
  resumeMode,
} from './migration/remaining-work.ts';
import { newMigrationId, RunDirectory } from './migration/run-directory.ts';
import type { SiteSelection } from './migration/select-sites.ts';
import type { MigrationState } from './migration/state.ts';
import { findRun } from './migration/store.ts';
import type { TargetLock } from './migration/target-lock.ts';
import { NETWORK } from './migration/task-ids.ts';
import type { MigrationId, SiteId } from './migration/words.ts';
import { connectSource } from './mysql/client.ts';
import type { ExpectedIdentity } from './mysql/identity.ts';
import type { TableRecords } from './mysql/table-records.ts';
import type { PlanRequest } from './phases/build-plan.ts';
import { listWantedColumns } from './phases/find-pattern-hazards.ts';
import { nameSource } from './phases/note-addresses.ts';
import type { PhaseContext } from './phases/phase.ts';
import { type EndAddress, readEnds } from './phases/read-ends.ts';
import { unlockTarget as unlockLease } from './phases/unlock-target.ts';
import type { UserMap } from './policy/user-map.ts';
import { readLimits } from './runtime/concurrency-limits.ts';
import { expectNew, expectRest } from './runtime/expect-duration.ts';
import {
  ACCEPT_REMADE,
  expectSource,
  expectTarget,
  refuseOtherNetwork,
  withIdentity,
} from './runtime/expect-ends.ts';
import { judgeLaterRuns } from './runtime/find-later-runs.ts';
import { listPatterns } from './runtime/list-patterns.ts';
import { createObjectCache } from './runtime/object-cache.ts';
import { refuseOtherTarget } from './runtime/open-ended.ts';
import { type OpenWork, openWork } from './runtime/open-work.ts';
import { planTreatment } from './runtime/plan-treatment.ts';
import { planUserMatch } from './runtime/plan-users.ts';
import { proveJournal } from './runtime/prove-journal.ts';
import { openSecrets, reachServer } from './runtime/reach-server.ts';
import { type Outside, readOutside } from './runtime/read-outside.ts';
import { listOldStaged } from './runtime/read-own-tables.ts';
import type { DisplayOptions } from './sinks/plain-lines.ts';
import type { Servers } from './site/site-connections.ts';

/** What the command line asks for. */
export interface MigrationOptions {
  readonly source: string;
  readonly target: string;
  readonly selection: SiteSelection;
  readonly networkOnly: boolean;
  readonly sitesOnly: boolean;
  /** Absent in runs of older versions: kept. */
  readonly targetOnlySites?: 'keep' | 'archive';
  readonly accept: readonly string[];
  readonly confirmed: string | null;
  readonly policy: RunPolicy;
  /** Folder that holds the run directories. */
  readonly logDir: string;
}

export interface PreparedRun extends Prepared {
  readonly servers: Servers;
  readonly limits: ConcurrencyLimits;
  /** Secret: it is in no file of the run. */
  readonly pseudonymKey: string | null;
  readonly outside: Outside;
  /** Where users are merged: whose id becomes which. */
  readonly userMap: UserMap | null;
  readonly options: MigrationOptions;
  readonly directory: RunDirectory;
  /** What to work on. */
  readonly siteIds: readonly SiteId[];
  readonly expected: ExpectedDuration;
  /** null: a new run. */
  readonly resumed: (NonNullable<PhaseContext['resumed']> & { readonly lastSeq: number }) | null;
  /** A version without hashes has begun it. */
  readonly isOld: boolean;
}

/** Resolves both environments, looks at both ends and plans. Changes nothing anywhere. */
export async function prepareRun(config: Config, options: MigrationOptions): Promise<PreparedRun> {
  const now = new Date();
  const { prepared, ...means } = await planRun(config, options, newMigrationId(now), now);
  const { plan } = prepared;
  return {
    ...prepared,
    ...means,
    outside: readOutside(config, selectEnvironment(config, options.target)),
    options,
    directory: new RunDirectory(join(options.logDir, plan.migrationId)),
    siteIds: [...(plan.network ? [NETWORK] : []), ...plan.sites.map(site => site.siteId)],
    expected: await expectNew(plan, options.logDir),
    resumed: null,
    isOld: false,
  };
}

/** What a resume may say anew; all else is as the run was started. */
export interface ResumeOptions {
  readonly id: string;
  readonly logDir: string;
  readonly choice: ResumeChoice;
  readonly accept: readonly string[];
  readonly confirmed: string | null;
  readonly policy: Partial<RunPolicy>;
}

/** Accepts that the world has changed since the plan was made. */
const ACCEPT_DRIFT = 'plan_drift';

/** Finds out what an earlier run has left to do, and whether its plan still holds. Changes nothing anywhere. */
export async function prepareResume(config: Config, resume: ResumeOptions): Promise<PreparedRun> {
  const directory = await findRun(resume.logDir, resume.id);
  const proven = await proveRun(directory);
  const { plan, options: saved, state } = proven;
  const { migrationId } = plan;
  const siteIds = remainingSites(plan, state, resume.choice);
  refuseIdleResume(plan, state, siteIds, resume.choice);
  const options: MigrationOptions = {
    ...saved,
    accept: [...saved.accept, ...resume.accept],
    confirmed: resume.confirmed ?? saved.confirmed,
    policy: { ...saved.policy, ...resume.policy },
    logDir: resume.logDir,
  };
  const hasId = state.lastSeq > 0 && plan.target.identity !== undefined;
  const known = { plan, state, siteIds, hasId };
  const { prepared, records, ...means } = await planRun(
    config,
    options,
    migrationId,
    new Date(plan.createdAt),
    known,
  );
  refuseOtherNetwork(plan, prepared.plan);
  await proveJournal(means.servers.target, directory, proven).catch(refuseOtherTarget);
  const drift = findDrift(plan, prepared.plan, siteIds);
  if (drift.length > 0 && !options.accept.includes(ACCEPT_DRIFT)) {
    throw new MigrationError(
      'preflight_refused',
      [`Since the plan of ${migrationId} was made:`, ...drift.map(text => `  ${text}`)],
      {
        hint: `Go on with the plan as it was made: --accept ${ACCEPT_DRIFT}. Or start the migration anew.`,
        details: { drift },
      },
    );
  }

  const later = records ? judgeLaterRuns(plan, state, records, options.accept) : [];
  const findings = [...prepared.findings, ...later];
  const resumed = {
    mode: resumeMode(resume.choice),
    forced: drift.length > 0,
    warnings: later,
    lastSeq: state.lastSeq,
  };
  const outside = readOutside(config, selectEnvironment(config, options.target));
  const userMap = await directory.readUsers(plan);
  const { isOld } = proven;
  const expected = expectRest(plan, state, siteIds, { policy: options.policy, limits: means.limits });
  return {
    plan,
    findings,
    ...means,
    outside,
    userMap,
    options,
    directory,
    siteIds,
    expected,
    resumed,
    isOld,
  };
}

/** What an earlier run knows of its ends. `hasId`: it has been at its target. */
interface KnownEnds {
  readonly plan: Plan;
  readonly state: MigrationState;
  /** What of it is left to do. */
  readonly siteIds: readonly SiteId[];
  readonly hasId: boolean;
}

interface PlannedRun {
  readonly prepared: Prepared;
  readonly servers: Servers;
  readonly limits: ConcurrencyLimits;
  readonly pseudonymKey: string | null;
  readonly userMap: UserMap | null;
  /** Whose the tables beside the target's live ones are. */
  readonly records: TableRecords | undefined;
}

/** What a plan is made of; the rest of the options says how it is carried out. */
export type PlanOptions = Pick<
  MigrationOptions,
  'source' | 'target' | 'selection' | 'networkOnly' | 'sitesOnly' | 'targetOnlySites' | 'accept' | 'confirmed'
> & { readonly policy: Pick<RunPolicy, 'concurrency'> };

/** Looks at both ends and plans. Changes nothing anywhere. `resumes`: see PlanRequest. */
export async function planRun(
  config: Config,
  options: PlanOptions,
  migrationId: MigrationId,
  now: Date,
  known: KnownEnds | null = null,
): Promise<PlannedRun> {
  const source = selectEnvironment(config, options.source);
  const target = selectEnvironment(config, options.target);
  await Promise.all([source, target].map(openSecrets));
  const limits = readLimits(source, target);
  const request: PlanRequest = {
    migrationId,
    now,
    source: { environment: source.name, database: source.database.name, tablePrefix: source.tablePrefix },
    target: {
      environment: target.name,
      database: target.database.name,
      tablePrefix: target.tablePrefix,
      staging: target.database.staging,
      previous: target.database.previous,
    },
    rules: listRules(config, source, target),
    emails: config.rewrite.emails,
    skipColumns: config.rewrite.skipColumns,
    base64Columns: config.rewrite.base64Columns,
    treatment: planTreatment(config, target),
    named: listPatterns(config, target),
    targetProtected: isProtected(config, target),
    network: config.network,
    targetOnlySites: options.targetOnlySites ?? 'keep',
    selection: options.selection,
    networkOnly: options.networkOnly,
    sitesOnly: options.sitesOnly,
    accept: options.accept,
    concurrency: startPace(options.policy.concurrency, limits).level,
    newDatabaseId: known?.plan.target.identity?.databaseId ?? randomUUID(),
    ...(known ? { resumes: { plan: known.plan, siteIds: known.siteIds } } : {}),
  };
  const approval: Approval = {
    accept: options.accept,
    confirmed: options.confirmed,
    protectedTarget: isProtected(config, target),
  };
  const { accept } = options;
  const [end, to] = await Promise.all([
    describeEnd(source, 'source', known && expectSource(known.plan, accept)),
    describeEnd(target, 'target', known && expectTarget(known.plan, accept, known)),
  ]);
  const wantsUsers = config.network.users === 'merge';
  const columns = listWantedColumns(request);
  const from = { ...end, staff: target.safety.staff, wantsUsers, columns, hostsOf: request.rules };
  const { staging, previous } = request.target;
  const old = known && listOldStaged(known.plan, known.state);
  const places = { staging, previous, source: nameSource(request), old };
  const ends = await readEnds(from, { ...to, wantsUsers, records: places });
  const pseudonymKey = target.safety.key?.reveal() ?? null;
  const match = wantsUsers ? planUserMatch(request, ends, pseudonymKey) : null;
  const { plan, findings } = await prepare(
    { ...request, network: { ...request.network, match } },
    ends,
    approval,
  );
  const prepared = { plan, findings: [...findings, ...reviewTarget(config, target)] };
  // What was found is what this run goes on with, whatever was accepted to get here.
  const hasId = known ? known.hasId : plan.target.identity?.isFirst !== true;
  const servers = {
    source: withIdentity(from.address, expectSource(plan, accept)),
    target: withIdentity(to.address, expectTarget(plan, [], { hasId })),
  };
  const { records } = ends.target;
  return { prepared, servers, limits, pseudonymKey, userMap: match?.map ?? null, records };
}

async function describeEnd(
  environment: Environment,
  role: string,
  identity: ExpectedIdentity | null | undefined,
): Promise<EndAddress> {
  return {
    address: withIdentity(await reachServer(environment, role), identity),
    database: environment.database.name,
    tablePrefix: environment.tablePrefix,
  };
}

export interface OpenRun extends AsyncDisposable {
  readonly context: PhaseContext;
  writeSummary: OpenWork['writeSummary'];
}

/** Where progress is shown, and what whoever looks there has read already. */
export type Display = Pick<DisplayOptions, 'stream' | 'isPlanRead'>;

/** See runtime/open-work.ts. */
export async function openRun(
  run: PreparedRun,
  signal: AbortSignal,
  display: Display | null,
  say?: (text: string) => void,
): Promise<OpenRun> {
  const { plan, servers, limits, pseudonymKey, userMap, outside, options, directory } = run;
  const { resumed, siteIds, findings } = run;
  const { policy } = options;
  const begin = resumed ?? { writeFiles: () => writeFiles(run) };
  const work = await openWork(
    {
      ...{ plan, policy, limits, servers, pseudonymKey, userMap, directory, begin },
      hooks: outside.hooks,
      acceptsRemade: options.accept.includes(ACCEPT_REMADE),
      ...(say ? { say } : {}),
    },
    signal,
    display,
  );
  const { recorder, executor, onTarget, hooks, runSite, files, announce } = work;
  const context: PhaseContext = {
    plan,
    siteIds,
    resumed: resumed && { mode: resumed.mode, forced: resumed.forced, warnings: resumed.warnings },
    findings,
    policy,
    pace: startPace(policy.concurrency, limits),
    recorder,
    files,
    announce,
    executor,
    onTarget,
    ownTables: work.ownTables,
    async onSource(deed) {
      await using connection = await connectSource(work.servers.source!);
      return await deed(connection);
    },
    signal: work.signal,
    hooks,
    probes: policy.healthCheck ? outside.probes : null,
    cache: outside.cache && createObjectCache(outside.cache, plan, resolve(directory.path)),
    runSite,
  };
  return {
    context,
    writeSummary: summary => work.writeSummary(summary),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

async function writeFiles({ directory, plan, options, userMap }: PreparedRun): Promise<void> {
  const { logDir: _, ...saved } = options;
  if (userMap) await directory.writeUsers(userMap);
  await directory.writePlan(plan);
  await directory.writeOptions({ ...saved, planDigest: plan.digest, chained: true });
}

/** Shows who works on a target, or breaks that lease. */
export async function unlockTarget(
  config: Config,
  name: string,
  lockId: string | null,
  say: (text: string) => void,
): Promise<TargetLock> {
  const environment = selectEnvironment(config, name);
  const address = await reachServer(environment, 'target');
  return unlockLease({ address, environment: name, database: environment.database.name, lockId, say });
}
