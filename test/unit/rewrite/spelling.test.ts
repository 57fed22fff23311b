// One character in each spelling, read from its front and from its back.

import { describe, expect, it } from 'vitest';
import { continuesHost, PLAIN, readForm, readUnitAfter, readUnitBefore, skipPort } from '../../../src/rewrite/spelling.ts';

const SPELLINGS: readonly (readonly [spelling: string, code: number])[] = [
  ['/', 0x2f],
  ['\\/', 0x2f],
  ['\\\\\\/', 0x2f],
  ['\\"', 0x22],
  ['%2F', 0x2f],
  ['%252f', 0x2f],
  ['%25252F', 0x2f],
  ['%2525252F', 0x2f],
  ['%00', 0],
  ['%2500', 0],
  ['\\u002f', 0x2f],
  ['\\\\u002F', 0x2f],
  ['\\u0000', 0],
  ['\\x2f', 0x2f],
  ['\\\\x3A', 0x3a],
  ['\\x00', 0],
  ['\\n', 0x0a],
  ['\\\\t', 0x0a],
  ['&amp;', 0x26],
  ['&quot;', 0x22],
  ['&lt;', 0x3c],
  ['&gt;', 0x3e],
  ['&apos;', 0x27],
  ['&sol;', 0x2f],
  ['&colon;', 0x3a],
  ['&commat;', 0x40],
  ['&period;', 0x2e],
  ['&#47;', 0x2f],
  ['&#0000047;', 0x2f],
  ['&#x2F;', 0x2f],
  ['&#X2f;', 0x2f],
  ['x', 0x78],
  [';', 0x3b],
  ['é', 0xe9],
];

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a character', () => {
  it.each(SPELLINGS)('%s, forward', (spelling, code) => {
    for (const [before, after] of [
      ['', ''],
      ['é ', ' é'],
      ['"', '0'],
    ] as const) {
      // A control escape ends before its letter: only the bytes behind tell.
      const length = /^\\+[nt]$/.test(spelling) ? spelling.length - 1 : spelling.length;
      const unit = readUnitAfter(latin1(before + spelling + after), before.length);
      expect(unit).toEqual({ code, start: before.length, end: before.length + length });
    }
  });
  it.each(SPELLINGS)('%s, backward', (spelling, code) => {
    for (const [before, after] of [
      ['', ''],
      ['é ', ' é'],
      ['" ', '0'],
    ] as const) {
      const end = before.length + spelling.length;
      expect(readUnitBefore(latin1(before + spelling + after), end)).toEqual({
        code,
        start: before.length,
        end,
      });
    }
  });
  it.each(['%', '%2', '%zz', '%2z', '&', '&amp', '&nope;', '&#;', '&#x;', '&#12x;', '&toolongname;'])(
    '%s spells nothing',
    text => {
      expect(readUnitAfter(latin1(text), 0)).toEqual({ code: text.charCodeAt(0), start: 0, end: 1 });
      const last = text.length - 1;
      expect(readUnitBefore(latin1(text), text.length)).toEqual({
        code: text.charCodeAt(last),
        start: last,
        end: last + 1,
      });
    },
  );
  it.each(['\\', '\\u00', '\\u00zz', '\\z002f', '\\x2', '\\xzz', '\\q'])(
    '%s is a backslash and what follows',
    text => {
      expect(readUnitAfter(latin1(text), 0)).toEqual({ code: 0x5c, start: 0, end: 1 });
    },
  );
  it.each(['u002f', 'x2f', 'é0u002f', 'u00zz', '\\u00zz', '\\z002f', '\\xzz', '\\z2f', '\\q', 'n', ' n'])(
    '%s ends with a character that is itself',
    text => {
      const end = text.length;
      expect(readUnitBefore(latin1(text), end)).toEqual({
        code: text.charCodeAt(end - 1),
        start: end - 1,
        end,
      });
    },
  );
  it('is none beyond either end', () => {
    expect(readUnitAfter(latin1('ab'), 2)).toEqual({ code: -1, start: 2, end: 2 });
    expect(readUnitBefore(latin1('ab'), 0)).toEqual({ code: -1, start: 0, end: 0 });
  });
  it('percent-encoded more than four times is read as far as that', () => {
    expect(readUnitAfter(latin1('%252525252F'), 0)).toEqual({ code: 0x25, start: 0, end: 9 });
    expect(readUnitAfter(latin1('%25zz'), 0)).toEqual({ code: 0x25, start: 0, end: 3 });
  });
});

describe('the form of a character', () => {
  it.each([
    ['/', 'a/:"', 'a/:"'],
    ['\\/', 'a/:"', 'a\\/:"'],
    ['\\u002f', '/:', '\\u002f:'],
    ['%2F', 'a-/:ü\n', 'a-%2F%3A%FC%0A'],
    ['%2f', '/:', '%2f%3a'],
    ['%252F', '/:', '%252F%253A'],
    ['&#47;', '/:', '&#47;:'],
  ])('%s', (spelling, text, expected) => {
    const bytes = latin1(spelling);
    const form = readForm(bytes, readUnitAfter(bytes, 0));
    expect(Array.from(text, form).join('')).toBe(expected);
  });
  it('is plain for one byte', () => {
    expect(readForm(latin1('/'), { code: 0x2f, start: 0, end: 1 })).toBe(PLAIN);
    expect(PLAIN('/')).toBe('/');
  });
});

describe('does a host go on?', () => {
  it.each(['a', '-', '.a', '..a', '%2Ea', '\\u002da', '%2D', '0'])('%s: yes', text => {
    expect(continuesHost(latin1(text), 0)).toBe(true);
  });
  it.each(['', '.', '...', '. a', '/', '/a', '"', '"a', ':', '\\', '\\n', 'é', '%2F', '_a'])(
    '%s: no',
    text => {
      expect(continuesHost(latin1(text), 0)).toBe(false);
    },
  );
});

describe('a port', () => {
  it.each([
    [':80', 3],
    [':8080/x', 5],
    ['%3A80', 5],
    ['&#58;80 ', 7],
    [':', -1],
    [':x', -1],
    [':/', -1],
    [':80a', -1],
    [':80.a', -1],
    ['80', -1],
    ['/80', -1],
    ['', -1],
  ])('%s', (text, end) => {
    expect(skipPort(latin1(text), 0)).toBe(end);
  });
});
