// An earlier run, opened again for something else than migrating: to roll it back or to clean up after it.

import { resolveServer } from '../config/resolve-server.ts';
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
import { areOneName } from '../mysql/spell-names.ts';
import { readTarget } from '../phases/read-target.ts';
import type { RemovalFacts } from '../phases/remove-kept.ts';
import type { Servers } from '../site/site-connections.ts';
import { readLimits } from './concurrency-limits.ts';
import { type OpenWork, openWork } from './open-work.ts';

export interface UndoOptions {
  readonly id: string;
  readonly logDir: string;
  /** `--confirm NAME`. */
  readonly confirmed: string | null;
}

export interface EndedRun {
  readonly directory: RunDirectory;
  readonly plan: Plan;
  readonly state: MigrationState;
  readonly options: SavedOptions;
  readonly servers: Servers;
  readonly limits: ConcurrencyLimits;
  readonly facts: RemovalFacts;
}

/** Reads the run, and what its target holds now. Changes nothing anywhere. The source is not asked, and its password
 *  need not be known. */
export async function readEnded(config: Config, { id, logDir, confirmed }: UndoOptions): Promise<EndedRun> {
  const { directory, plan, options, state } = await loadRun(logDir, id);
  const { environment } = plan.target;
  const target = selectTargetOf(config, plan);
  if (target.protected && confirmed !== environment) {
    throw new MigrationError('preflight_refused', `The target "${environment}" is protected.`, {
      hint: `If you mean it: --confirm ${environment}`,
    });
  }
  const servers = { source: null, target: await resolveServer(target, 'target') };
  const limits = readLimits(null, target);
  return { directory, plan, options, state, servers, limits, facts: await readTarget(servers.target, plan) };
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
export async function openEnded(run: EndedRun, signal: AbortSignal): Promise<OpenWork> {
  const { plan, options, servers, limits, directory, state, facts } = run;
  const begin = { lastSeq: state.lastSeq };
  const work = await openWork(
    { plan, policy: options.policy, limits, servers, directory, begin },
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
  { directory, plan }: EndedRun,
  { recorder }: OpenWork,
): Promise<void> {
  passKillPoint('before summary');
  await directory.writeSummary(summarize(plan, recorder.state as MigrationState));
}
