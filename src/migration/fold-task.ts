// How far one task is, folded from its events: the same by whoever runs the task and by whoever keeps the state of the
// whole run. Nothing else adds it up.

import type { ErrorRecord } from '../errors.ts';
import type { Amendment, MigrationEvent, Part, Resource, StepData, StepTraits } from './events.ts';
import type { HookState } from './hooks.ts';
import { mergeResults, type ValidationResult } from './validation.ts';
import type { HookName, StepName, StepStatus, TaskStatus } from './words.ts';

export interface StepState {
  readonly status: StepStatus;
  readonly attempts: number;
  readonly traits?: StepTraits;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly data?: StepData;
  /** By their keys; they survive a step that is broken off. */
  readonly parts?: Readonly<Record<string, Part>>;
  readonly error?: ErrorRecord;
}

export interface TaskState {
  readonly status: TaskStatus;
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly rows?: number;
  readonly bytes?: number;
  /** Why the task was skipped or aborted. */
  readonly reason?: string;
  readonly error?: ErrorRecord;
  readonly steps: Readonly<Partial<Record<StepName, StepState>>>;
  /** What exists on the target because of this run, as far as the journal knows. Recorded before it is made, so an
   *  entry may name a thing that never came to be. */
  readonly resources: readonly Resource[];
  /** `begun`: it may have been made; only the target knows. Absent: it was not, or was taken back. */
  readonly change?: 'begun' | 'made';
  /** It was begun to take the change back: until that has ended nobody knows what is live. */
  readonly wayBack?: 'begun';
  /** In place of the plan's: at the source something came or went before the task's turn. */
  readonly amended?: Amendment;
  /** What it keeps is given up: it can't be taken back any more. */
  readonly rollbackClosed?: true;
  /** What was tried of its pages, before the run and after. */
  readonly validationResults?: readonly ValidationResult[];
  readonly hooks?: Readonly<Partial<Record<HookName, HookState>>>;
}

/** An event of a task, and when it happened. */
export type TaskEvent = Extract<MigrationEvent, { taskId: unknown }> & { readonly at: string };

export const NEW_TASK: TaskState = { status: 'pending', attempts: 0, steps: {}, resources: [] };

/** The task's state after the event; the one before stays what it is. */
export function foldTask(task: TaskState, event: TaskEvent): TaskState {
  const { at } = event;
  switch (event.type) {
    case 'task.started': {
      const { endedAt: _, error: _error, reason: _reason, hooks: _hooks, ...rest } = task;
      return forgetAfter({ ...rest, status: 'in_progress', attempts: event.attempt, startedAt: at });
    }
    case 'task.completed':
      return { ...task, status: 'completed', endedAt: at, rows: event.rows, bytes: event.bytes };
    case 'task.failed':
    case 'task.timed_out': {
      const status = event.type === 'task.failed' ? 'failed' : 'timeout';
      return { ...task, status, endedAt: at, error: event.error };
    }
    case 'task.aborted':
      // It was interrupted through no fault of its own: a resume takes it up again.
      return { ...task, status: 'pending', endedAt: at, reason: event.reason };
    case 'task.skipped':
      return { ...task, status: 'skipped', endedAt: at, reason: event.reason };
    case 'task.reset': {
      const { change: _, ...rest } = forgetDrafts(task);
      return rest;
    }
    case 'task.rolled_back':
      return takeBack(task);
    case 'task.rollback_closed':
      return { ...task, rollbackClosed: true };
    case 'drift.found':
      return event.amends ? { ...task, amended: event.amends } : task;
    case 'step.started':
      return startStep(task, event);
    case 'step.completed':
      return completeStep(task, event);
    case 'step.retried':
      return setStep(task, event.step, { error: event.error });
    case 'step.failed':
      return setStep(task, event.step, { status: 'failed', endedAt: at, error: event.error });
    case 'step.skipped':
      return setStep(task, event.step, { status: 'skipped' });
    case 'part.done': {
      const { key } = event.part;
      return setStep(task, event.step, {
        parts: { ...partsWithout(task, event.step, key), [key]: event.part },
      });
    }
    case 'part.dropped':
      return setStep(task, event.step, { parts: partsWithout(task, event.step, event.key) });
    case 'resource.removed':
      return removeResources(task, event.resources);
    case 'task.validated':
      return { ...task, validationResults: mergeResults(task.validationResults, event.results) };
    case 'hook.ended': {
      const { durationMs, error } = event;
      const ended: HookState = { endedAt: at, durationMs, ...(error ? { error } : {}) };
      return { ...task, hooks: { ...task.hooks, [event.hook]: ended } };
    }
    case 'hook.started':
    case 'undo.failed':
      return task;
  }
}

/** Whether what the change has replaced can be put back, as far as the journal knows: it was made, and what it keeps was
 *  neither put back already nor given up. Whose that is by now only the target knows: a later run replaces it. */
export function canRollBack(task: TaskState): boolean {
  return task.change === 'made' && !task.rollbackClosed;
}

export function listParts(step: StepState | undefined): readonly Part[] {
  return Object.values(step?.parts ?? {});
}

const NEW_STEP: StepState = { status: 'pending', attempts: 0 };

function setStep(task: TaskState, name: StepName, changes: Partial<StepState>): TaskState {
  return { ...task, steps: { ...task.steps, [name]: { ...NEW_STEP, ...task.steps[name], ...changes } } };
}

function startStep(
  task: TaskState,
  { step: name, attempt, traits, isDone, resources = [], at }: Extract<TaskEvent, { type: 'step.started' }>,
): TaskState {
  const { error: _, endedAt: _endedAt, ...earlier } = task.steps[name] ?? NEW_STEP;
  const step: StepState = {
    ...earlier,
    status: 'in_progress',
    attempts: attempt,
    startedAt: at,
    ...(traits ? { traits } : {}),
  };
  const makesChange = traits?.change === 'makes' && !isDone && task.change !== 'made';
  // What an earlier attempt was to keep, it has not kept: else the step would be done.
  const standing = makesChange ? task.resources.filter(({ role }) => role !== 'kept') : task.resources;
  const known = new Set(standing.map(nameResource));
  const added = resources.filter(resource => !known.has(nameResource(resource)));
  const begun = { ...task, steps: { ...task.steps, [name]: step }, resources: [...standing, ...added] };
  if (traits?.change === 'takes_back') return { ...begun, wayBack: 'begun' };
  if (traits?.change !== 'makes') return begun;
  const { rollbackClosed: _closed, ...open } = begun;
  return { ...open, change: task.change ?? 'begun' };
}

function completeStep(
  task: TaskState,
  { step: name, data, at }: Extract<TaskEvent, { type: 'step.completed' }>,
): TaskState {
  const { error: _, ...before } = task.steps[name] ?? NEW_STEP;
  const step: StepState = { ...before, status: 'completed', endedAt: at, ...(data ? { data } : {}) };
  const ended = { ...task, steps: { ...task.steps, [name]: step } };
  if (step.traits?.change !== 'makes') return ended;
  // The drafts are what is live now.
  const resources = task.resources.filter(({ role }) => role !== 'draft');
  return { ...ended, change: 'made', resources };
}

/** What was tried of what is about to be replaced. */
function forgetAfter(task: TaskState): TaskState {
  const { validationResults } = task;
  if (!validationResults) return task;
  return { ...task, validationResults: validationResults.filter(({ stage }) => stage === 'before') };
}

/** With the drafts goes all that was done to them. */
function forgetDrafts(task: TaskState): TaskState {
  const steps = Object.entries(task.steps).filter(([, step]) => step.traits?.onDrafts !== true);
  return { ...task, steps: Object.fromEntries(steps) };
}

function removeResources(task: TaskState, removed: readonly Resource[]): TaskState {
  const gone = new Set(removed.map(nameResource));
  const resources = task.resources.filter(resource => !gone.has(nameResource(resource)));
  const left = { ...task, resources };
  const has = (role: Resource['role']): boolean => removed.some(resource => resource.role === role);
  const undone = has('draft') ? forgetDrafts(left) : left;
  return has('kept') ? { ...undone, rollbackClosed: true } : undone;
}

/** Nothing of what the migration did with the task holds any more: it would have to begin anew. */
function takeBack(task: TaskState): TaskState {
  const { error: _, reason: _reason, change: _change, ...rest } = task;
  const back = Object.entries(task.steps).filter(([, step]) => step.traits?.change === 'takes_back');
  return {
    ...rest,
    status: 'rolled_back',
    steps: Object.fromEntries(back),
    resources: task.resources.filter(({ role }) => role === 'draft'),
  };
}

function partsWithout(task: TaskState, name: StepName, key: string): Record<string, Part> {
  const parts = Object.entries(task.steps[name]?.parts ?? {});
  return Object.fromEntries(parts.filter(([, part]) => part.key !== key && part.within !== key));
}

const nameResource = (resource: Resource): string => `${resource.kind} ${resource.name}`;
