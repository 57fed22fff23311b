import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANIFEST_FILE } from '../../../scripts/write-manifest.ts';
import { digestProgram } from '../../../src/site/program-digest.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/build.js', import.meta.url));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wfuwp-build-'));
  await mkdir(join(root, 'dist/commands'), { recursive: true });
  await writeFile(join(root, 'dist/commands/gone.js'), '');
  await execa(process.execPath, [SCRIPT, join(root, 'dist')]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('the build makes a file for each command of the manifest, and removes what has no source any more', async () => {
  const { commands } = JSON.parse(await readFile(MANIFEST_FILE, 'utf8')) as {
    commands: Record<string, { relativePath: string[] }>;
  };
  const files = Object.values(commands).map(({ relativePath }) => join(root, ...relativePath));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(file => !existsSync(file))).toEqual([]);
  expect(existsSync(join(root, 'dist/commands/gone.js'))).toBe(false);
});

test('the built program bears the digest that its sources have', () => {
  const files = globSync('dist/**/*.js', { cwd: root }).map(file => readFileSync(join(root, file), 'utf8'));
  expect(files.filter(text => text.includes(`"${digestProgram()}"`))).toHaveLength(1);
});

test('the licences of what is bundled come with it', async () => {
  const licenses = await readFile(join(root, 'dist/LICENSES.txt'), 'utf8');
  expect(licenses).toMatch(/^mysql2 \d/m);
  expect(licenses).toContain('Copyright (c) 2016 Andrey Sidorov');
});

test('of the libraries only oclif stays outside: what users have to install', async () => {
  const { dependencies } = JSON.parse(
    await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  expect(Object.keys(dependencies).filter(name => !name.startsWith('@oclif/'))).toEqual([]);
});

test.each([
  ['', 'run bin/setup'],
  ['true', 'Run npm pack with the address, then: npm install -g'],
])('a build without the development packages says what to run (npm --global=%s)', async (global, advice) => {
  const script = join(root, 'scripts/build.js');
  await mkdir(join(root, 'scripts'), { recursive: true });
  await writeFile(script, await readFile(SCRIPT));
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  const { exitCode, stderr } = await execa(process.execPath, [script], {
    env: { npm_config_global: global },
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^dist\/ can't be built: .*rolldown/);
  expect(stderr).toContain(advice);
  expect(stderr).not.toContain('    at ');
});
