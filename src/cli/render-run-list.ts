import { createPaint, joinParts, type Line } from '../lib/paint.ts';
import { type Shown, showLine, showLines } from '../lib/show-lines.ts';
import { pluralize } from '../lib/text.ts';
import { PHASE_NAMES } from '../sinks/describe-event.ts';
import type { RenderOptions } from './render-plan.ts';
import type { ListedRun } from './run-list.ts';
import { chooseRunMark, describeAge, describeCounts, describePair, describeStatus } from './run-words.ts';
import { clampWidth, item, type Page } from './text-blocks.ts';

export interface RenderRunListOptions extends RenderOptions {
  readonly now: Date;
}

/** The runs that aren't wholly done: what each is, how far it came, and the command to go on with it. */
export function renderRunList(runs: readonly ListedRun[], options: RenderRunListOptions): Shown {
  if (runs.length === 0) return showLine('Every run is finished.');
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  const title = `${pluralize(runs.length, 'run')} not finished:`;
  return showLines([
    page.paint('bold', title),
    ...runs.flatMap(run => ['', ...renderRun(page, run, options.now)]),
  ]);
}

function renderRun(page: Page, run: ListedRun, now: Date): Line[] {
  const { paint } = page;
  const phase = run.phase ? `, in phase ${PHASE_NAMES[run.phase].toLowerCase()}` : '';
  const counts = run.sites.total > 0 ? [`${describeCounts(run)}${phase}.`] : [];
  const ages = [
    ['Started', describeAge(run.startedAt, now)],
    ['last event', describeAge(run.updatedAt, now)],
  ].flatMap(([what, age]) => (age ? [`${what} ${age}`] : []));
  return [
    ...item(page, chooseRunMark(run, paint), run.id, 0).map(line => paint('bold', line)),
    ...item(page, '', `${describePair(run)}, ${describeStatus(run)}.`, 1),
    ...counts.flatMap(text => item(page, '', text, 1)),
    ...(ages.length > 0 ? item(page, '', `${ages.join(', ')}.`, 1) : []),
    ...(run.supersededBy ? item(page, '', `Superseded: ${run.supersededBy} has completed since.`, 1) : []),
    ...(run.error ? item(page, '', `${run.error.message} [${run.error.code}]`, 1) : []),
    ...run.damage.flatMap(text => item(page, paint('red', 'Damaged:'), text)),
    ...run.nextCommands.map(command => joinParts('  ', paint('cyan', command))),
  ];
}
