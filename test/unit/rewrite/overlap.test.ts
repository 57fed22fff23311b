import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCollisions } from '../../../src/rewrite/key-collisions.ts';
import { chooseLongest } from '../../../src/rewrite/overlap.ts';
import { rewriteText } from './rewrite-text.ts';

const span = fc
  .tuple(fc.nat(30), fc.integer({ min: 1, max: 8 }))
  .map(([start, length]) => ({ start, end: start + length, text: '', isEmail: false }));
type Span = Parameters<typeof chooseLongest>[0][number];

/** The rule as it is said: the longest first, of equals the earlier, none that touches one that was taken. */
function chooseSlowly(matches: readonly Span[]): readonly Span[] {
  const order = matches.toSorted((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  const chosen: Span[] = [];
  for (const match of order)
    if (chosen.every(({ start, end }) => end <= match.start || start >= match.end)) chosen.push(match);
  return chosen.sort((a, b) => a.start - b.start);
}

describe('overlapping matches', () => {
  it('the longest first, then those that leave it alone, in order of position', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), matches => {
        const places = ({ start, end }: Span): readonly number[] => [start, end];
        expect(chooseLongest(matches).map(places)).toEqual(chooseSlowly(matches).map(places));
      }),
      { numRuns: 500 },
    );
  });
  it('a source that begins before matches that stand clear of each other', () => {
    const rules = '/aa → /x, /bb → /yyyy, /aa/bb/cccc → /z';
    expect(rewriteText(rules, 'q /aa/bb/cccc r')).toBe('q /z r');
    expect(rewriteText(rules, 's:11:"/aa/bb/cccc";')).toBe('s:2:"/z";');
    expect(rewriteText(rules, '/aa/bb/cccd /aa')).toBe('/x/yyyy/cccd /x');
    expect(
      rewriteText(
        '/wp-content/uploads → /m, /sites → /s, /wp-content/uploads/sites/1234567890123 → /z',
        'https://x.test/wp-content/uploads/sites/1234567890123/a.jpg',
      ),
    ).toBe('https://x.test/z/a.jpg');
  });
});

describe('keys that would become the same', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const keys = fc.uniqueArray(fc.record({ before: name, after: name }), {
    selector: ({ before }) => before,
    maxLength: 5,
  });
  it('never do, and no more stay than must', () => {
    fc.assert(
      fc.property(keys, fc.uniqueArray(name, { maxLength: 3 }), (moving, still) => {
        const changed = moving.filter(key => !still.includes(key.before) && key.before !== key.after);
        const all = [...still, ...changed.map(key => key.before)];
        const refused = findCollisions(all, changed);
        const result = [...still, ...changed.map(key => (refused.includes(key) ? key.before : key.after))];
        expect(new Set(result).size).toBe(all.length);
        // Each of those that stay would, moved alone, meet a key that is there now or one that moved.
        for (const key of refused) expect(result.includes(key.after)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
