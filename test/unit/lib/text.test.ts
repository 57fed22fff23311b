import { describe, expect, it } from 'vitest';
import { createPaint, wantsColors } from '../../../src/lib/paint.ts';
import { fitColumn, pluralize, toOneLine, truncate, wrap } from '../../../src/lib/text.ts';

it('toOneLine lets no line break and no escape sequence through', () => {
  expect(toOneLine('You have an error\n  near\r\n\u001b[2J\u009b1mboom\u2028')).toBe(
    'You have an error near [2J 1mboom',
  );
});

it.each([
  ['biology', 7, 'biology'],
  ['biology', 6, 'biolo…'],
  ['größer', 5, 'größ…'],
  ['biology', 0, ''],
])('truncate(%s, %d) → %s', (text, width, cut) => {
  expect(truncate(text, width)).toBe(cut);
});

it('fitColumn fills and cuts to exactly the width', () => {
  expect(fitColumn('art', 5)).toBe('art  ');
  expect(fitColumn('art', 5, 'right')).toBe('  art');
  expect(fitColumn('biology', 5)).toBe('biol…');
});

describe('wrap', () => {
  it('breaks between words', () => {
    expect(wrap('one two  three', 7)).toEqual(['one two', 'three']);
  });

  it('leaves a long word whole, so that it can be copied', () => {
    expect(wrap('see logs/env-migrate-2026-11-21 now', 10)).toEqual([
      'see',
      'logs/env-migrate-2026-11-21',
      'now',
    ]);
  });

  it('gives no line for no text', () => {
    expect(wrap(' ', 10)).toEqual([]);
  });
});

it.each([
  [1, '1 site'],
  [0, '0 sites'],
  [1_200, '1,200 sites'],
])('pluralize(%d)', (count, text) => {
  expect(pluralize(count, 'site')).toBe(text);
});

describe('colours', () => {
  const terminal = (hasColors: boolean, isTTY = true): Parameters<typeof wantsColors>[0] =>
    ({ isTTY, hasColors: () => hasColors }) as unknown as Parameters<typeof wantsColors>[0];

  it('are for terminals that want them', () => {
    expect(wantsColors(terminal(true))).toBe(true);
    expect(wantsColors(terminal(false))).toBe(false);
    expect(wantsColors(terminal(true, false))).toBe(false);
  });

  it('are painted or not as was said, whatever the environment', () => {
    expect(createPaint(true)('red', 'no')).toBe('\u001b[31mno\u001b[39m');
    expect(createPaint(false)('red', 'no')).toBe('no');
  });
});
