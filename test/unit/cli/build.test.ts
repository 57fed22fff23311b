import { existsSync, globSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe("a build that can't be made says what to do", () => {
  const buildCopy = async (engines: string, global = '') => {
    const script = join(root, 'scripts/build.js');
    await mkdir(join(root, 'scripts'), { recursive: true });
    await copyFile(SCRIPT, script);
    await writeFile(
      join(root, 'package.json'),
      JSON.stringify({ type: 'module', engines: { node: engines } }),
    );
    const env = { npm_config_global: global };
    const { exitCode, stderr } = await execa(process.execPath, [script], { env, reject: false });
    expect(stderr).toMatch(/^dist\/ can't be built: /);
    expect(stderr).not.toContain('    at ');
    expect(exitCode).toBe(1);
    return stderr;
  };

  test('on a Node that is too old', async () => {
    expect(await buildCopy('>=99.13.0')).toContain('Node 99.13.0 or newer is needed; this is ');
  });

  test.each([
    ['', 'run bin/setup'],
    ['true', 'Run npm pack with the address, then: npm install -g'],
  ])('without the development packages (npm --global=%s)', async (global, advice) => {
    const stderr = await buildCopy('>=22.13.0', global);
    expect(stderr).toContain('rolldown');
    expect(stderr).toContain(advice);
  });
});
