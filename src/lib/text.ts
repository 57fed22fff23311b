// Lines of text for people. A width is counted in characters: hosts, tables and paths are ASCII in practice, and a
// wide character costs an uneven column at worst.

import { formatCount } from './format.ts';

const SPACE_OR_CONTROL = /[\s\p{Cc}]+/gu;

/** Makes foreign text (a driver's message, a site's name) safe to print: one line, and no escape sequence that could
 *  drive the reader's terminal. */
export function toOneLine(text: string): string {
  return text.replace(SPACE_OR_CONTROL, ' ').trim();
}

/** At most `width` characters; what is cut shows as `…`. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width <= 0 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** Exactly `width` characters, cut or filled. */
export function fitColumn(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const gap = ' '.repeat(Math.max(0, width - Array.from(cut).length));
  return side === 'left' ? cut + gap : gap + cut;
}

/** Breaks between words; a word longer than a line stays whole, so that a path or command can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
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
