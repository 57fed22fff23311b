// The last lines of bin/test: what failed, then `N passed, N failed`.
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
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly ancestorTitles?: readonly string[];
    }[];
  }[];
}

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

const skipped = report.numPendingTests + report.numTodoTests;
console.log();
console.log(`static checks: ${checkPassed ? 'passed' : 'failed'} (npm run check)`);
for (const file of brokenFiles) console.log(`could not be run: ${relative(process.cwd(), file.name)}`);
if (ran === 0) console.log('no test ran');
if (skipped > 0) console.log(`skipped: ${skipped}`);
for (const reason of listReasons()) console.log(`  ${reason}`);
console.log(`${report.numPassedTests + (checkPassed ? 1 : 0)} passed, ${failed} failed`);

if (failed > 0) process.exitCode = 1;

/** Tests that can't run on this machine say why in the outermost title: `WordPress on the target (not shown: …)`. */
function listReasons(): Set<string> {
  const skippedTests = report.testResults.flatMap(file =>
    file.assertionResults.filter(test => test.status === 'skipped'),
  );
  const titles = skippedTests.map(test => test.ancestorTitles?.[0] ?? '');
  return new Set(titles.filter(title => /\(.+: .+\)$/.test(title)));
}

/** Vitest writes no report when it finds no test file or can't start. */
function readReport(): VitestReport {
  const text = readFileSync(reportPath, 'utf8');
  return text === ''
    ? { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
    : (JSON.parse(text) as VitestReport);
}
