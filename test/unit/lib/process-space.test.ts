import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isProcessAlive, readProcessSpace } from '../../../src/lib/process-space.ts';

it('tells living from dead processes', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect([process.pid, process.ppid, pid].map(isProcessAlive)).toEqual([true, true, false]);
});

it('is the same for every process that sees the same ids', () => {
  const module = new URL('../../../src/lib/process-space.ts', import.meta.url).href;
  const script = `import('${module}').then(m => process.stdout.write(m.readProcessSpace()))`;
  const { stdout } = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' });
  expect(stdout).toBe(readProcessSpace());
});
