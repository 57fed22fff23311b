import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/count-tests.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-count-tests-'));
});
afterAll(() => rm(folder, { recursive: true }));

const passed = { name: '/a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] };
const failed = { name: '/b.test.ts', status: 'failed', assertionResults: [{ status: 'failed' }] };
const broken = { name: '/c.test.ts', status: 'failed', assertionResults: [] };

test.each([
  ['all passed', { check: 0, vitest: 0, tests: [3, 0], files: [passed] }, '4 passed, 0 failed', 0],
  ['a test failed', { check: 0, vitest: 1, tests: [3, 2], files: [passed, failed] }, '4 passed, 2 failed', 1],
  [
    'the static checks failed',
    { check: 1, vitest: 0, tests: [3, 0], files: [passed] },
    '3 passed, 1 failed',
    1,
  ],
  [
    'a file can not be loaded',
    { check: 0, vitest: 1, tests: [3, 0], files: [passed, broken] },
    '4 passed, 1 failed',
    1,
  ],
  [
    'an error outside of any test',
    { check: 0, vitest: 1, tests: [3, 0], files: [passed] },
    '4 passed, 1 failed',
    1,
  ],
  ['no test ran', { check: 0, vitest: 0, tests: [0, 0], files: [] }, '1 passed, 1 failed', 1],
  [
    'everything failed',
    { check: 1, vitest: 1, tests: [0, 2], files: [failed, broken] },
    '0 passed, 4 failed',
    1,
  ],
  ['vitest did not start', { check: 0, vitest: 127 }, '1 passed, 1 failed', 1],
])('%s', async (_, { check, vitest, tests, files }: Outcome, lastLine, exitCode) => {
  const report = join(folder, 'report.json');
  await writeFile(
    report,
    tests === undefined
      ? ''
      : JSON.stringify({
          numPassedTests: tests[0],
          numFailedTests: tests[1],
          testResults: files,
        }),
  );
  const result = await execa(process.execPath, [SCRIPT, report, String(check), String(vitest)], {
    reject: false,
  });
  expect(result.stdout.split('\n').at(-1)).toBe(lastLine);
  expect(result.exitCode).toBe(exitCode);
});

test('what is skipped is named, with the reason that the title gives', async () => {
  const report = join(folder, 'skipped.json');
  const skip = (...titles: string[]) => ({
    status: 'skipped',
    ancestorTitles: titles.slice(0, -1),
    title: titles.at(-1),
  });
  const assertionResults = [
    skip('S3 (not shown: no server)', 'uploads', 'a file'),
    skip('S3 (not shown: no server)', 'uploads', 'a folder'),
    skip('links', "another user's (not tried: only root\ncan)"),
    skip('links', 'unclear'),
  ];
  await writeFile(
    report,
    JSON.stringify({
      numPassedTests: 1,
      numFailedTests: 0,
      testResults: [{ name: '/a.test.ts', status: 'passed', assertionResults }],
    }),
  );
  const { stdout } = await execa(process.execPath, [SCRIPT, report, '0', '0']);
  expect(stdout.split('\n').slice(-5)).toEqual([
    'skipped: 4',
    '  S3 (not shown: no server): 2 tests',
    "  links › another user's (not tried: only root can)",
    '  links › unclear (no reason is given)',
    '2 passed, 0 failed',
  ]);
});

interface Outcome {
  readonly check: number;
  readonly vitest: number;
  readonly tests?: number[];
  readonly files?: unknown[];
}
