// THE STORY. A migration is: look at both ends and make a plan; then, under a lock and with a journal, five phases;
// then a summary. Everything else in this program serves these two functions.

import { hostname } from 'node:os';
import { type ExitName, MigrationError, toErrorRecord } from './errors.ts';
import type { Finding } from './lib/finding.ts';
import { passKillPoint } from './lib/kill-points.ts';
import type { Plan } from './migration/plan.ts';
import type { Recorder } from './migration/recorder.ts';
import { countSites } from './migration/state.ts';
import { type Summary, summarize } from './migration/summary.ts';
import { hasTroubles } from './migration/troubles.ts';
import type { EndStatus } from './migration/words.ts';
import { buildPlan, type PlanRequest } from './phases/build-plan.ts';
import { runChecks } from './phases/checks.ts';
import { cleanup } from './phases/cleanup.ts';
import { flushCache } from './phases/flush-cache.ts';
import { networkTables } from './phases/network-tables.ts';
import type { Phase, PhaseContext } from './phases/phase.ts';
import { postMigration } from './phases/post-migration.ts';
import { preflight } from './phases/preflight.ts';
import type { Ends } from './phases/read-ends.ts';
import { listRollable, rollBack } from './phases/roll-back.ts';
import { sites } from './phases/sites.ts';

export interface Prepared {
  readonly plan: Plan;
  /** What the checks found. Any that failed: the migration must not start. */
  readonly findings: readonly Finding[];
}

/** Looks at both ends, plans and checks. Reads only; this is also all that a dry run does. */
export async function prepare(request: PlanRequest, ends: Ends, approval: Approval): Promise<Prepared> {
  const plan = buildPlan(request, ends.source, ends.target, ends.sameServer);
  const findings = await runChecks({ plan, ...ends, ...approval });
  return { plan, findings };
}

/** What the user has allowed beforehand. */
export interface Approval {
  readonly accept: readonly string[];
  readonly protectedTarget: boolean;
  readonly confirmed: string | null;
}

/** Throws `preflight_refused`, naming every finding that stands against the migration. */
export function refuseOnFailures(findings: readonly Finding[]): void {
  const failed = findings.filter(finding => finding.outcome === 'failed');
  if (failed.length === 0) return;
  const lines = failed.flatMap(({ code, message, hint }) => [
    `  ${code}: ${message}`,
    ...(hint ? [`      ${hint}`] : []),
  ]);
  const many = failed.length === 1 ? 'One check' : `${failed.length} checks`;
  throw new MigrationError('preflight_refused', [`${many} failed:`, ...lines], {
    details: { findings: failed },
  });
}

const ALL_PHASES: readonly Phase[] = [preflight, networkTables, sites, postMigration, cleanup];

export interface Ended {
  readonly summary: Summary;
  readonly exit: ExitName;
  /** Why it stopped before its end. */
  readonly error?: MigrationError;
}

/** Carries the plan out. Never rejects for what a migration may meet: how it went is in the answer and the journal. */
export async function migrate(context: PhaseContext): Promise<Ended> {
  const { plan, recorder, signal } = context;
  const sayDraining = (): void => {
    const { message } = toErrorRecord(signal.reason);
    recorder.record({ type: 'migration.draining', reason: message }).catch(() => {});
  };
  signal.addEventListener('abort', sayDraining, { once: true });
  let error: MigrationError | undefined;
  try {
    await recordStart(context);
    passKillPoint('after migration.started');
    for (const phase of ALL_PHASES) await runPhase(phase, context);
  } catch (thrown) {
    error = asMigrationError(signal.aborted ? signal.reason : thrown);
    error = await undoOnFailure(context, error);
  }
  signal.removeEventListener('abort', sayDraining);
  const status = decideStatus(recorder, error);
  await tellAfterRun(context, status, error);
  passKillPoint('before migration.ended');
  const isRecorded = await recorder
    .record({ type: 'migration.ended', status, ...(error ? { error: toErrorRecord(error) } : {}) })
    .then(
      () => true,
      thrown => {
        error ??= asMigrationError(thrown);
        return false;
      },
    );
  const exit = error?.exit ?? (status === 'completed' && !hasTroubles(recorder.state) ? 'ok' : 'partial');
  const summary = summarize(plan, recorder.state);
  if (!error) return { summary, exit };
  // The state knows only what is in the journal.
  return isRecorded
    ? { summary, exit, error }
    : { summary: { ...summary, status: 'failed', error: toErrorRecord(error) }, exit, error };
}

/** The hook after everything, whatever that was. What it does can't change how the run has ended. */
async function tellAfterRun(
  { recorder, hooks }: PhaseContext,
  status: EndStatus,
  error: MigrationError | undefined,
): Promise<void> {
  const { completed, failed, timeout, total } = countSites(recorder.state);
  const facts = {
    WFUWP_STATUS: status,
    WFUWP_SITES: String(total),
    WFUWP_SITES_COMPLETED: String(completed),
    WFUWP_SITES_FAILED: String(failed + timeout),
    ...(error ? { WFUWP_ERROR: error.code } : {}),
  };
  // Its failure is in the journal; a journal that can't be written fails the line after this one.
  await hooks.runAfterRun(facts).catch(() => {});
}

async function recordStart(context: PhaseContext): Promise<void> {
  const { plan, files, recorder, resumed, taskIds, pace, ownTables, announce } = context;
  const whoami = { pid: process.pid, host: hostname(), pace, fencing: ownTables.fencing };
  // A run that died before its first line begins like a new one.
  if (recorder.state.startedAt === '') {
    await recorder.record({
      type: 'migration.started',
      source: plan.source.environment,
      target: plan.target.environment,
      planDigest: plan.digest,
      taskIds: plan.sites.map(site => site.taskId),
      network: plan.network !== null,
      migrationId: plan.migrationId,
      files,
      ...whoami,
    });
    for (const { taskId, reason } of plan.leftOut)
      await recorder.record({ type: 'task.skipped', taskId, reason });
  }
  if (resumed) {
    const { warnings, ...how } = resumed;
    await recorder.record({ type: 'migration.resumed', taskIds, ...how, ...whoami });
    for (const { code, message } of warnings)
      await recorder.record({ type: 'check.reported', code, outcome: 'warning', message, lasting: true });
  }
  // Before anything is done: a copy of the run's directory that isn't gone on with is behind from now on.
  await announce();
}

async function runPhase(phase: Phase, context: PhaseContext): Promise<void> {
  const { recorder, signal } = context;
  signal.throwIfAborted();
  // A resume finds these done.
  const { status } = recorder.state.phases[phase.name];
  if (status === 'completed' || status === 'skipped') return;
  const reason = phase.reasonToSkip?.(context) ?? null;
  if (reason !== null) {
    await recorder.record({ type: 'phase.skipped', phase: phase.name, reason });
    return;
  }
  await recorder.record({ type: 'phase.started', phase: phase.name });
  passKillPoint('phase begins');
  try {
    await phase.run(context);
    await recorder.record({ type: 'phase.completed', phase: phase.name });
  } catch (error) {
    await recorder.record({ type: 'phase.failed', phase: phase.name, error: toErrorRecord(error) });
    throw error;
  }
}

function decideStatus(recorder: Recorder, error: MigrationError | undefined): EndStatus {
  if (error?.code === 'interrupted') return 'paused';
  // Folded from --auto-rollback: all that was completed has been swapped back.
  if (recorder.state.status === 'rolled_back') return 'rolled_back';
  if (error) return 'failed';
  const { failed, timeout, pending } = countSites(recorder.state);
  if (pending > 0) return 'paused';
  return failed + timeout > 0 ? 'completed_with_failures' : 'completed';
}

/** --auto-rollback: too many sites have failed, or the target isn't sound in the end. The failure stays why the run has
 *  ended; what can't be swapped back is told by its own step. */
async function undoOnFailure(context: PhaseContext, failure: MigrationError): Promise<MigrationError> {
  const { policy, recorder, signal } = context;
  const isUnsound = recorder.state.phases.post_migration.status === 'failed';
  if (!policy.autoRollback || signal.aborted || (failure.code !== 'too_many_failures' && !isUnsound))
    return failure;
  const taskIds = listRollable(recorder.state);
  if (taskIds.length === 0) return failure;
  let said: { message: string; hint?: string };
  try {
    const left = await rollBack(context, taskIds, { automatic: true });
    await flushCache(context).catch(() => {});
    said =
      left.length === 0
        ? {
            message: 'All that was cut over has been rolled back.',
            hint: 'Fix the cause, then start the migration anew.',
          }
        : { message: `${left.length} of ${taskIds.length} could not be rolled back.` };
  } catch (error) {
    said = { message: `Rolling back was broken off: ${toErrorRecord(error).message}` };
  }
  const { code, scope, exit, details } = failure;
  const hint = said.hint ?? `Fix the cause, then: wfuwp env-migrate rollback ${context.plan.migrationId}`;
  return new MigrationError(code, `${failure.message} ${said.message}`, {
    scope,
    exit,
    details,
    hint,
    cause: failure,
  });
}

/** A bug of ours keeps its stack as the cause, and ends the run as a failure like any other: resumable. */
function asMigrationError(thrown: unknown): MigrationError {
  if (thrown instanceof MigrationError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new MigrationError('unknown', message, { scope: 'migration', exit: 'bug', cause: thrown });
}
