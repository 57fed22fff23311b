// What the rewriting tests use of vitest, in the process that mutants live in. Starting vitest takes a second, running
// the tests that kill a mutant a hundredth of one.

import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';

/** All tests that were loaded, in order: `{ id, file, run }`. */
export const tests = [];
const names = [];
/** The file that is being loaded, as part of the tests' names. */
let currentFile = '';

export async function loadTests(file, url) {
  currentFile = file;
  await import(url);
}

export function describe(name, body) {
  names.push(name);
  body();
  names.pop();
}
describe.skipIf = isSkipped => (isSkipped ? () => {} : describe);

export function it(name, ...rest) {
  const run = rest.at(-1);
  const id = `${currentFile} > ${[...names, name].join(' > ')} #${tests.length}`;
  tests.push({ id, name, file: currentFile, run });
}
it.skipIf = isSkipped => (isSkipped ? () => {} : it);
it.each =
  rows =>
  (name, ...rest) => {
    for (const [i, row] of rows.entries()) {
      it(`${name} [${i}]`, () => rest.at(-1)(...(Array.isArray(row) ? row : [row])));
    }
  };

class ObjectContaining {
  constructor(expected) {
    this.expected = expected;
  }
}

function includes(actual, expected) {
  if (expected instanceof ObjectContaining) return includes(actual, expected.expected);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((each, i) => includes(actual[i], each))
    );
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(expected).every(([key, each]) => includes(actual[key], each));
}

function throws(run, expected) {
  try {
    run();
  } catch (error) {
    if (expected === undefined) return true;
    if (typeof expected === 'function') return error instanceof expected;
    if (expected instanceof ObjectContaining) return includes(error, expected);
    return error.message.includes(expected);
  }
  return false;
}

const MATCHERS = {
  toBe: Object.is,
  toEqual: isDeepStrictEqual,
  toMatchObject: includes,
  toContain: (actual, expected) => actual.includes(expected),
  toHaveLength: (actual, length) => actual.length === length,
  toThrow: throws,
};

function build(actual, isNegated) {
  const matchers = Object.entries(MATCHERS).map(([name, matches]) => [
    name,
    expected => {
      if (matches(actual, expected) !== isNegated) return;
      throw new AssertionError({ message: `${isNegated ? 'not ' : ''}${name} failed` });
    },
  ]);
  return Object.fromEntries(matchers);
}

export function expect(actual) {
  return { ...build(actual, false), not: build(actual, true) };
}
expect.objectContaining = expected => new ObjectContaining(expected);
