// Lines of text for people. What others have put into them is shown as it will be seen before it is measured. A width is
// counted in characters: hosts, tables and paths are ASCII in practice, and a wide character costs an uneven column at
// worst.

import { formatCount } from './format.ts';
import { type Line, listSpans } from './paint.ts';
import { showForeign } from './show-foreign.ts';

/** How many columns a line takes. */
export function measureWidth(line: Line): number {
  return listSpans(line).reduce((sum, { text }) => sum + Array.from(showForeign(text)).length, 0);
}

/** At most `width` characters; what is cut shows as `…`. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(showForeign(text));
  if (characters.length <= width) return characters.join('');
  return width <= 0 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** A site's number and address, at most `width` characters. Of a network's paths the host is the same for all and is cut
 *  from its front, of its hosts the ends are alike. */
export function truncateSite(name: string, width: number): string {
  const shown = Array.from(showForeign(name));
  const [, number = '', address = ''] = /^((?:site )?\d+ )(.+\/)$/su.exec(shown.join('')) ?? [];
  const room = width - number.length - 1;
  if (shown.length <= width || address === '' || room < 1) return truncate(name, width);
  return `${number}…${Array.from(address).slice(-room).join('')}`;
}

/** Exactly `width` characters, cut or filled. */
export function fitColumn(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  return padColumn(truncate(text, width), width, side);
}

/** The same for a site's number and address. */
export function fitSite(name: string, width: number): string {
  return padColumn(truncateSite(name, width), width);
}

/** At least `width` characters. */
export function padColumn(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const shown = showForeign(text);
  const gap = ' '.repeat(Math.max(0, width - measureWidth(shown)));
  return side === 'left' ? shown + gap : gap + shown;
}

/** Breaks between words; a word longer than a line stays whole, so that a path or command can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of showForeign(text).split(' ').filter(Boolean)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return line ? [...lines, line] : lines;
}

/** `1 site`, `1,200 sites`. */
export function pluralize(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** The first few by name, the rest as a number: `--json` has them all. */
export function list(items: readonly (string | number)[], most = 8): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
