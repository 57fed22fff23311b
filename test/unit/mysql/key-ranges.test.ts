import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balance, byStart, cutRest, filterRange, type KeyRange, WHOLE } from '../../../src/mysql/key-ranges.ts';

const anyId = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const someIds = fc.uniqueArray(fc.oneof(anyId, fc.bigInt({ min: 1n, max: 500n })), { maxLength: 200 });

const holds = ({ from, to }: KeyRange, id: bigint): boolean =>
  (from === null || id >= BigInt(from)) && (to === null || id < BigInt(to));

/** As the server's: exact only for few rows. */
const countIn =
  (ids: readonly bigint[], wrong = 1) =>
  (least: bigint, most: bigint): number =>
    Math.round(ids.filter(id => id >= least && id <= most).length * wrong);

function limits(ids: readonly bigint[]): [bigint, bigint] {
  const sorted = ids.toSorted((a, b) => (a < b ? -1 : 1));
  return [sorted[0]!, sorted.at(-1)!];
}

describe('ranges', () => {
  it('hold every id exactly once, whatever the ids are and however wrong the estimates', async () => {
    await fc.assert(
      fc.asyncProperty(
        someIds,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        anyId,
        async (ids, count, wrong, newcomer) => {
          const boundaries = ids.length > 0 ? await balance(...limits(ids), count, countIn(ids, wrong)) : [];
          const ranges = cutRest([], boundaries.map(String));
          // Rows that come while the copy is running belong to a range as well.
          for (const id of [...ids, newcomer])
            expect(ranges.filter(range => holds(range, id))).toHaveLength(1);
        },
      ),
    );
  });

  it('with those of an earlier attempt hold every id exactly once', () => {
    const cuts = fc.uniqueArray(anyId, { maxLength: 8 });
    fc.assert(
      fc.property(
        cuts,
        cuts,
        fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
        someIds,
        (before, now, done, ids) => {
          const taken = cutRest([], before.map(String)).filter((_, i) => done[i]);
          const ranges = [...cutRest(taken, now.map(String)), ...taken];
          for (const id of ids) expect(ranges.filter(range => holds(range, id))).toHaveLength(1);
        },
      ),
    );
  });

  it.each([
    ['ids without gaps', Array.from({ length: 4000 }, (_, i) => BigInt(i + 1))],
    [
      'ids that leap',
      [
        ...Array.from({ length: 2000 }, (_, i) => BigInt(i + 1)),
        ...Array.from({ length: 2000 }, (_, i) => 10n ** 15n + BigInt(i * 7)),
        2n ** 64n - 1n,
      ],
    ],
    ['ids that begin below zero', Array.from({ length: 4000 }, (_, i) => BigInt(i * 1000) - 10n ** 9n)],
  ])('have about as many rows each: %s', async (_what, ids) => {
    const boundaries = await balance(...limits(ids), 8, countIn(ids));
    const rows = cutRest([], boundaries.map(String)).map(range => ids.filter(id => holds(range, id)).length);
    expect(Math.max(...rows)).toBeLessThan((ids.length / 8) * 1.5);
    expect(rows.length).toBeLessThan(12);
  });

  it('are not asked for without end when estimates say nothing', async () => {
    let asked = 0;
    const boundaries = await balance(0n, 2n ** 64n, 4, () => {
      asked++;
      return 1_000_000;
    });
    expect(asked).toBeLessThan(400);
    expect(boundaries.length).toBeLessThan(20);
  });
});

it('nothing is left of what is wholly taken', () => {
  expect(cutRest([WHOLE], ['5'])).toEqual([]);
  expect(
    cutRest(
      [
        { from: '5', to: null },
        { from: null, to: '5' },
      ],
      ['3'],
    ),
  ).toEqual([]);
});

it('come in the order of their numbers, not of their texts', () => {
  const ranges = cutRest([], ['10', '-3', '9']);
  expect(ranges.map(range => range.from)).toEqual([null, '-3', '9', '10']);
  expect(ranges.toReversed().toSorted(byStart)).toEqual(ranges);
});

describe('the filter of a range', () => {
  const key = { column: 'a`b?', index: 'PRIMARY', isOnlyUniqueKey: true };
  it('leaves out the open limits', () => {
    expect(filterRange(key, WHOLE)).toBeNull();
    expect(filterRange(key, { from: null, to: '7' })).toEqual({ sql: '`a``b?` < 7', values: [] });
    expect(filterRange(key, { from: '-7', to: '18446744073709551615' })).toEqual({
      sql: '`a``b?` >= -7 AND `a``b?` < 18446744073709551615',
      values: [],
    });
  });
  it('takes nothing but integers', () => {
    expect(() => filterRange(key, { from: '1 OR 1', to: null })).toThrow('1 OR 1');
  });
});
