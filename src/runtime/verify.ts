// `verify`: proves again that the target holds what it should, by a run's journal or by the source as it is now. Takes
// no lock and writes nothing, neither to a server nor to a run's directory.

import type { Config } from '../config/schema.ts';
import { MigrationError } from '../errors.ts';
import { formatIds } from '../lib/format.ts';
import { runPool } from '../lib/run-pool.ts';
import { createSteadyClock } from '../lib/steady-clock.ts';
import { copiedTables } from '../migration/copied-table.ts';
import type { TaskState } from '../migration/fold-task.ts';
import { listUnits, type Unit } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import { newMigrationId } from '../migration/run-directory.ts';
import type { MigrationState } from '../migration/state.ts';
import { loadRun } from '../migration/store.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { countVerified, type VerifiedUnit, type VerifyReport } from '../migration/verify-report.ts';
import { type MigrationId, nameTask, type TaskId, UNCHANGED } from '../migration/words.ts';
import type { DatabaseConnection, ServerAddress } from '../mysql/client.ts';
import { readCopiedSite } from '../mysql/copied-sites.ts';
import { type PreviousOwner, readPreviousOwners } from '../mysql/previous-owners.ts';
import { createRewriter, type Rewriter } from '../rewrite/rewriter.ts';
import { planRun } from '../runtime.ts';
import { createUnitProgress } from '../sinks/unit-progress.ts';
import { createTreatTable } from '../site/create-treat-table.ts';
import { type ExpectTable, expectCopied, expectFromSource } from '../site/expected-figures.ts';
import { proveUnit } from '../site/prove-unit.ts';
import { readOwnColumns } from '../site/row-merge.ts';
import { refuseOtherTarget, resolveTargetOf, selectTargetOf } from './open-ended.ts';
import { proveJournal } from './prove-journal.ts';
import { type Reading, readPatiently } from './reading.ts';

export interface VerifyOptions {
  /** null: all of them and the network tables. */
  readonly taskIds: readonly TaskId[] | null;
  /** Units at once; each has a connection to each end. */
  readonly concurrency: number;
  readonly logDir: string;
  /** `--accept CODE`. */
  readonly accept: readonly string[];
}

/** A verification that is decided on: what of, and what each unit is held against. */
export interface Verification {
  readonly plan: Plan;
  readonly migrationId: MigrationId | null;
  readonly units: readonly Unit[];
  readonly rewriter: Rewriter;
  readonly target: ServerAddress;
  /** Decides for one unit what it is held against, or that it isn't looked at at all. Called again after a lost
   *  connection. */
  choose(unit: Unit, reading: Reading, target: DatabaseConnection, signal: AbortSignal): Promise<Choice>;
}

type Choice =
  | { readonly expect: ExpectTable }
  | { readonly verdict: 'not_verified' | 'not_part'; readonly reason: string };

/** Of a run, by its journal. The source is not asked. */
export async function prepareRunVerification(
  config: Config,
  id: string,
  { taskIds, logDir, accept }: VerifyOptions,
): Promise<Verification> {
  const run = await loadRun(logDir, id);
  const { plan, state } = run;
  const target = await resolveTargetOf(plan, state, selectTargetOf(config, plan), accept);
  await proveJournal(target, run.directory, run).catch(refuseOtherTarget);
  const { migrationId } = plan;
  // Some tables may have come or gone at the source before a site's turn.
  const carried = listUnits(plan).map(unit => ({
    ...unit,
    tables: state.sites[unit.taskId]?.tables ?? unit.tables,
  }));
  const units = selectUnits(carried, taskIds, `Run ${migrationId}`);
  let owners: Promise<Map<number, PreviousOwner>> | undefined;
  return {
    plan,
    migrationId,
    units,
    rewriter: createRewriter(plan.rules, { emails: plan.emails }),
    target,
    async choose(unit, _reading, connection) {
      owners ??= readPreviousOwners(connection, plan.target.previous).catch(error => {
        owners = undefined;
        throw error;
      });
      return chooseOfRun(plan, state, unit, (await owners).get(unit.taskId), connection);
    },
  };
}

async function chooseOfRun(
  plan: Plan,
  state: MigrationState,
  { taskId }: Unit,
  owner: PreviousOwner | undefined,
  target: DatabaseConnection,
): Promise<Choice> {
  const site = taskId === NETWORK ? state.network : state.sites[taskId];
  if (site?.status === 'skipped' && site.reason === UNCHANGED) return chooseUnchanged(plan, taskId, target);
  if (site?.status !== 'completed') return explainLeftAside(site ?? null);
  if (owner && owner.migrationId !== plan.migrationId && owner.state !== 'rolled_back') {
    const reason = `a later run, ${owner.migrationId}, has migrated it again`;
    return { verdict: 'not_verified', reason };
  }
  return { expect: expectCopied(copiedTables(site.steps.copy_tables), readOwnColumns(site)) };
}

/** The run has proven that it is as an earlier one left it, and what that was is written down on the target. */
async function chooseUnchanged(plan: Plan, taskId: TaskId, target: DatabaseConnection): Promise<Choice> {
  const { database, tablePrefix, staging } = plan.target;
  const copied = await readCopiedSite(target, staging, { database, tablePrefix, taskId });
  if (copied) return { expect: expectCopied(copied.tables.map(pair => pair.target)) };
  return { verdict: 'not_verified', reason: 'the run left it as it was, and nothing is written down of it' };
}

function explainLeftAside(site: TaskState | null): Choice {
  const status = site?.status ?? 'pending';
  if (status === 'rolled_back') return { verdict: 'not_part', reason: 'it was rolled back' };
  if (status === 'skipped') return { verdict: 'not_part', reason: site?.reason ?? 'it was skipped' };
  const why = site?.error ? `: ${site.error.message}` : '';
  return { verdict: 'not_verified', reason: `its migration is ${status.replaceAll('_', ' ')}${why}` };
}

/** Of two environments: the rows of the source as they are now, rewritten on the way, and not sent. */
export async function preparePairVerification(
  config: Config,
  pair: { readonly source: string; readonly target: string },
  { taskIds, concurrency }: VerifyOptions,
): Promise<Verification> {
  const now = new Date();
  const include = taskIds?.filter(taskId => taskId !== NETWORK) ?? null;
  const withNetwork = taskIds === null || taskIds.includes(NETWORK);
  const options = {
    ...pair,
    selection: {
      include: include !== null && include.length > 0 ? include : null,
      exclude: null,
      activeOnly: false,
      excludeMainSite: false,
    },
    networkOnly: include !== null && include.length === 0,
    sitesOnly: !withNetwork,
    accept: [],
    confirmed: null,
    policy: { concurrency },
  };
  const { prepared, servers, pseudonymKey, userMap } = await planRun(
    config,
    options,
    newMigrationId(now),
    now,
  );
  const { plan } = prepared;
  const rewriter = createRewriter(plan.rules, { emails: plan.emails });
  const treatTable = createTreatTable(plan, { pseudonymKey, userMap });
  const source = servers.source;
  if (!source) throw new Error('a pair has a source');
  return {
    plan,
    migrationId: null,
    units: selectUnits(listUnits(plan), taskIds, `From "${pair.source}" to "${pair.target}"`),
    rewriter,
    target: servers.target,
    async choose({ taskId }, reader, _target, signal) {
      const connection = await reader.connect(source);
      // The tables of a site belong to one moment.
      await connection.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const reading = { plan, taskId, source: connection, rewriter, treatTable, signal };
      return { expect: expectFromSource(reading) };
    },
  };
}

function selectUnits(all: readonly Unit[], taskIds: readonly TaskId[] | null, whose: string): Unit[] {
  if (taskIds === null) return [...all];
  const known = new Set(all.map(unit => unit.taskId));
  const unknown = taskIds.filter(taskId => !known.has(taskId));
  if (unknown.length > 0) {
    throw new MigrationError('usage', `${whose} has no ${unknown.map(nameTask).join(', ')}.`, {
      hint: 'Name sites that are in the plan; 0 stands for the network tables.',
      details: { unknown },
    });
  }
  const named = new Set(taskIds);
  return all.filter(unit => named.has(unit.taskId));
}

/** Carries it out, and shows on `display` how far it is. Rejects only with what stops everything. */
export async function verify(
  verification: Verification,
  { concurrency }: Pick<VerifyOptions, 'concurrency'>,
  signal: AbortSignal,
  display: NodeJS.WriteStream | null,
): Promise<VerifyReport> {
  const { plan, migrationId, units } = verification;
  const now = createSteadyClock();
  const startedAt = now().toISOString();
  const verified: VerifiedUnit[] = [];
  using progress = createUnitProgress({ plan, total: units.length, deed: 'verified', stream: display });
  const verifyOne = async (unit: Unit): Promise<void> => {
    const result = await readPatiently(reading => verifyUnit(unit, verification, reading, signal), signal);
    verified.push(result);
    if (result.verdict === 'proven') progress.done(unit.taskId);
    else if (result.verdict !== 'not_part') progress.failed(unit.taskId);
  };
  await runPool(units, concurrency, verifyOne, signal).catch(error => {
    if (error instanceof MigrationError && error.code === 'identity') refuseOtherTarget(error);
    throw adviseToRepeat(error);
  });
  verified.sort((a, b) => a.taskId - b.taskId);
  const counts = countVerified(verified);
  const wrong = verified.filter(unit => unit.verdict === 'different').map(unit => unit.taskId);
  return {
    migrationId,
    source: plan.source.environment,
    target: plan.target.environment,
    against: migrationId === null ? 'source' : 'journal',
    startedAt,
    endedAt: now().toISOString(),
    counts,
    allProven: counts.proven > 0 && counts.different + counts.notVerified === 0,
    units: verified,
    nextCommands: suggestCommands(plan, wrong),
  };
}

/** There is nothing here to resume. */
function adviseToRepeat(error: unknown): unknown {
  if (!(error instanceof MigrationError) || !error.hint.includes('--resume')) return error;
  const { code, message, scope, exit, details } = error;
  const hint = 'Nothing was changed. When the cause is fixed, type the same command again.';
  return new MigrationError(code, message, { scope, exit, details, hint, cause: error });
}

async function verifyUnit(
  unit: Unit,
  { plan, rewriter, target: address, choose }: Verification,
  reading: Reading,
  signal: AbortSignal,
): Promise<VerifiedUnit> {
  const { taskId, address: where, tables } = unit;
  const target = await reading.connect(address);
  const choice = await choose(unit, reading, target, signal);
  const named = { taskId, address: where };
  if ('verdict' in choice) return { ...named, ...choice, tables: [] };
  const { expect } = choice;
  return { ...named, ...(await proveUnit({ plan, taskId, tables, target, rewriter, expect, signal })) };
}

function suggestCommands({ source, target }: Plan, wrong: readonly TaskId[]): string[] {
  if (wrong.length === 0) return [];
  const pair = `wfuwp env-migrate ${source.environment} ${target.environment}`;
  const taskIds = wrong.filter(taskId => taskId !== NETWORK);
  const scope = taskIds.length === 0 ? '--network-only' : `--include-sites ${listIds(taskIds)}`;
  return [`${pair} ${scope}${taskIds.length > 0 && taskIds.length === wrong.length ? ' --sites-only' : ''}`];
}

/** Without spaces, as a flag takes them. */
function listIds(taskIds: readonly TaskId[]): string {
  return formatIds(taskIds, taskIds.length).replaceAll(' ', '');
}
