import type { DraftEnvironment } from './draft-environment.ts';
import { type EnvironmentAnswers, EXAMPLE_ENVIRONMENTS, nameVariable } from './render-template.ts';

const PRODUCTION = /^(?:prod|production|live|main|www|prd)(?![a-z])/i;
const BELOW =
  /^(?:stg|stag|stage|staging|dev|develop|development|test|testing|qa|uat|local|sandbox|preview)(?![a-z])/i;

/** By its name, or because it is the first: what is copied from. */
export function looksLikeProduction(name: string, index: number): boolean {
  return PRODUCTION.test(name) || (index === 0 && !BELOW.test(name));
}

/** The answers where nobody is asked: for what the draft doesn't know, environment variables. */
export function completeDraft({ name, file, answers }: DraftEnvironment, index: number): EnvironmentAnswers {
  const unknown = (what: string): { variable: string } => ({ variable: nameVariable(name, what) });
  const isProduction = looksLikeProduction(name, index);
  return {
    name,
    server: answers.server ?? unknown('DB_HOST'),
    user: answers.user ?? unknown('DB_USER'),
    database: answers.database ?? unknown('DB_NAME'),
    tablePrefix: answers.tablePrefix ?? unknown('TABLE_PREFIX'),
    mainHost: answers.mainHost ?? unknown('MAIN_HOST'),
    isProduction,
    isMadeHarmless: !isProduction,
    wpConfig: file,
  };
}

/** At least a source and a target: an example stands for the one that is missing. */
export function completeDrafts(drafts: readonly DraftEnvironment[]): EnvironmentAnswers[] {
  const completed = drafts.map(completeDraft);
  if (completed.length > 1) return completed;
  const others = EXAMPLE_ENVIRONMENTS.filter(
    example => !completed.some(({ isProduction }) => isProduction === example.isProduction),
  );
  return [...completed, ...others];
}
