import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../src/lib/write-file-atomic.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-write-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Larger than what is written at once, and of characters of one to four bytes that don't end where that does. */
const LONG = 'aé日😀'.repeat(70_000);

it.each([
  ['a text', LONG],
  ['no text', ''],
  ['no piece', []],
  ['many pieces', Array.from({ length: 50_000 }, (_, index) => `${index} é日😀\n`)],
  ['a piece larger than what is written at once', ['a', LONG, 'é', LONG, '']],
])('writes %s', async (_, content) => {
  const path = join(folder, 'file');
  await writeFileAtomic(path, content);
  expect(await readFile(path, 'utf8')).toBe(typeof content === 'string' ? content : content.join(''));
  expect(await readdir(folder)).toEqual(['file']);
});

it('leaves the file as it was when the text breaks off', async () => {
  const path = join(folder, 'file');
  await writeFileAtomic(path, 'before');
  const breaking = function* (): Generator<string> {
    yield LONG;
    throw new Error('no more');
  };
  await expect(writeFileAtomic(path, breaking())).rejects.toThrow('no more');
  expect(await readFile(path, 'utf8')).toBe('before');
});
