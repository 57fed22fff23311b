import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProgressLog } from '../../../src/sinks/progress-log.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan(2);
let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'progress-log-'));
  path = join(directory, 'migration-progress.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

it('writes a line an event at once, and goes on at the end of the file', async () => {
  const journal = new SampleJournal();
  const first = createProgressLog(path, plan);
  first.onEvent?.(journal.fold({ type: 'site.started', siteId: 2, attempt: 1 }), journal.state);
  expect(readFileSync(path, 'utf8')).toBe(
    '2026-11-21 02:30:00.000Z  INFO   site 2 art2.prod.example.edu: started.\n',
  );
  await first.close?.();

  const second = createProgressLog(path, plan);
  second.onEvent?.(
    journal.wait(61_500).fold({ type: 'migration.draining', reason: 'Ctrl-C' }),
    journal.state,
  );
  await second.close?.();
  expect(readFileSync(path, 'utf8').split('\n').slice(1)).toEqual([
    '2026-11-21 02:31:01.500Z  WARN   Stopping: Ctrl-C. Nothing new is started.',
    '',
  ]);
});

it('writes nothing after it is closed, twice if need be', async () => {
  const journal = new SampleJournal();
  const log = createProgressLog(path, plan);
  await log.close?.();
  await log.close?.();
  log.onEvent?.(journal.fold({ type: 'site.started', siteId: 2, attempt: 1 }), journal.state);
  expect(readFileSync(path, 'utf8')).toBe('');
});

it('throws when it can not be opened', () => {
  expect(() => createProgressLog(join(directory, 'missing', 'x.log'), plan)).toThrow('ENOENT');
});
