import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLines, readLinesBackwards } from '../../../src/lib/read-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-lines-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A chunk is 256 KiB: lines that end on its border, and lines longer than several. */
const CHUNK = 256 * 1024;

describe.each([
  ['nothing', '', []],
  ['only a torn line', 'abc', []],
  ['one line', 'abc\n', ['abc']],
  ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
  ['a torn last line', 'a\nb\nc', ['a', 'b']],
  ['a line as long as a chunk', `${'x'.repeat(CHUNK)}\nb\n`, ['x'.repeat(CHUNK), 'b']],
  ['a line that ends with a chunk', `${'x'.repeat(CHUNK - 1)}\nb\n`, ['x'.repeat(CHUNK - 1), 'b']],
  [
    'characters cut by a chunk',
    `a\n${'ä€😀'.repeat(CHUNK / 3)}\nb\ntorn`,
    ['a', 'ä€😀'.repeat(CHUNK / 3), 'b'],
  ],
  ['many lines', 'line\n'.repeat(CHUNK / 4), Array.from({ length: CHUNK / 4 }, () => 'line')],
])('%s', (_, text, lines) => {
  it('is the same from both ends', async () => {
    const path = join(folder, 'file');
    await writeFile(path, text);
    expect(await collect(readLines(path))).toEqual(lines);
    expect((await collect(readLinesBackwards(path))).reverse()).toEqual(lines);
  });
});

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
