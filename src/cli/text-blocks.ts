// What a plan and a summary are made of on paper: titled sections, items with a hanging indent, short lists.

import { formatCount, formatIds } from '../lib/format.ts';
import { joinParts, type Line, type Paint } from '../lib/paint.ts';
import { measureWidth, wrap } from '../lib/text.ts';

const MIN_WIDTH = 80;
/** Longer lines are hard to read, however wide the screen. */
const MAX_WIDTH = 120;

export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

export function clampWidth(width: number): number {
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width));
}

/** Empty without lines: a section that has nothing to say isn't there. */
export function section(page: Page, title: Line, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : ['', page.paint('bold', title), ...lines];
}

/** Text behind a mark, which may be coloured; later lines stand under the first. */
export function item(page: Page, mark: Line, text: string, indent = 2): Line[] {
  const hang = indent + measureWidth(mark) + 1;
  const [first = '', ...others] = wrap(text, page.width - hang);
  return [joinParts(' '.repeat(indent), mark, ` ${first}`), ...others.map(line => ' '.repeat(hang) + line)];
}

/** Label and text in two columns. */
export function field(page: Page, label: string, text: string, labelWidth: number): Line[] {
  return item(page, label.padEnd(labelWidth), text);
}

/** The first lines, and how many more there are. */
export function shorten(lines: readonly Line[], most: number): Line[] {
  return shortenItems(
    lines.map(line => [line]),
    most,
  );
}

/** The same for items that may have several lines each. */
export function shortenItems(items: readonly (readonly Line[])[], most: number): Line[] {
  // Hiding one line would save none.
  if (items.length <= most + 1) return items.flat();
  return [...items.slice(0, most).flat(), `  … and ${formatCount(items.length - most)} more (see --json)`];
}

/** `site 4`, `sites 4-9, 12`. */
export function listSites(siteIds: readonly number[], most?: number): string {
  return `${siteIds.length === 1 ? 'site' : 'sites'} ${formatIds(siteIds, most)}`;
}

/** The same with other tasks in front: `network, sites 4-9`. */
export function listTasks(taskIds: readonly TaskId[], most?: number): string {
  const siteIds = taskIds.map(findSiteId).filter(id => id !== null);
  const others = taskIds.filter(id => findSiteId(id) === null).map(nameTask);
  return [...others, ...(siteIds.length > 0 ? [listSites(siteIds, most)] : [])].join(', ');
}
