import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { pluralize } from '../lib/text.ts';
import type { RollbackReport, RollbackStatus, RollbackUnit } from '../migration/rollback-report.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { nameTask } from '../migration/words.ts';
import type { RenderOptions } from './render-plan.ts';
import { renderResult } from './render-validation.ts';
import { clampWidth, item, listTasks, type Page, section, shorten } from './text-blocks.ts';

const MOST_UNITS = 20;

/** What `env-migrate rollback` would do, or has done. */
export function renderRollback(report: RollbackReport, options: RenderOptions): Shown {
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  const of = (status: RollbackStatus): RollbackUnit[] => report.units.filter(unit => unit.status === status);
  const coming = of('to_roll_back');
  const left = [...of('refused'), ...of('failed'), ...of('not_cut_over')];
  const back = of('rolled_back');
  const again = back.filter(unit => unit.reason !== null);
  const now = back.filter(unit => unit.backSince === undefined);
  const before = back.filter(unit => unit.backSince !== undefined && unit.reason === null);
  const list = (units: readonly RollbackUnit[]): string[] =>
    units.length > 0 ? [`  ${listTasks(units.map(unit => unit.taskId))}`] : [];
  return showLines([
    ...renderVerdict(page, report, { now: now.length, left: left.length, back }),
    ...section(
      page,
      'These go back to what was live before:',
      shorten(
        coming.flatMap(unit => renderUnit(page, unit)),
        MOST_UNITS,
      ),
    ),
    ...section(page, 'As it was before:', list(now)),
    ...section(page, 'Rolled back already:', list(before)),
    ...section(
      page,
      'Migrated again since:',
      shorten(
        again.flatMap(unit =>
          item(page, page.paint('yellow', '!'), `${nameUnit(unit)}: ${unit.reason ?? ''}`),
        ),
        MOST_UNITS,
      ),
    ),
    ...section(
      page,
      'Not rolled back:',
      shorten(
        left.flatMap(unit => item(page, page.paint('red', '✖'), `${nameUnit(unit)}: ${unit.reason ?? ''}`)),
        MOST_UNITS,
      ),
    ),
    ...section(
      page,
      'The object cache:',
      report.validationResults.flatMap(result => renderResult(page, result)),
    ),
    ...renderClosing(page, report, coming),
  ]);
}

/** What has happened, and not what was asked for. */
function renderVerdict(
  page: Page,
  { source, target, migrationId, carriedOut }: RollbackReport,
  { now, left, back }: { now: number; left: number; back: readonly RollbackUnit[] },
): Line[] {
  const pair = `${source} → ${target} (${migrationId})`;
  const say = (mark: Line, text: string): Line[] =>
    item(page, mark, text, 0).map(line => page.paint('bold', line));
  const { paint } = page;
  if (!carriedOut) return [paint('bold', `To roll back: ${pair}`)];
  if (now === 0 && left > 0) return say(paint('red', '✖'), `Not rolled back: ${pair}`);
  if (now === 0) {
    const last =
      back
        .map(unit => unit.backSince ?? '')
        .sort()
        .at(-1) ?? '';
    return say(paint('green', '✔'), `Nothing to do: ${pair} was rolled back at ${showTime(last)}.`);
  }
  if (left > 0) return say(paint('yellow', '!'), `Rolled back in part, ${now} of ${now + left}: ${pair}`);
  return say(paint('green', '✔'), `Rolled back: ${pair}`);
}

const showTime = (at: string): string => `${at.slice(0, 19).replace('T', ' ')}Z`;

function renderUnit(page: Page, unit: RollbackUnit): Line[] {
  const { comesBack, goesAway } = unit;
  const deed =
    comesBack.length === 0
      ? `new to the target, ${pluralize(goesAway.length, 'table')} removed again`
      : `${pluralize(comesBack.length, 'table')} back, ${pluralize(goesAway.length, 'table')} dropped`;
  return item(page, '·', `${nameUnit(unit)}: ${deed}`);
}

function nameUnit({ taskId, address }: RollbackUnit): string {
  return [nameTask(taskId), address].filter(Boolean).join(' ');
}

/** What people should know before they say yes. */
function renderClosing(page: Page, report: RollbackReport, coming: readonly RollbackUnit[]): Line[] {
  if (report.carriedOut || coming.length === 0) return [];
  const network = report.units.some(unit => unit.taskId === NETWORK);
  const goes = coming.some(unit => unit.taskId !== NETWORK && unit.comesBack.length === 0);
  return [
    '',
    ...item(page, '!', 'What was written to these sites since they were cut over is lost.'),
    ...(goes && !network
      ? item(
          page,
          '!',
          'The network tables stay: a site that is removed is still listed in them. --sites 0 rolls them back.',
        )
      : []),
  ];
}
