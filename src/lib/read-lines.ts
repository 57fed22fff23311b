// Lines of a big file, without holding the file in memory. Both directions give whole lines only: what stands behind
// the last line feed was cut off by a crash, or is being written at this moment.

import type { FileHandle } from 'node:fs/promises';
import { openToRead } from './open-file.ts';

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** From the first line to the last. */
export async function* readLines(path: string): AsyncGenerator<string, void, undefined> {
  for await (const { text } of readLinesFrom(path, 0)) yield text;
}

export interface PlacedLine {
  readonly text: string;
  /** The place behind its line feed, in bytes: where the next line begins. */
  readonly end: number;
}

/** From the line that begins at the place `from` to the last one of the file as it is when its end is met. */
export async function* readLinesFrom(
  path: string,
  from: number,
): AsyncGenerator<PlacedLine, void, undefined> {
  await using file = await openToRead(path);
  let begun: Buffer[] = [];
  for (let position = from; ; ) {
    const chunk = await readChunk(file, position, CHUNK_BYTES);
    if (chunk.length === 0) return;
    const chunkStart = position;
    position += chunk.length;
    let start = 0;
    for (let stop = chunk.indexOf(LINE_FEED); stop >= 0; stop = chunk.indexOf(LINE_FEED, start)) {
      yield { text: join([...begun, chunk.subarray(start, stop)]), end: chunkStart + stop + 1 };
      begun = [];
      start = stop + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
}

/** From the last line to the first, of the file as it is now: reading stops where the caller does. */
export async function* readLinesBackwards(path: string): AsyncGenerator<string, void, undefined> {
  await using file = await openToRead(path);
  let position = (await file.stat()).size;
  // Parts of the line whose beginning isn't read yet, first to last; null: no line feed was met so far.
  let begun: Buffer[] | null = null;
  while (position > 0) {
    const length = Math.min(CHUNK_BYTES, position);
    position -= length;
    const chunk = await readChunk(file, position, length);
    let stop = chunk.length;
    for (let at = lastLineFeed(chunk, stop); at >= 0; at = lastLineFeed(chunk, stop)) {
      if (begun) yield join([chunk.subarray(at + 1, stop), ...begun]);
      begun = [];
      stop = at;
    }
    begun?.unshift(chunk.subarray(0, stop));
  }
  if (begun) yield join(begun);
}

function lastLineFeed(chunk: Buffer, before: number): number {
  return before === 0 ? -1 : chunk.lastIndexOf(LINE_FEED, before - 1);
}

async function readChunk(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function join(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('utf8');
}
