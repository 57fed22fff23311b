// What stays at the source and what is made safe on its way: before a run, and after it.

import { formatBytes, formatCount } from '../lib/format.ts';
import type { Line } from '../lib/paint.ts';
import { fitColumn, pluralize, truncate } from '../lib/text.ts';
import type { Plan } from '../migration/plan.ts';
import type { Summary } from '../migration/summary.ts';
import { type EmptiedTable, listEmptied } from '../migration/treatment-counts.ts';
import { item, type Page, section } from './text-blocks.ts';

const MOST_NAMES = 8;

/** Where `stop_mail` ends: WordPress itself still knows how to send. */
const MAIL_ADVICE =
  "stop_mail blanks mail plugins only: copy wordpress/wfuwp-stop-mail.php of this package to the target's wp-content/mu-plugins";

export function renderPlannedTreatment(page: Page, plan: Plan): Line[] {
  const { skipRows = [], safety = null, refreshPermalinks = false } = plan.treatment ?? {};
  const emptied = listEmptied(plan);
  const [from, to] = [plan.source, plan.target].map(end => end.prefixInRows ?? end.tablePrefix);
  const lines = [
    ...(emptied.length > 0 ? [`only the structure of ${describeEmptied(emptied)}`] : []),
    ...(skipRows.length > 0 ? [`without rows of: ${list(skipRows)} (tables.skipRows)`] : []),
    ...(refreshPermalinks
      ? ['compiled permalinks (rewrite_rules) arrive empty: WordPress makes them anew']
      : []),
    ...(from === to
      ? []
      : [`names that hold the table prefix follow it, as ${from}user_roles → ${to}user_roles`]),
    ...(safety ? [`safety policy: ${safety.rules.join(', ') || 'every rule is switched off'}`] : []),
    ...(safety?.rules.includes('anonymise_people')
      ? [
          `not anonymised: ${safety.staff.length === 0 ? 'nobody' : `${list(safety.staff)} (${pluralize(safety.staffIds.length, 'user')})`}`,
        ]
      : []),
    ...(safety?.rules.includes('stop_mail') ? [MAIL_ADVICE] : []),
  ];
  return section(
    page,
    'Left at the source, or changed on the way:',
    lines.flatMap(line => item(page, '-', line)),
  );
}

export function renderTreatment(page: Page, { treatment }: Summary): Line[] {
  const { treated, emptied, safetyRules } = treatment;
  const lines = [...Map.groupBy(treated, entry => entry.rule)].map(([rule, entries]) => {
    const [rows, values] = [sum(entries.map(entry => entry.rows)), sum(entries.map(entry => entry.values))];
    const amount = [
      ...(rows > 0 ? [`${pluralize(rows, 'row')} left`] : []),
      ...(values > 0 ? [`${pluralize(values, 'value')} changed`] : []),
    ];
    return `${fitColumn(rule, 20)} ${amount.join(', ').padStart(22)}  ${list(entries.map(entry => entry.table))}`;
  });
  return section(page, 'Left at the source, or changed on the way:', [
    ...lines.map(line => `  ${truncate(line, page.width - 2)}`),
    ...(emptied.length > 0 ? item(page, '-', `only the structure of ${describeEmptied(emptied)}`) : []),
    ...(safetyRules?.includes('stop_mail') ? item(page, '!', MAIL_ADVICE) : []),
  ]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function describeEmptied(emptied: readonly EmptiedTable[]): string {
  const rows = sum(emptied.map(table => table.rows));
  const sizeBytes = sum(emptied.map(table => table.sizeBytes));
  const names = list(emptied.map(({ table, rule }) => (rule === 'skip_data' ? table : `${table} (${rule})`)));
  return `${names}: about ${pluralize(rows, 'row')}, ${formatBytes(sizeBytes)}, stay`;
}

/** The first few by name, the rest as a number: `--json` has them all. */
function list(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more <= 0
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${formatCount(more)} more`;
}
