// What a plan and a summary are made of on paper: titled sections, items with a hanging indent, short lists.

import { stripVTControlCharacters } from 'node:util';
import { formatCount, formatIds } from '../lib/format.ts';
import type { Paint } from '../lib/paint.ts';
import { toOneLine, wrap } from '../lib/text.ts';

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
export function section(page: Page, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', page.paint('bold', title), ...lines];
}

/** Text behind a mark, which may be coloured; later lines stand under the first. Foreign text is made safe to print. */
export function item(page: Page, mark: string, text: string, indent = 2): string[] {
  const hang = indent + stripVTControlCharacters(mark).length + 1;
  const [first = '', ...others] = wrap(toOneLine(text), page.width - hang);
  return [`${' '.repeat(indent)}${mark} ${first}`, ...others.map(line => ' '.repeat(hang) + line)];
}

/** Label and text in two columns. */
export function field(page: Page, label: string, text: string, labelWidth: number): string[] {
  return item(page, label.padEnd(labelWidth), text);
}

/** The first lines, and how many more there are. */
export function shorten(lines: readonly string[], most: number): string[] {
  // Hiding one line would save none.
  if (lines.length <= most + 1) return [...lines];
  return [...lines.slice(0, most), `  … and ${formatCount(lines.length - most)} more (see --json)`];
}

/** `site 4`, `sites 4-9, 12`, `the network tables`. Blog ids count from 1; 0 stands for the network tables. */
export function listSites(siteIds: readonly number[], most?: number): string {
  const ids = siteIds.filter(id => id !== 0);
  const parts = ids.length < siteIds.length ? ['the network tables'] : [];
  if (ids.length > 0) parts.push(`${ids.length === 1 ? 'site' : 'sites'} ${formatIds(ids, most)}`);
  return parts.join(', ');
}
