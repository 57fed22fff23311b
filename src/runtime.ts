// The composition root: turns configuration and options into the real things, and disposes of them in reverse. The
// only file that may know everyone.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pairHosts } from './config/pair-hosts.ts';
import { resolveServer } from './config/resolve-server.ts';
import type { Config, Environment } from './config/schema.ts';
import { selectEnvironment } from './config/select-environment.ts';
import { MigrationError } from './errors.ts';
import { createLocalExecutor } from './executors/local.ts';
import type { Finding } from './lib/finding.ts';
import { Releasers } from './lib/releasers.ts';
import { type Approval, type Prepared, prepare } from './migrate.ts';
import { Journal } from './migration/journal.ts';
import { takeRunLock } from './migration/lock.ts';
import type { Plan } from './migration/plan.ts';
import type { RunPolicy } from './migration/policy.ts';
import { Recorder } from './migration/recorder.ts';
import { newMigrationId, RunDirectory } from './migration/run-directory.ts';
import type { SiteSelection } from './migration/select-sites.ts';
import { initialState } from './migration/state.ts';
import { classifyDatabaseError } from './mysql/classify.ts';
import { connectTarget } from './mysql/client.ts';
import { missingPrivileges } from './mysql/grants.ts';
import { readServer } from './mysql/read-server.ts';
import type { PlanRequest } from './phases/build-plan.ts';
import type { PhaseContext } from './phases/phase.ts';
import { type EndAddress, readEnds } from './phases/read-ends.ts';
import { createRewriter } from './rewrite/rewriter.ts';
import { createProgressLog } from './sinks/progress-log.ts';
import type { Sink } from './sinks/sink.ts';
import { createStateSnapshot } from './sinks/state-snapshot.ts';
import { createTerminal } from './sinks/terminal.ts';
import { runSite } from './site/run-site.ts';
import type { Servers } from './site/site-connections.ts';

/** What the command line asks for. */
export interface MigrationOptions {
  readonly source: string;
  readonly target: string;
  readonly selection: SiteSelection;
  readonly networkOnly: boolean;
  readonly sitesOnly: boolean;
  readonly accept: readonly string[];
  readonly confirmed: string | null;
  readonly policy: RunPolicy;
  /** Folder that holds the run directories. */
  readonly logDir: string;
}

export interface PreparedRun extends Prepared {
  readonly servers: Servers;
  readonly options: MigrationOptions;
}

/** Resolves both environments, looks at both ends and plans. Changes nothing anywhere. */
export async function prepareRun(config: Config, options: MigrationOptions): Promise<PreparedRun> {
  const source = selectEnvironment(config, options.source);
  const target = selectEnvironment(config, options.target);
  refuseUnsupported(config);
  const request = describeRequest(config, source, target, options);
  const approval: Approval = {
    accept: options.accept,
    confirmed: options.confirmed,
    protectedTarget: target.protected,
  };
  const [from, to] = await Promise.all([describeEnd(source, 'source'), describeEnd(target, 'target')]);
  const ends = await readEnds(from, to);
  const prepared = await prepare(request, ends, approval);
  return { ...prepared, servers: { source: from.address, target: to.address }, options };
}

/** A setting that this version doesn't carry out is an error: silently another migration would be worse. */
function refuseUnsupported(config: Config): void {
  const asked = [
    config.network.users === 'keep' ? '' : 'network.users',
    config.network.protectedMeta.length === 0 ? '' : 'network.protectedMeta',
    config.network.tables.length === 0 ? '' : 'network.tables',
    config.tables.skipData.length === 0 ? '' : 'tables.skipData',
  ].filter(Boolean);
  if (asked.length === 0) return;
  throw new MigrationError(
    'config_invalid',
    `${config.file} sets ${asked.join(', ')}, which this version doesn't carry out yet.`,
    {
      hint: 'Take the setting out, or wait for the version that has it.',
    },
  );
}

function describeRequest(
  config: Config,
  source: Environment,
  target: Environment,
  options: MigrationOptions,
): PlanRequest {
  const now = new Date();
  return {
    migrationId: newMigrationId(now),
    now,
    source: { environment: source.name, database: source.database.name, tablePrefix: source.tablePrefix },
    target: {
      environment: target.name,
      database: target.database.name,
      tablePrefix: target.tablePrefix,
      staging: target.database.staging,
      previous: target.database.previous,
    },
    rules: [...pairHosts(source.hosts, target.hosts).rules, ...config.rewrite.pairs],
    emails: config.rewrite.emails,
    skipColumns: config.rewrite.skipColumns,
    selection: options.selection,
    networkOnly: options.networkOnly,
    sitesOnly: options.sitesOnly,
    accept: options.accept,
    concurrency: options.policy.concurrency,
  };
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

/** Makes the run directory with plan and options in it, takes the locks, opens the journal. From here on the target may
 *  be written to. `display`: where to show progress, if anywhere. */
export async function openRun(
  prepared: PreparedRun,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
): Promise<OpenRun> {
  const { plan, findings, servers, options } = prepared;
  await using opened = new Releasers();
  const directory = new RunDirectory(join(options.logDir, plan.migrationId));
  await directory.create();
  const lock = opened.use(await takeRunLock(directory.lock));
  const target = opened.use(await connectTarget(servers.target));
  await holdTarget(target, plan);
  await directory.writePlan(plan);
  await directory.writeOptions({
    source: options.source,
    target: options.target,
    planDigest: plan.digest,
    flags: {
      ...options.policy,
      ...options.selection,
      networkOnly: options.networkOnly,
      sitesOnly: options.sitesOnly,
      accept: options.accept,
    },
  });
  const journal = opened.use(await Journal.open(directory.journal));
  const sinks: Sink[] = [
    createProgressLog(directory.progressLog, plan),
    createStateSnapshot(state => directory.writeState(state)),
    ...(display ? [createTerminal({ plan, stream: display })] : []),
  ];
  opened.add(async () => {
    for (const sink of sinks) await sink.close?.();
  });
  const recorder = new Recorder({ journal, state: initialState(plan.migrationId), sinks });
  const stop = AbortSignal.any([signal, lock.lost]);
  const rewriter = createRewriter(plan.rules, { emails: plan.emails });
  const context: PhaseContext = {
    plan,
    findings,
    policy: options.policy,
    recorder,
    executor: createLocalExecutor(options.policy.concurrency),
    target,
    signal: stop,
    runSite: task =>
      runSite(task, {
        plan,
        policy: options.policy,
        servers,
        rewriter,
        report: event => recorder.record(event),
        tick: tick => recorder.tick(tick),
        signal: stop,
      }),
  };
  const kept = opened.move();
  return { context, directory, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() };
}

/** One run at a time works on a target database, from whatever machine: its server holds a lock of that name for as
 *  long as the connection lives. */
async function holdTarget(target: Awaited<ReturnType<typeof connectTarget>>, plan: Plan): Promise<void> {
  const name = `wfuwp:${createHash('sha256').update(plan.target.database).digest('hex').slice(0, 40)}`;
  const [row] = await target.query<{ taken: number | null }>('SELECT GET_LOCK(?, 0) AS taken', [name]);
  if (Number(row?.taken) === 1) return;
  throw new MigrationError(
    'locked',
    `Another run is working on the target "${plan.target.environment}" (database ${plan.target.database}).`,
  );
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
      server.databases.has(database.name)
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
