// The door through which all text for people leaves: to a terminal, a pipe or a log. Whatever part of a line others have
// made, it can't be obeyed there, look like another line, or hold a secret that is plainly one.

import { styleText } from 'node:util';
import { maskUnmistakable } from './mask-secrets.ts';
import { type Line, listSpans } from './paint.ts';
import { showForeign } from './show-foreign.ts';
import { isAscii, spellInAscii } from './spell-marks.ts';

declare const SHOWN: unique symbol;

/** Text that may be written as it is. Only this file makes it. */
export type Shown = string & { readonly [SHOWN]: true };

export function showLine(line: Line): Shown {
  const parts = listSpans(line).map(({ styles, text }) => {
    const safe = showForeign(maskUnmistakable(text));
    const shown = isAscii ? spellInAscii(safe) : safe;
    return styles.length > 0 ? styleText([...styles], shown, { validateStream: false }) : shown;
  });
  return parts.join('') as Shown;
}

export function showLines(lines: readonly Line[]): Shown {
  return lines.map(showLine).join('\n') as Shown;
}

/** Writes each line with its end; nothing where there are none. */
export function writeLines(stream: { write(text: string): unknown }, lines: readonly Line[]): void {
  if (lines.length > 0) stream.write(`${showLines(lines)}\n`);
}
