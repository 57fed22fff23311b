// C3 Which runs are there?

import { expect, test } from 'vitest';
import { renderAllRuns } from '../../../src/cli/render-all-runs.ts';
import { sampleRun } from '../../support/sample-run.ts';

test('a line for each run, short enough for the terminal, with what names it in a command', () => {
  const { entry } = sampleRun();
  const now = new Date(Date.parse(entry.startedAt!) + 3_600_000);
  const done = {
    ...entry,
    id: 'env-migrate-2026-11-22T02-30-00-0def12',
    status: 'completed',
    holder: null,
  } as typeof entry;
  const lines = renderAllRuns([done, entry], { colors: false, width: 90, now }).split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^✔ 0def12 +1 h .*ago +prod → stg +completed; /);
  expect(lines[1]).toContain(entry.id.slice(-6));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(90);
});

test('none', () => {
  expect(renderAllRuns([], { colors: false, width: 60, now: new Date() })).toBe('There is no run here.');
});
