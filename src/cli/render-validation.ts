// What was tried of the target besides its tables, for people: pages, caches, hooks.

import { formatCount } from '../lib/format.ts';
import type { Line } from '../lib/paint.ts';
import { pluralize } from '../lib/text.ts';
import type { HookFailure } from '../migration/hooks.ts';
import type { ValidationCounts, ValidationResult } from '../migration/validation.ts';
import { isTrouble } from '../migration/validation.ts';
import { item, listSites, type Page, section, shorten } from './text-blocks.ts';

const MOST_LINES = 20;

export interface Validation {
  readonly validation: ValidationCounts | null;
  readonly validationResults: readonly ValidationResult[];
  readonly hookFailures: readonly HookFailure[];
}

/** `40 sites probed, 2 fail, 1 as before the run; 95 of 100 within 210 ms`; null: nothing was probed. */
export function describeProbes({ validation }: Pick<Validation, 'validation'>): string | null {
  if (!validation) return null;
  const { sites, failed, brokenBefore, latencyP95Ms } = validation;
  const parts = [
    `${pluralize(sites, 'site')} probed`,
    ...(failed > 0 ? [`${formatCount(failed)} fail`] : []),
    ...(brokenBefore > 0 ? [`${formatCount(brokenBefore)} broken as before the run`] : []),
  ];
  return `${parts.join(', ')}${latencyP95Ms === null ? '' : `; 95 of 100 home pages within ${formatCount(latencyP95Ms)} ms`}`;
}

/** What fails because of the run, then what did before it as well. */
export function renderValidation(
  page: Page,
  { validationResults, hookFailures }: Omit<Validation, 'validation'>,
): Line[] {
  const failed = validationResults.filter(({ passed, stage }) => !passed && stage === 'after');
  const troubles = failed.filter(isTrouble).flatMap(result => renderResult(page, result));
  const old = failed.filter(result => !isTrouble(result)).flatMap(result => renderResult(page, result));
  const hooks = renderHooks(page, hookFailures);
  return [
    ...section(page, 'What does not work on the target:', shorten(troubles, MOST_LINES)),
    ...section(page, 'What did not work before the run, either:', shorten(old, MOST_LINES)),
    ...section(
      page,
      'Hooks that failed (what they printed is in the progress log):',
      shorten(hooks, MOST_LINES),
    ),
  ];
}

/** One command fails for one reason at many sites. */
function renderHooks(page: Page, failures: readonly HookFailure[]): Line[] {
  const groups = Map.groupBy(failures, ({ hook, error }) => {
    const { command, failure } = error.details ?? {};
    return `${hook} (${String(command)}): ${String(failure)}`;
  });
  return [...groups].flatMap(([what, members]) => {
    const siteIds = members.flatMap(({ siteId }) => siteId ?? []);
    const where = siteIds.length === 0 ? '' : `, ${listSites(siteIds)}`;
    return item(page, page.paint('red', '✖'), `${what}${where}`);
  });
}

export function renderResult(page: Page, result: ValidationResult): Line[] {
  const { component, test, stage, error, passed } = result;
  const mark = isTrouble(result) ? page.paint('red', '✖') : page.paint('dim', '·');
  const said = passed ? 'passed' : (error ?? 'failed');
  return item(page, mark, `${component}${stage === 'before' ? ' before the run' : ''}: ${said} [${test}]`);
}

/** Something is told above that isn't well. */
export function hasTroubles({ validationResults, hookFailures }: Omit<Validation, 'validation'>): boolean {
  return hookFailures.length > 0 || validationResults.some(isTrouble);
}
