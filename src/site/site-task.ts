import type { CopiedChunk, CopiedTable, StepData } from '../migration/events.ts';
import type { PlannedTable } from '../migration/plan.ts';
import type { SiteId, StepName } from '../migration/words.ts';

/** The work on one site, as plain JSON: what an executor is handed, here or on another machine. */
export interface SiteTask {
  readonly siteId: SiteId;
  readonly tables: readonly PlannedTable[];
  readonly steps: readonly StepName[];
  /** Which time this site is tried, from 1. */
  readonly attempt: number;
  /** Steps that an earlier attempt finished, with what they left: they are not run again. */
  readonly finished: Readonly<Partial<Record<StepName, StepData>>>;
  /** Tables that an earlier attempt left complete in staging; copy_tables may use them again. */
  readonly copied: readonly CopiedTable[];
  /** Parts of big tables that an earlier attempt left in staging. */
  readonly chunks?: readonly CopiedChunk[];
  /** Live tables that a cutover of an earlier attempt was to move away; null: none was begun. */
  readonly outgoing: readonly string[] | null;
  /** The task takes a cutover back instead of making one. `begun`: an earlier attempt has announced that, so it may be
   *  done already. */
  readonly undo?: { readonly begun: boolean };
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
