import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { pluralize } from '../lib/text.ts';
import type { PruneVerdict } from '../migration/prune-runs.ts';
import type { RenderRunListOptions } from './render-run-list.ts';
import { describeAge } from './run-words.ts';
import { clampWidth, item, type Page, section, shorten } from './text-blocks.ts';

const MOST = 40;

/** What `prune` would remove, and why the others stay. */
export function renderPrune(
  verdicts: readonly PruneVerdict[],
  { colors, width, now }: RenderRunListOptions,
): Shown {
  const page: Page = { width: clampWidth(width), paint: createPaint(colors) };
  const gone = verdicts.filter(({ reason }) => reason === null);
  const kept = verdicts.filter(({ reason }) => reason !== null);
  const render =
    (mark: string) =>
    (verdict: PruneVerdict): Line[] =>
      item(page, mark, describe(verdict, now));
  const verb = gone.length === 0 ? 'Nothing to remove' : 'To remove';
  return showLines([
    page.paint('bold', `${verb}${gone.length > 0 ? `: ${pluralize(gone.length, 'run')}` : '.'}`),
    ...shorten(gone.flatMap(render('·')), MOST),
    ...section(page, `Kept: ${pluralize(kept.length, 'run')}`, shorten(kept.flatMap(render('-')), MOST)),
  ]);
}

function describe({ id, source, target, endedAt, reason }: PruneVerdict, now: Date): string {
  const ended = endedAt ? `, ended ${describeAge(endedAt, now)}` : '';
  return `${id}: ${source ?? '?'} → ${target ?? '?'}${ended}${reason === null ? '' : `; ${reason}`}`;
}
