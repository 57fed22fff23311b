import type { FindSource } from '../http/judge-page.ts';
import type { Plan } from '../migration/plan.ts';
import { createExplainer } from '../rewrite/explain.ts';

/** Finds in a page what the rules of the plan would change. */
export function createFindSource({ rules, emails }: Pick<Plan, 'rules' | 'emails'>): FindSource {
  const explain = createExplainer(rules, { emails });
  return text =>
    explain(text).matches.map(({ offset, found }) => {
      // Of a wildcard the match begins at the dot; people know the host by its whole name.
      const labels = /[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.exec(
        text.toString('latin1', Math.max(0, offset - 255), offset),
      );
      return found.startsWith('.') ? `${labels?.[0] ?? ''}${found}` : found;
    });
}
