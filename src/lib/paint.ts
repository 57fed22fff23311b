import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours text, or leaves it as it is. Made once where the output stream is known, then passed along. */
export type Paint = (style: Style, text: string) => string;

export function createPaint(colors: boolean): Paint {
  return colors ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

/** Does this stream want colours? Not a file, pipe or dumb terminal, and not with NO_COLOR. */
export function wantsColors(
  stream: NodeJS.WritableStream & { isTTY?: boolean; hasColors?: () => boolean },
): boolean {
  return stream.isTTY === true && (stream.hasColors?.() ?? false);
}
