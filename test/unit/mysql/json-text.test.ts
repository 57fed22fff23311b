import { describe, expect, it } from 'vitest';
import { sortMembers } from '../../../src/mysql/json-text.ts';

const sort = (text: string): string => sortMembers(Buffer.from(text)).toString();

describe('F12 the order in which MySQL prints the members of an object', () => {
  it.each([
    ['{"bb": 1, "a": 2}', '{"a": 2, "bb": 1}'],
    ['{"b": 1, "a": 2}', '{"a": 2, "b": 1}'],
    ['{"stg.example.edu": 1, "z": {"bb": [], "a": {}}}', '{"z": {"a": {}, "bb": []}, "stg.example.edu": 1}'],
    [
      '[{"bb": 1, "a": "x, {\\"y\\": 1}"}, -1.5e-7, null, true]',
      '[{"a": "x, {\\"y\\": 1}", "bb": 1}, -1.5e-7, null, true]',
    ],
    // By bytes of UTF-8, and of what an escape means.
    ['{"é": 1, "a": 2, "ab": 3}', '{"a": 2, "ab": 3, "é": 1}'],
    ['{"\\"\\"": 1, "a": 2}', '{"a": 2, "\\"\\"": 1}'],
    ['{"B": 1, "a": 2}', '{"B": 1, "a": 2}'],
    ['{"a":1,\n"b" :[ 1,2 ] }', '{"a": 1, "b": [1, 2]}'],
    ['"text"', '"text"'],
    ['{}', '{}'],
    ['[]', '[]'],
  ])('%s', (text, sorted) => {
    expect(sort(text)).toBe(sorted);
    expect(sort(sorted)).toBe(sorted);
  });

  it.each(['{"a": 1', '{"a" 1}', '[1 2]', '{} x', ''])('is not asked of what is none: %s', text => {
    expect(() => sort(text)).toThrow(SyntaxError);
  });
});
