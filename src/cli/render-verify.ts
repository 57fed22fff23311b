import { formatCount, formatDuration } from '../lib/format.ts';
import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { pluralize } from '../lib/text.ts';
import { NETWORK } from '../migration/task-ids.ts';
import {
  isWrong,
  type VerifiedTable,
  type VerifiedUnit,
  type VerifyReport,
} from '../migration/verify-report.ts';
import { nameTask } from '../migration/words.ts';
import type { RenderOptions } from './render-plan.ts';
import { clampWidth, field, item, listTasks, type Page, section, shorten } from './text-blocks.ts';

const LABEL_WIDTH = 9;
const MOST_LINES = 40;
const SHOWN_KEYS = 5;

/** What `env-migrate verify` has found. The first line says whether all is well. */
export function renderVerify(report: VerifyReport, options: RenderOptions): Shown {
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  return showLines([
    ...renderVerdict(page, report),
    ...renderFigures(page, report),
    ...renderDifferences(page, report),
    ...renderLeftovers(page, report),
    ...renderMerged(page, report),
    ...renderUnproven(page, report, 'not_verified', 'Not verified:', page.paint('red', '✖')),
    ...renderUnproven(page, report, 'not_part', 'Not looked at:', '·'),
    ...section(
      page,
      'Next, to copy them again:',
      report.nextCommands.map(command => `  ${command}`),
    ),
  ]);
}

function renderVerdict(page: Page, report: VerifyReport): Line[] {
  const { counts, source, target, migrationId, allProven } = report;
  const whose = migrationId === null ? '' : ` (${migrationId})`;
  const pair = `${source} → ${target}${whose}`;
  const checked = counts.units - counts.notPart;
  const all = nameAll(report, checked);
  const what = allProven
    ? `Proven: ${all}, ${pair}`
    : `NOT proven: ${formatCount(checked - counts.proven)} of ${all}, ${pair}`;
  const mark = allProven ? page.paint('green', '✔') : page.paint('red', '✖');
  return item(page, mark, what, 0).map(line => page.paint('bold', line));
}

/** `8 sites and the network tables`. */
function nameAll({ units }: VerifyReport, checked: number): string {
  const hasNetwork = units.some(unit => unit.taskId === NETWORK && unit.verdict !== 'not_part');
  if (!hasNetwork) return pluralize(checked, 'site');
  return checked === 1 ? 'the network tables' : `${pluralize(checked - 1, 'site')} and the network tables`;
}

function renderFigures(page: Page, report: VerifyReport): Line[] {
  const { counts, against, startedAt, endedAt } = report;
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  const tookMs = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
  return [
    '',
    ...line('Compared', `${pluralize(counts.tables, 'table')}, ${pluralize(counts.rows, 'row')}`),
    ...line(
      'Against',
      against === 'journal'
        ? 'what the run has written down of its copies'
        : 'what the source holds now, rewritten on the way',
    ),
    ...line('Hosts', `${pluralize(counts.leftovers, 'value')} that the rules would still change`),
    ...line('Left', `${pluralize(counts.left, 'value')} for a reason${nameReasons(report)}`),
    ...line('Took', formatDuration(tookMs)),
  ];
}

/** `: 6 broken serialized, 19 email`. */
function nameReasons({ units }: VerifyReport): string {
  const left = units.flatMap(unit => unit.tables).flatMap(table => table.left);
  const sums = [...Map.groupBy(left, group => group.reason)].map(([reason, groups]) => {
    const values = groups.reduce((sum, group) => sum + group.values, 0);
    return `${formatCount(values)} ${reason.replaceAll('_', ' ')}`;
  });
  return sums.length === 0 ? '' : `: ${sums.join(', ')}`;
}

function renderDifferences(page: Page, report: VerifyReport): Line[] {
  const lines = listTables(report)
    .filter(({ table }) => table.verdict !== 'same' && table.verdict !== 'merged')
    .flatMap(({ unit, table }) =>
      item(page, page.paint('red', '✖'), `${nameTask(unit.taskId)}: ${describe(table)}`),
    );
  if (lines.length === 0) return [];
  const since = report.against === 'journal' ? 'since the cutover' : 'on either side since the copy';
  return [
    ...section(page, 'What differs:', shorten(lines, MOST_LINES)),
    '',
    ...item(
      page,
      '!',
      `A difference says that the table was written to ${since}, or damaged. The two can't be told apart from here: a site that is in use changes by itself (cron, transients, comments, who is logged in).`,
    ),
  ];
}

function describe({ table, verdict, expected, found, reason }: VerifiedTable): string {
  switch (verdict) {
    case 'missing':
      return `${table} is not there`;
    case 'rows_differ':
      return `${table} has ${pluralize(found?.rows ?? 0, 'row')}, should have ${formatCount(expected?.rows ?? 0)}`;
    case 'content_differs':
      return `${table} has its ${pluralize(found?.rows ?? 0, 'row')}, with other content`;
    default:
      return `${table} can't be compared: ${reason ?? ''}`;
  }
}

function renderLeftovers(page: Page, report: VerifyReport): Line[] {
  const lines = listTables(report).flatMap(({ unit, table }) =>
    table.leftovers.flatMap(({ column, values, keys }) => {
      const more = values > SHOWN_KEYS ? ', …' : '';
      const where = `${nameTask(unit.taskId)}: ${table.table}.${column}`;
      const rows = `${keys.slice(0, SHOWN_KEYS).join('; ')}${more}`;
      return item(page, page.paint('red', '✖'), `${where}: ${pluralize(values, 'value')} (${rows})`);
    }),
  );
  return section(page, 'Source hosts on the target:', shorten(lines, MOST_LINES));
}

function renderMerged(page: Page, { units }: VerifyReport): Line[] {
  const merged = units.flatMap(unit => unit.tables).filter(table => table.verdict === 'merged');
  const names = merged.map(table => table.table).join(', ');
  return section(
    page,
    'Searched for source hosts only:',
    merged.length === 0 ? [] : item(page, '·', `${names}: rows of the target's own stay in them`),
  );
}

function renderUnproven(
  page: Page,
  { units }: VerifyReport,
  verdict: VerifiedUnit['verdict'],
  title: string,
  mark: Line,
): Line[] {
  const byReason = Map.groupBy(
    units.filter(unit => unit.verdict === verdict),
    unit => unit.reason ?? '',
  );
  const lines = [...byReason].flatMap(([reason, members]) =>
    item(page, mark, `${listTasks(members.map(unit => unit.taskId))}: ${reason}`),
  );
  return section(page, title, shorten(lines, MOST_LINES));
}

function listTables({ units }: VerifyReport): { unit: VerifiedUnit; table: VerifiedTable }[] {
  return units.flatMap(unit => unit.tables.filter(isWrong).map(table => ({ unit, table })));
}
