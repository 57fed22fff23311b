// The short form of `npm run test:fuzz`.

import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../fuzz/run.ts', import.meta.url));

it('a command line or a configuration with a slip in it is answered by an error that says what it is about', async () => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [SCRIPT, '--runs', '400'], {
    reject: false,
    stdin: 'ignore',
  });
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).toContain('400 configurations: 0 failed');
  expect(stdout).toContain('400 command lines: 0 failed');
}, 120_000);
