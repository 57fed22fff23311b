import { describe, expect, it } from 'vitest';
import { createPaint, joinParts, wantsColors } from '../../../src/lib/paint.ts';
import { showLine } from '../../../src/lib/show-lines.ts';
import { fitColumn, measureWidth, padColumn, pluralize, truncate, truncateSite, wrap } from '../../../src/lib/text.ts';

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

describe('what others have put into a text counts as it is shown', () => {
  const name = 'a\u001b[2J';

  it.each([
    ['fitColumn', fitColumn(name, 9), 'a\\x1b[2J '],
    ['fitColumn cuts', fitColumn(name, 6), 'a\\x1b…'],
    ['padColumn', padColumn(name, 10, 'right'), '  a\\x1b[2J'],
    ['truncate', truncate('\u202eabc', 9), '\\u{202e}…'],
  ])('%s', (_, text, shown) => {
    expect(text).toBe(shown);
  });

  it('wrap', () => {
    expect(wrap('at\nthe\u00a0end of', 14)).toEqual(['at\\nthe\\xa0end', 'of']);
  });

  it('measureWidth, also of a line in colours', () => {
    const paint = createPaint(true);
    expect(measureWidth(joinParts(paint('red', '✖'), ` ${name}`))).toBe(10);
  });
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
    expect(showLine(createPaint(true)('red', 'no'))).toBe('\u001b[31mno\u001b[39m');
    expect(showLine(createPaint(false)('red', 'no'))).toBe('no');
  });
});

it.each([
  ['site 23 prod.example.edu/site0022/', 22, 'site 23 …edu/site0022/'],
  ['23 prod.example.edu/site0022/', 20, '23 …le.edu/site0022/'],
  ['23 chemistry.prod.example.edu', 20, '23 chemistry.prod.e…'],
  ['23 prod.example.edu/art/', 40, '23 prod.example.edu/art/'],
  ['site 23 prod.example.edu/site0022/', 5, 'site…'],
  ['network tables', 8, 'network…'],
])('truncateSite(%j, %i) keeps what tells sites apart', (name, width, expected) => {
  const shown = truncateSite(name, width);
  expect(Array.from(shown).length).toBeLessThanOrEqual(width);
  expect(shown).toBe(expected);
});
