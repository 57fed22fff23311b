import type { TaskState } from '../migration/fold-task.ts';
import type { PlannedTable } from '../migration/plan.ts';
import type { StepName, TaskId } from '../migration/words.ts';

/** The work on one site, as plain JSON: what an executor is handed, here or on another machine. */
export interface SiteTask {
  readonly taskId: TaskId;
  readonly tables: readonly PlannedTable[];
  readonly steps: readonly StepName[];
  /** What earlier attempts have done of it. */
  readonly state: TaskState;
  /** The task takes a change back instead of making one. */
  readonly takesBack?: true;
}

export const SITE_STEPS: readonly StepName[] = [
  'inspect',
  'copy_tables',
  'verify_tables',
  'cut_over',
  'check_site',
];
/** With --only-changed. Nothing is asked twice: a site that has changed is inspected as any other. */
export const CHANGED_SITE_STEPS: readonly StepName[] = ['find_changes', ...SITE_STEPS];
/** Before the first step that does something. */
export function addHookStep(steps: readonly StepName[]): readonly StepName[] {
  const at = steps.indexOf('inspect');
  return [...steps.slice(0, at), 'before_site', ...steps.slice(at)];
}
export const ROLLBACK_STEPS: readonly StepName[] = ['roll_back'];
export const NETWORK_STEPS: readonly StepName[] = [
  'inspect',
  'copy_tables',
  'verify_tables',
  'merge_rows',
  'cut_over',
  'check_site',
];
