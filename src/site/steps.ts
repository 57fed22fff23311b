import type { StepName } from '../migration/words.ts';
import type { Step } from './step.ts';
import { beforeSite } from './steps/before-site.ts';
import { checkSite } from './steps/check-site.ts';
import { copyTables } from './steps/copy-tables.ts';
import { cutOver } from './steps/cut-over.ts';
import { findChanges } from './steps/find-changes.ts';
import { inspect } from './steps/inspect.ts';
import { mergeRows } from './steps/merge-rows.ts';
import { rollBack } from './steps/roll-back.ts';
import { verifyTables } from './steps/verify-tables.ts';

/** Every step there is. A new one is a file in steps/ and a line here. */
const ALL: readonly Step[] = [
  findChanges,
  beforeSite,
  inspect,
  copyTables,
  verifyTables,
  mergeRows,
  cutOver,
  checkSite,
  rollBack,
];

export function stepNamed(name: StepName): Step {
  const step = ALL.find(candidate => candidate.name === name);
  if (!step) throw new Error(`no step is called ${name}`);
  return step;
}
