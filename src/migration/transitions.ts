// Which change of state may follow which. An event that breaks this table is a bug of ours and is not written: a
// journal that tells an impossible story could not be resumed.

import type { MigrationEvent } from './events.ts';
import { type MigrationState, readPhase, readTask } from './state.ts';
import { nameTask, type PhaseStatus, type TaskStatus } from './words.ts';

const PHASE_FROM: Partial<Record<MigrationEvent['type'], readonly PhaseStatus[]>> = {
  'phase.started': ['pending'],
  'phase.skipped': ['pending'],
  'phase.completed': ['in_progress'],
  'phase.failed': ['in_progress'],
};

const TASK_FROM: Partial<Record<MigrationEvent['type'], readonly TaskStatus[]>> = {
  'task.started': ['pending'],
  // From the start by the plan, or once it has turned out that nothing has changed.
  'task.skipped': ['pending', 'in_progress'],
  'task.completed': ['in_progress'],
  'task.failed': ['in_progress'],
  'task.timed_out': ['in_progress'],
  'task.aborted': ['in_progress'],
  // A site that was cut over may have ended in any way after it, or not at all.
  'task.rolled_back': ['completed', 'failed', 'timeout', 'pending', 'in_progress'],
};

export function refuseIllegalTransition(state: MigrationState, event: MigrationEvent): void {
  if (event.type === 'migration.resumed' && state.status === 'closed')
    throw new Error('migration.resumed of a run that is closed');
  if ('phase' in event) {
    const from = PHASE_FROM[event.type];
    const { status } = readPhase(state, event.phase);
    if (from && !from.includes(status))
      throw new Error(`${event.type} of ${event.phase}, which is ${status}`);
  }
  if ('taskId' in event) {
    const from = TASK_FROM[event.type];
    if (!from) return;
    const { status } = readTask(state, event.taskId);
    if (!from.includes(status))
      throw new Error(`${event.type} of ${nameTask(event.taskId)}, which is ${status}`);
  }
}
