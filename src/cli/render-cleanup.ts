import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { pluralize } from '../lib/text.ts';
import type { CleanupReport, RemovableUnit } from '../migration/cleanup-report.ts';
import { nameTask } from '../migration/words.ts';
import type { RenderOptions } from './render-plan.ts';
import { clampWidth, item, type Page, section, shorten } from './text-blocks.ts';

const MOST_UNITS = 20;

/** What `env-migrate cleanup` would remove, or has removed. */
export function renderCleanup(report: CleanupReport, options: RenderOptions): Shown {
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  const { units, discarded, notices, carriedOut, closes } = report;
  const nothing = units.length + discarded.length === 0;
  const verb = nothing ? 'Nothing to remove' : carriedOut ? 'Removed' : 'To remove';
  const ends = units.filter(unit => unit.endsRollback).length;
  return showLines([
    page.paint('bold', `${verb}: ${report.source} → ${report.target} (${report.migrationId})`),
    ...section(
      page,
      `Previous tables, in ${report.previousDatabase}:`,
      renderTables(page, units, unit => unit.previous),
    ),
    ...section(
      page,
      `Unfinished copies, in ${report.stagingDatabase}:`,
      renderTables(page, units, unit => unit.staging),
    ),
    ...section(
      page,
      'Tables that were given up before:',
      shorten(
        discarded.map(name => `  ${name}`),
        MOST_UNITS,
      ),
    ),
    ...(closes ? ['', ...item(page, carriedOut ? '✔' : '!', tellOfClosing(carriedOut))] : []),
    ...(notices.length > 0 ? ['', ...notices.flatMap(text => item(page, '!', text))] : []),
    ...(ends > 0
      ? [
          '',
          ...item(
            page,
            '!',
            carriedOut
              ? 'The run can no longer be rolled back.'
              : 'After this the run can no longer be rolled back.',
          ),
        ]
      : []),
  ]);
}

function tellOfClosing(carriedOut: boolean): string {
  return carriedOut
    ? 'The run is closed: what is migrated stays, the rest is not done, and it is not resumed any more.'
    : 'This closes the run: what is migrated stays, the rest is not done, and it is not resumed any more.';
}

function renderTables(
  page: Page,
  units: readonly RemovableUnit[],
  tablesOf: (unit: RemovableUnit) => readonly string[],
): Line[] {
  const lines = units
    .filter(unit => tablesOf(unit).length > 0)
    .flatMap(unit => {
      const name = [nameTask(unit.taskId), unit.address].filter(Boolean).join(' ');
      return item(page, '·', `${name}: ${pluralize(tablesOf(unit).length, 'table')}`);
    });
  return shorten(lines, MOST_UNITS);
}
