import { expect, it } from 'vitest';
import { describeProbes, hasTroubles, renderValidation } from '../../../src/cli/render-validation.ts';
import { createPaint } from '../../../src/lib/paint.ts';
import { showLines } from '../../../src/lib/show-lines.ts';
import type { HookFailure } from '../../../src/migration/hooks.ts';
import type { ValidationResult } from '../../../src/migration/validation.ts';

const page = { width: 90, paint: createPaint(false) };
const aResult = (over: Partial<ValidationResult>): ValidationResult => ({
  component: 'site 4',
  test: 'http_status',
  stage: 'after',
  passed: false,
  error: 'answered 500',
  testedAt: '2026-11-21T03:00:00.000Z',
  ...over,
});
const aFailure = (siteId: number | null, hook: HookFailure['hook'] = 'after_site'): HookFailure => ({
  hook,
  siteId,
  error: {
    code: 'hook',
    message: `The ${hook} hook of site ${siteId} (./purge.sh) failed: it ended with exit code 1.`,
    scope: 'site',
    hint: '',
    details: { command: './purge.sh', failure: 'it ended with exit code 1' },
  },
});

it('tells what the run has broken before what was broken already, and a hook once for all its sites', () => {
  const text = renderValidation(page, {
    validationResults: [
      aResult({ component: 'target', test: 'http_latency', passed: true, error: null }),
      aResult({ stage: 'before' }),
      aResult({ brokenBefore: true }),
      aResult({ component: 'site 9', test: 'http_source_host', error: 'names \u001b[31mthe source' }),
    ],
    hookFailures: [aFailure(4), aFailure(5), aFailure(6), aFailure(null, 'after_run')],
  });
  expect(showLines(text)).toMatchInlineSnapshot(`
    "
    What does not work on the target:
      ✖ site 9: names \\x1b[31mthe source [http_source_host]

    What did not work before the run, either:
      · site 4: answered 500 [http_status]

    Hooks that failed (what they printed is in the progress log):
      ✖ after_site (./purge.sh): it ended with exit code 1, sites 4-6
      ✖ after_run (./purge.sh): it ended with exit code 1"
  `);
});

it('has nothing to say where all is well', () => {
  expect(renderValidation(page, { validationResults: [], hookFailures: [] })).toEqual([]);
  expect(describeProbes({ validation: null })).toBeNull();
});

it.each([
  [[], [], false],
  [[aResult({ brokenBefore: true })], [], false],
  [[aResult({ stage: 'before' })], [], false],
  [[aResult({ passed: true, error: null })], [], false],
  [[aResult({})], [], true],
  [[], [aFailure(4)], true],
])('troubles %#', (validationResults, hookFailures, troubles) => {
  expect(hasTroubles({ validationResults, hookFailures })).toBe(troubles);
});
