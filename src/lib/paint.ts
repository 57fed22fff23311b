// Styles of text for people. They stand beside the text and not in it: what looks like a style inside a text was put
// there by others, and is shown as what it is.

import type { styleText } from 'node:util';

export type Style = Extract<Parameters<typeof styleText>[0], string>;

interface Span {
  readonly styles: readonly Style[];
  readonly text: string;
}

/** One line, in which some parts have a style. */
interface StyledLine {
  readonly spans: readonly Span[];
}

export type Line = string | StyledLine;

/** Gives a line a style besides those that its parts have, or leaves it as it is. Made once where the output stream is
 *  known, then passed along. */
export type Paint = (style: Style, line: Line) => Line;

export function createPaint(colors: boolean): Paint {
  if (!colors) return (_style, line) => line;
  return (style, line) => ({
    spans: listSpans(line).map(({ styles, text }) => ({ styles: [style, ...styles], text })),
  });
}

/** Does this stream want colours? Not a file, pipe or dumb terminal, and not with NO_COLOR. */
export function wantsColors(
  stream: NodeJS.WritableStream & { isTTY?: boolean; hasColors?: () => boolean },
): boolean {
  return stream.isTTY === true && (stream.hasColors?.() ?? false);
}

/** One line of several parts. */
export function joinParts(...parts: readonly Line[]): Line {
  return parts.every(part => typeof part === 'string') ? parts.join('') : { spans: parts.flatMap(listSpans) };
}

export function listSpans(line: Line): readonly Span[] {
  return typeof line === 'string' ? [{ styles: [], text: line }] : line.spans;
}
