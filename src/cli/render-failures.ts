import { formatCount } from '../lib/format.ts';
import type { Line } from '../lib/paint.ts';
import type { FailureGroup } from '../migration/failures.ts';
import { item, listTasks, type Page, section } from './text-blocks.ts';

const MOST_FAILURES = 8;

/** What failed, by kind: where, one message word for word, what to do about it. */
export function renderFailures(page: Page, failures: readonly FailureGroup[], rest = '--json'): Line[] {
  const shown = failures.slice(0, MOST_FAILURES).flatMap(group => {
    const where = `${group.code}${group.step ? ` in ${group.step}` : ''}: ${listTasks(group.taskIds)}`;
    const example = group.count > 1 ? `for one (${group.example.site}): ` : '';
    return [
      ...item(page, page.paint('red', '✖'), where),
      ...item(page, '', `${example}${group.example.message}`, 3),
      ...item(page, '→', group.hint, 4),
    ];
  });
  const hidden = failures.length - MOST_FAILURES;
  const more = hidden > 0 ? [`  … and ${formatCount(hidden)} more kinds (see ${rest})`] : [];
  return section(page, page.paint('red', `What failed, by kind (${failures.length}):`), [...shown, ...more]);
}
