// What an interrupted or ended run still has to do. Pure: plan, state and the user's choice decide.

import { MigrationError } from '../errors.ts';
import type { ResumeMode, StepData } from './events.ts';
import type { Plan } from './plan.ts';
import { type MigrationState, type SiteState, siteOf } from './state.ts';
import { NETWORK, type SiteId, STEPS, type StepName } from './words.ts';

/** How `--resume` was called. */
export interface ResumeChoice {
  readonly skipFailed: boolean;
  readonly skipTimeouts: boolean;
  /** Only sites that are `failed` or `timeout`, and no other. */
  readonly retryFailed: boolean;
}

export function resumeMode(choice: ResumeChoice): ResumeMode {
  return choice.retryFailed ? 'retry_failed' : 'continue';
}

/** The units to work on, in the plan's order; the network tables come first, as 0. */
export function remainingSites(plan: Plan, state: MigrationState, choice: ResumeChoice): SiteId[] {
  const units = [...(plan.network ? [NETWORK] : []), ...plan.sites.map(site => site.siteId)];
  return units.filter(siteId => isWanted(siteId === NETWORK ? state.network : state.sites[siteId], choice));
}

function isWanted(site: SiteState | null | undefined, choice: ResumeChoice): boolean {
  // A rollback that was begun must be ended first: until then nobody knows which tables are live.
  if (site?.steps.roll_back) return false;
  switch (site?.status ?? 'pending') {
    case 'pending':
    case 'in_progress':
      return !choice.retryFailed;
    case 'failed':
      return !choice.skipFailed;
    case 'timeout':
      return !choice.skipTimeouts;
    case 'completed':
    case 'skipped':
    case 'rolled_back':
      return false;
  }
}

/** Done anew in every attempt: what was seen last time may have changed, and the hook is told of each. And a rollback is no step of a migration. */
const ALWAYS_AGAIN: ReadonlySet<StepName> = new Set(['before_site', 'inspect', 'roll_back']);

/** The steps that need not run again, with what they left: all completed ones before the first that isn't. */
export function finishedSteps(
  state: Readonly<MigrationState>,
  siteId: SiteId,
): Partial<Record<StepName, StepData>> {
  const { steps } = siteOf(state as MigrationState, siteId);
  const finished: Partial<Record<StepName, StepData>> = {};
  for (const name of STEPS) {
    const step = steps[name];
    if (!step || ALWAYS_AGAIN.has(name)) continue;
    if (step.status !== 'completed') break;
    finished[name] = step.data ?? {};
  }
  return finished;
}

/** Has the run nothing left to do? One that stopped before its end has its last phases to do, even when every site is
 *  through. */
export function isIdleResume(
  state: MigrationState,
  siteIds: readonly SiteId[],
  choice: ResumeChoice,
): boolean {
  const stopped = state.status === 'running' || state.status === 'paused' || state.status === 'failed';
  return siteIds.length === 0 && (!stopped || choice.retryFailed);
}

/** Refuses to go on with a run that has nothing left to do, or that an operator has closed. */
export function refuseIdleResume(
  plan: Plan,
  state: MigrationState,
  siteIds: readonly SiteId[],
  choice: ResumeChoice,
): void {
  const isClosed = state.status === 'closed';
  if (!isClosed && !isIdleResume(state, siteIds, choice)) return;
  const idle = choice.retryFailed ? 'has no site that failed or timed out' : 'has nothing left to do';
  const what = isClosed ? 'was closed: it is not to be resumed' : idle;
  throw new MigrationError('usage', `Run ${plan.migrationId} ${what}.`, {
    hint: `See it with: wfuwp env-migrate status ${plan.migrationId}`,
  });
}
