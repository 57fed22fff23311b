// An earlier run, opened again for something else than migrating: to roll it back or to clean up after it.

import { isProtected } from '../config/review-environments.ts';
import type { Config, Environment } from '../config/schema.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import { MigrationError } from '../errors.ts';
import { passKillPoint } from '../lib/kill-points.ts';
import type { ConcurrencyLimits } from '../migration/concurrency.ts';
import type { Plan } from '../migration/plan.ts';
import type { RunDirectory, SavedOptions } from '../migration/run-directory.ts';
import type { MigrationState } from '../migration/state.ts';
import { loadRun } from '../migration/store.ts';
import { summarize } from '../migration/summary.ts';
import type { ServerAddress } from '../mysql/client.ts';
import { areOneName } from '../mysql/spell-names.ts';
import { readTarget } from '../phases/read-target.ts';
import type { RemovalFacts } from '../phases/remove-kept.ts';
import type { Servers } from '../site/site-connections.ts';
import { readLimits } from './concurrency-limits.ts';
import { ACCEPT_REMADE, expectTarget, withIdentity } from './expect-ends.ts';
import { type OpenWork, openWork } from './open-work.ts';
import { proveJournal } from './prove-journal.ts';
import { reachServer } from './reach-server.ts';

export interface UndoOptions {
  readonly id: string;
  readonly logDir: string;
  /** `--confirm NAME`. */
  readonly confirmed: string | null;
  /** `--accept CODE`. */
  readonly accept: readonly string[];
}

export interface EndedRun {
  readonly directory: RunDirectory;
  readonly plan: Plan;
  readonly state: MigrationState;
  readonly options: SavedOptions;
  readonly servers: Servers;
  readonly limits: ConcurrencyLimits;
  readonly facts: RemovalFacts;
  readonly acceptsRemade: boolean;
  /** A version without hashes has begun it. */
  readonly isOld: boolean;
}

/** Reads the run, and what its target holds now. Changes nothing anywhere. The source is not asked, and its password
 *  need not be known. */
export async function readEnded(
  config: Config,
  { id, logDir, confirmed, accept }: UndoOptions,
): Promise<EndedRun> {
  const run = await loadRun(logDir, id);
  const { directory, plan, options, state, isOld } = run;
  const { environment } = plan.target;
  const target = selectTargetOf(config, plan);
  if (isProtected(config, target) && confirmed !== environment) {
    throw new MigrationError('preflight_refused', `The target "${environment}" is protected.`, {
      hint: `If you mean it: --confirm ${environment}`,
    });
  }
  const servers = { source: null, target: await resolveTargetOf(plan, state, target, accept) };
  const limits = readLimits(null, target);
  await proveJournal(servers.target, directory, run).catch(refuseOtherTarget);
  const facts = await readTarget(servers.target, plan).catch(refuseOtherTarget);
  const acceptsRemade = accept.includes(ACCEPT_REMADE);
  return { directory, plan, options, state, servers, limits, facts, acceptsRemade, isOld };
}

/** Where the run's target is now, and who must answer there. */
export async function resolveTargetOf(
  plan: Plan,
  state: MigrationState,
  target: Environment,
  accept: readonly string[],
): Promise<ServerAddress> {
  const address = await reachServer(target, 'target');
  return withIdentity(address, expectTarget(plan, accept, { hasId: state.lastSeq > 0 }));
}

/** Nothing has been done yet. */
export function refuseOtherTarget(error: unknown): never {
  if (!(error instanceof MigrationError) || error.code !== 'identity') throw error;
  const { message, hint, details } = error;
  throw new MigrationError('preflight_refused', message, { hint, details, cause: error });
}

/** The run's target as it is configured now. Refuses one that is another than the run's. */
export function selectTargetOf(config: Config, plan: Plan): Environment {
  const { environment } = plan.target;
  const target = selectEnvironment(config, environment);
  const { name, staging, previous } = target.database;
  const { lowerCaseTableNames = 0 } = plan.target;
  const pairs = [
    [name, plan.target.database],
    [staging, plan.target.staging],
    [previous, plan.target.previous],
  ] as const;
  if (!pairs.every(([now, then]) => areOneName(now, then, lowerCaseTableNames))) {
    throw new MigrationError(
      'config_invalid',
      `"${environment}" is another target now than in ${plan.migrationId}: ${name}, ${staging}, ${previous} instead of ${plan.target.database}, ${plan.target.staging}, ${plan.target.previous}.`,
      { hint: 'Use the configuration that the run was made with: --config FILE' },
    );
  }
  return target;
}

/** Under all locks. Refuses when another run has been at the target since the facts were read. */
export async function openEnded(
  run: EndedRun,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<OpenWork> {
  const { plan, options, servers, limits, directory, state, facts, acceptsRemade } = run;
  const begin = { lastSeq: state.lastSeq };
  const work = await openWork(
    { plan, policy: options.policy, limits, servers, directory, begin, acceptsRemade, say },
    signal,
    null,
  );
  if (work.fencing === facts.fencing + 1) return work;
  await work[Symbol.asyncDispose]();
  throw new MigrationError('locked', `Another run has just worked on "${plan.target.environment}".`, {
    hint: 'Look again what there is to do: the same command, without --yes.',
  });
}

/** The summary tells of the run as it stands now. */
export async function writeSummaryAgain(
  { plan }: EndedRun,
  { recorder, writeSummary }: OpenWork,
): Promise<void> {
  passKillPoint('before summary');
  await writeSummary(summarize(plan, recorder.state as MigrationState));
}
