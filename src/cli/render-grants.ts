import { type Shown, showLines } from '../lib/show-lines.ts';
import type { EnvironmentGrants } from '../migration/grants-report.ts';

/** SQL that can be pasted; all else in it is a comment. */
export function renderGrants(grants: readonly EnvironmentGrants[]): Shown {
  const blocks = grants.map(({ environment, role, server, account, statements }) => [
    `-- ${role} "${environment}", on ${server}`,
    ...(account === null ? ["-- The server was not asked: put the user's own host in place of '%'."] : []),
    ...statements.flatMap(({ sql, optional }) => [...(optional ? [`-- Optional. ${optional}`] : []), sql]),
  ]);
  return showLines(blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block])));
}
