// What an interrupted or ended run still has to do. Pure: plan, state and the user's choice decide.

import { MigrationError } from '../errors.ts';
import type { ResumeMode, StepData } from './events.ts';
import type { TaskState } from './fold-task.ts';
import type { Plan } from './plan.ts';
import { type MigrationState, readTask } from './state.ts';
import type { StepName, TaskId } from './words.ts';

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

/** The tasks to work on, in the plan's order. */
export function remainingTasks(plan: Plan, state: MigrationState, choice: ResumeChoice): TaskId[] {
  return plan.tasks.map(({ taskId }) => taskId).filter(taskId => isWanted(readTask(state, taskId), choice));
}

function isWanted(task: TaskState, choice: ResumeChoice): boolean {
  // A rollback that was begun must be ended first: until then nobody knows what is live.
  if (task.wayBack) return false;
  switch (task.status) {
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

/** The steps that need not run again, with what they left: all completed ones before the first that isn't. */
export function finishedSteps(
  { steps }: TaskState,
  names: readonly StepName[],
): Partial<Record<StepName, StepData>> {
  const finished: Partial<Record<StepName, StepData>> = {};
  for (const name of names) {
    const step = steps[name];
    if (!step || step.traits?.everyAttempt) continue;
    if (step.status !== 'completed') break;
    finished[name] = step.data ?? {};
  }
  return finished;
}

/** Has the run nothing left to do? One that stopped before its end has its last phases to do, even when every site is
 *  through. */
export function isIdleResume(
  state: MigrationState,
  taskIds: readonly TaskId[],
  choice: ResumeChoice,
): boolean {
  const stopped = state.status === 'running' || state.status === 'paused' || state.status === 'failed';
  return taskIds.length === 0 && (!stopped || choice.retryFailed);
}

/** Refuses to go on with a run that has nothing left to do, or that an operator has closed. */
export function refuseIdleResume(
  plan: Plan,
  state: MigrationState,
  taskIds: readonly TaskId[],
  choice: ResumeChoice,
): void {
  const isClosed = state.status === 'closed';
  if (!isClosed && !isIdleResume(state, taskIds, choice)) return;
  const idle = choice.retryFailed ? 'has no site that failed or timed out' : 'has nothing left to do';
  const what = isClosed ? 'was closed: it is not to be resumed' : idle;
  throw new MigrationError('usage', `Run ${plan.migrationId} ${what}.`, {
    hint: `See it with: wfuwp env-migrate status ${plan.migrationId}`,
  });
}
