import { describe, expect, it } from 'vitest';
import { isOverFailureLimit } from '../../../src/migration/policy.ts';

describe('isOverFailureLimit', () => {
  it.each([
    ['at the number', { kind: 'count', count: 3 } as const, 3, 100, false],
    ['over the number', { kind: 'count', count: 3 } as const, 4, 4, true],
    ['none allowed', { kind: 'count', count: 0 } as const, 1, 1, true],
    ['a share means nothing before 10 have finished', { kind: 'share', percent: 50 } as const, 9, 9, false],
    ['half is still within half', { kind: 'share', percent: 50 } as const, 5, 10, false],
    ['over half', { kind: 'share', percent: 50 } as const, 6, 10, true],
  ])('%s', (_name, limit, failed, finished, expected) => {
    expect(isOverFailureLimit(limit, failed, finished)).toBe(expected);
  });
});
