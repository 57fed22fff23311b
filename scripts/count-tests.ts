// The last lines of bin/test: what was skipped and why, what failed, then `N passed, N failed`.
//
//   node scripts/count-tests.ts VITEST_REPORT CHECK_EXIT_CODE VITEST_EXIT_CODE
//
// It must never say less than happened: a file that can't be loaded has no failed test and an error outside of
// any test has none either, yet both count as a failure; and no test at all is no success.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

interface TestResult {
  readonly status: string;
  readonly ancestorTitles?: readonly string[];
  readonly title?: string;
}

const MOST_LINES = 40;

const [reportPath = '', checkExitCode, vitestExitCode] = process.argv.slice(2);
const checkPassed = checkExitCode === '0';
const report = readReport();
const brokenFiles = report.testResults.filter(
  file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'),
);
const ran = report.numPassedTests + report.numFailedTests;

let failed = report.numFailedTests + brokenFiles.length;
if (failed === 0 && (ran === 0 || vitestExitCode !== '0')) failed++;
if (!checkPassed) failed++;

console.log();
console.log(`static checks: ${checkPassed ? 'passed' : 'failed'} (npm run check)`);
for (const file of brokenFiles) console.log(`could not be run: ${relative(process.cwd(), file.name)}`);
if (ran === 0) console.log('no test ran');
for (const line of describeSkipped()) console.log(line);
console.log(`${report.numPassedTests + (checkPassed ? 1 : 0)} passed, ${failed} failed`);

if (failed > 0) process.exitCode = 1;

function describeSkipped(): string[] {
  const tests = report.testResults.flatMap(file => file.assertionResults);
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  if (skipped.length === 0) return [];
  const lines = Array.from(Map.groupBy(skipped, nameSkipped), ([name, { length }]) =>
    length === 1 ? `  ${name}` : `  ${name}: ${length} tests`,
  );
  // With a filter (`bin/test -t …`) it is nearly all.
  const left = lines.length - MOST_LINES;
  return [
    `skipped: ${skipped.length}`,
    ...lines.slice(0, MOST_LINES),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** What can't run on this machine says why at the end of its title, or of one above it: `WordPress (not shown: …)`. */
function nameSkipped({ ancestorTitles = [], title = '' }: TestResult): string {
  const titles = [...ancestorTitles, title];
  const reason = titles.findIndex(text => /\(.+: .+\)$/s.test(text));
  const name = titles.slice(0, reason === -1 ? undefined : reason + 1).join(' › ');
  return `${name}${reason === -1 ? ' (no reason is given)' : ''}`.replaceAll(/\s+/g, ' ');
}

/** Vitest writes no report when it finds no test file or can't start. */
function readReport(): VitestReport {
  const text = readFileSync(reportPath, 'utf8');
  return text === ''
    ? { numPassedTests: 0, numFailedTests: 0, testResults: [] }
    : (JSON.parse(text) as VitestReport);
}
