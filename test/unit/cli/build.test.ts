import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildInto } from '../../../scripts/build.ts';
import { MANIFEST_FILE } from '../../../scripts/write-manifest.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'wfuwp-build-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('the build makes a file for each command of the manifest, and removes what has no source any more', async () => {
  const stale = join(root, 'dist/commands/gone.js');
  await mkdir(join(root, 'dist/commands'), { recursive: true });
  await writeFile(stale, '');
  await buildInto(join(root, 'dist'));

  const { commands } = JSON.parse(await readFile(MANIFEST_FILE, 'utf8')) as {
    commands: Record<string, { relativePath: string[] }>;
  };
  const files = Object.values(commands).map(({ relativePath }) => join(root, ...relativePath));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(file => !existsSync(file))).toEqual([]);
  expect(existsSync(stale)).toBe(false);
});
