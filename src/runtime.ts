// The composition root: turns configuration and options into the real things, and disposes of them in reverse. The
// only file that may know everyone.

import { basename, join, resolve } from 'node:path';
import { listRules } from './config/list-rules.ts';
import { resolveServer } from './config/resolve-server.ts';
import type { Config, Environment } from './config/schema.ts';
import { selectEnvironment } from './config/select-environment.ts';
import { MigrationError } from './errors.ts';
import type { Finding } from './lib/finding.ts';
import { type Approval, type Prepared, prepare } from './migrate.ts';
import { type ConcurrencyLimits, startPace } from './migration/concurrency.ts';
import type { ResumeMode } from './migration/events.ts';
import { findDrift } from './migration/find-drift.ts';
import type { RunPolicy } from './migration/policy.ts';
import {
  type ResumeChoice,
  refuseIdleResume,
  remainingSites,
  resumeMode,
} from './migration/remaining-work.ts';
import { newMigrationId, RunDirectory } from './migration/run-directory.ts';
import type { SiteSelection } from './migration/select-sites.ts';
import { findRun } from './migration/store.ts';
import type { TargetLock } from './migration/target-lock.ts';
import { type MigrationId, NETWORK, type SiteId } from './migration/words.ts';
import { classifyDatabaseError } from './mysql/classify.ts';
import { connectSource, connectTarget } from './mysql/client.ts';
import { missingPrivileges } from './mysql/grants.ts';
import { readServer } from './mysql/read-server.ts';
import { spellName } from './mysql/spell-names.ts';
import type { PlanRequest } from './phases/build-plan.ts';
import { listWantedColumns } from './phases/find-pattern-hazards.ts';
import { nameSource } from './phases/note-addresses.ts';
import type { PhaseContext } from './phases/phase.ts';
import { type EndAddress, readEnds } from './phases/read-ends.ts';
import { unlockTarget as unlockLease } from './phases/unlock-target.ts';
import type { UserMap } from './policy/user-map.ts';
import { readLimits } from './runtime/concurrency-limits.ts';
import { listPatterns } from './runtime/list-patterns.ts';
import { createObjectCache } from './runtime/object-cache.ts';
import { openWork } from './runtime/open-work.ts';
import { planTreatment } from './runtime/plan-treatment.ts';
import { planUserMatch } from './runtime/plan-users.ts';
import { type Outside, readOutside } from './runtime/read-outside.ts';
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
  /** null: a new run. */
  readonly resumed: { readonly mode: ResumeMode; readonly forced: boolean; readonly lastSeq: number } | null;
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
    resumed: null,
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
  const migrationId = basename(directory.path) as MigrationId;
  const [plan, saved, { state }] = await Promise.all([
    directory.readPlan(),
    directory.readOptions(),
    directory.readState(migrationId),
  ]);
  const siteIds = remainingSites(plan, state, resume.choice);
  refuseIdleResume(plan, state, siteIds, resume.choice);
  const options: MigrationOptions = {
    ...saved,
    accept: [...saved.accept, ...resume.accept],
    confirmed: resume.confirmed ?? saved.confirmed,
    policy: { ...saved.policy, ...resume.policy },
    logDir: resume.logDir,
  };
  const { prepared, ...means } = await planRun(config, options, migrationId, new Date(plan.createdAt), {
    plan,
    siteIds,
  });
  const drift = findDrift(plan, prepared.plan, siteIds);
  if (drift.length > 0 && !options.accept.includes(ACCEPT_DRIFT)) {
    throw new MigrationError(
      'preflight_refused',
      `Since the plan of ${migrationId} was made:\n${drift.map(text => `  ${text}`).join('\n')}`,
      {
        hint: `Go on with the plan as it was made: --accept ${ACCEPT_DRIFT}. Or start the migration anew.`,
        details: { drift },
      },
    );
  }
  const resumed = { mode: resumeMode(resume.choice), forced: drift.length > 0, lastSeq: state.lastSeq };
  const { findings } = prepared;
  const outside = readOutside(config, selectEnvironment(config, options.target));
  const userMap = await directory.readUsers(plan);
  return { plan, findings, ...means, outside, userMap, options, directory, siteIds, resumed };
}

interface PlannedRun {
  readonly prepared: Prepared;
  readonly servers: Servers;
  readonly limits: ConcurrencyLimits;
  readonly pseudonymKey: string | null;
  readonly userMap: UserMap | null;
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
  resumes?: PlanRequest['resumes'],
): Promise<PlannedRun> {
  const source = selectEnvironment(config, options.source);
  const target = selectEnvironment(config, options.target);
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
    targetProtected: target.protected,
    network: config.network,
    targetOnlySites: options.targetOnlySites ?? 'keep',
    selection: options.selection,
    networkOnly: options.networkOnly,
    sitesOnly: options.sitesOnly,
    accept: options.accept,
    concurrency: startPace(options.policy.concurrency, limits).level,
    ...(resumes ? { resumes } : {}),
  };
  const approval: Approval = {
    accept: options.accept,
    confirmed: options.confirmed,
    protectedTarget: target.protected,
  };
  const [end, to] = await Promise.all([describeEnd(source, 'source'), describeEnd(target, 'target')]);
  const wantsUsers = config.network.users === 'merge';
  const from = { ...end, staff: target.safety.staff, wantsUsers, columns: listWantedColumns(request) };
  const { staging, previous } = request.target;
  const records = { staging, previous, source: nameSource(request) };
  const ends = await readEnds(from, { ...to, wantsUsers, records });
  const pseudonymKey = target.safety.key?.reveal() ?? null;
  const match = wantsUsers ? planUserMatch(request, ends, pseudonymKey) : null;
  const prepared = await prepare({ ...request, network: { ...request.network, match } }, ends, approval);
  const servers = { source: from.address, target: to.address };
  return { prepared, servers, limits, pseudonymKey, userMap: match?.map ?? null };
}

async function describeEnd(environment: Environment, role: string): Promise<EndAddress> {
  return {
    address: await resolveServer(environment, role),
    database: environment.database.name,
    tablePrefix: environment.tablePrefix,
  };
}

export interface OpenRun extends AsyncDisposable {
  readonly context: PhaseContext;
  readonly directory: RunDirectory;
}

/** See runtime/open-work.ts. */
export async function openRun(
  run: PreparedRun,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
): Promise<OpenRun> {
  const { plan, servers, limits, pseudonymKey, userMap, outside, options, directory } = run;
  const { resumed, siteIds, findings } = run;
  const { policy } = options;
  const begin = resumed ?? { writeFiles: () => writeFiles(run) };
  const work = await openWork(
    { plan, policy, limits, servers, pseudonymKey, userMap, directory, hooks: outside.hooks, begin },
    signal,
    display,
  );
  const { recorder, executor, onTarget, hooks, runSite } = work;
  const context: PhaseContext = {
    plan,
    siteIds,
    resumed: resumed && { mode: resumed.mode, forced: resumed.forced },
    findings,
    policy,
    pace: startPace(policy.concurrency, limits),
    recorder,
    executor,
    onTarget,
    async onSource(deed) {
      await using connection = await connectSource(servers.source!);
      return await deed(connection);
    },
    signal: work.signal,
    hooks,
    probes: policy.healthCheck ? outside.probes : null,
    cache: outside.cache && createObjectCache(outside.cache, plan, resolve(directory.path)),
    runSite,
  };
  return { context, directory, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}

async function writeFiles({ directory, plan, options, userMap }: PreparedRun): Promise<void> {
  const { logDir: _, ...saved } = options;
  if (userMap) await directory.writeUsers(userMap);
  await directory.writePlan(plan);
  await directory.writeOptions({ ...saved, planDigest: plan.digest });
}

/** Shows who works on a target, or breaks that lease. */
export async function unlockTarget(config: Config, name: string, lockId: string | null): Promise<TargetLock> {
  const environment = selectEnvironment(config, name);
  const address = await resolveServer(environment, 'target');
  return unlockLease({ address, environment: name, database: environment.database.name, lockId });
}

/** For `config check`: can this environment be reached, and what may its user do there? */
export async function probeEnvironment(environment: Environment): Promise<readonly Finding[]> {
  const { database } = environment;
  try {
    await using connection = await connectTarget(await resolveServer(environment, 'environment'));
    const server = await readServer(connection);
    const lacking = (name: string, rights: readonly string[]): string =>
      missingPrivileges(server.grants, name, rights).join(', ');
    const asTarget = [database.name, database.staging, database.previous].filter(
      name => lacking(name, ['INSERT', 'CREATE', 'DROP', 'ALTER']) !== '',
    );
    return [
      { code: 'reachable', outcome: 'passed', message: `Connected; the server runs ${server.version}.` },
      server.databases.has(spellName(database.name, server.lowerCaseTableNames, server.databases))
        ? { code: 'database', outcome: 'passed', message: `Database ${database.name} is there.` }
        : {
            code: 'database',
            outcome: 'failed',
            message: `There is no database ${database.name}, or its user may not see it.`,
            hint: 'Check "name", or grant SELECT on it.',
          },
      asTarget.length === 0
        ? {
            code: 'rights',
            outcome: 'passed',
            message: 'The user may read and write: fit for source and target.',
          }
        : {
            code: 'rights',
            outcome: 'passed',
            message: `The user is fit for a source only: it can't write to ${asTarget.join(', ')}.`,
          },
    ];
  } catch (error) {
    const { code, message, hint } = classifyDatabaseError(
      error,
      `checking environment "${environment.name}"`,
    );
    return [{ code, outcome: 'failed', message, hint }];
  }
}
