import { createHash } from 'node:crypto';
import { describeUsers, type Plan } from '../migration/plan.ts';
import { digestProgram } from './program-digest.ts';

/** What decides, besides the source's content, what a copy is like; each part under the name by which it is spoken of
 *  when it has changed. */
export function describeRecipe(plan: Plan): Record<string, string> {
  const { source, target } = plan;
  return {
    source: `${source.environment} ${source.database} ${source.prefixInRows ?? source.tablePrefix}`,
    target: `${target.environment} ${target.database} ${target.prefixInRows ?? target.tablePrefix}`,
    rules: digest(plan.rules.map(({ from, to }) => [from, to])),
    emails: plan.emails,
    skipColumns: digest(plan.skipColumns),
    base64Columns: digest(plan.base64Columns ?? []),
    treatment: digest(plan.treatment ?? null),
    users: digest(plan.users ? describeUsers(plan.users) : null),
    program: digestProgram(),
  };
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
