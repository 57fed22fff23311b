// A test runner for Stryker that loads the rewriting tests once and then runs them in the same process, mutant after
// mutant. Vitest would start anew for each: more than an hour instead of some minutes.

import { registerHooks } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';

/** Quick and telling ones first: the first test that fails ends the run of a mutant. Not `php`, which needs PHP. */
const FILES = [
  ...['vectors', 'hosts', 'pairs', 'serialized', 'spelling', 'overlap', 'encoded', 'escape-layer'],
  ...['parts', 'rules', 'hostile', 'properties', 'key-path', 'explain'],
];
const SHIM = new URL('vitest-shim.js', import.meta.url).href;

class HotRunner {
  /** Where mutated code looks which mutant it shall be, and notes what a test comes by. */
  #context;
  /** What vitest-shim.js has collected; undefined before the first run, for a mutant may change what loading does. */
  #tests;

  constructor() {
    globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
    this.#context = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE];
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async #load() {
    if (this.#tests !== undefined) return this.#tests;
    process.env.FC_RUNS = '25';
    process.env.REWRITE_TESTS = 'small';
    registerHooks({
      resolve: (name, context, next) =>
        name === 'vitest' ? { url: SHIM, shortCircuit: true } : next(name, context),
    });
    const { loadTests, tests } = await import(SHIM);
    for (const name of FILES) {
      const file = `test/unit/rewrite/${name}.test.ts`;
      await loadTests(name, pathToFileURL(path.resolve(file)).href);
    }
    // A mutant must not live or die by the luck of the draw.
    fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_121, endOnFailure: true });
    this.#tests = tests;
    return tests;
  }

  async dryRun() {
    this.#context.mutantCoverage = undefined;
    const tests = await this.#load();
    const results = await this.#run(tests, { stopsAtFailure: false });
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: this.#context.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    this.#context.hitLimit = hitLimit;
    this.#context.hitCount = hitLimit === undefined ? undefined : 0;
    if (mutantActivation === 'static') this.#context.activeMutant = activeMutant.id;
    let results;
    try {
      const tests = await this.#load();
      this.#context.activeMutant = activeMutant.id;
      const wanted = testFilter && new Set(testFilter);
      const chosen = tests.filter(({ id }) => wanted === undefined || wanted.has(id));
      results = await this.#run(chosen, { stopsAtFailure: !disableBail });
    } catch (error) {
      // It could not even be loaded.
      results = [fail({ id: 'load', name: 'load' }, 0, error)];
    } finally {
      this.#context.activeMutant = undefined;
    }
    return toMutantRunResult(
      determineHitLimitReached(this.#context.hitCount, hitLimit) ?? {
        status: DryRunStatus.Complete,
        tests: results,
      },
    );
  }

  async #run(tests, { stopsAtFailure }) {
    const results = [];
    for (const test of tests) {
      this.#context.currentTestId = test.id;
      const started = performance.now();
      try {
        await test.run();
        results.push({
          id: test.id,
          name: test.name,
          timeSpentMs: performance.now() - started,
          status: TestStatus.Success,
        });
      } catch (error) {
        results.push(fail(test, performance.now() - started, error));
        if (stopsAtFailure) break;
      }
    }
    this.#context.currentTestId = undefined;
    return results;
  }
}

function fail({ id, name }, timeSpentMs, error) {
  return { id, name, timeSpentMs, status: TestStatus.Failed, failureMessage: String(error) };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'hot', HotRunner)];
