// The small parts of the engine on their own, at their edges: a value of a table rarely ends right there.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBrokenEnd } from '../../../src/rewrite/broken-end.ts';
import { equalsFolded, isDigit, isHostByte, readHex } from '../../../src/rewrite/bytes.ts';
import { chooseNeedles, chooseScanNeedles } from '../../../src/rewrite/choose-needles.ts';
import { Edits, MOST_KEPT } from '../../../src/rewrite/edits.ts';
import { findHead, isHead, isQuoteOfHead, readEscaping } from '../../../src/rewrite/find-head.ts';
import { Hits, NO_HIT } from '../../../src/rewrite/hits.ts';
import { readHostRun } from '../../../src/rewrite/host-run.ts';
import { KeyLedger } from '../../../src/rewrite/key-ledger.ts';
import { createSearches, NeedleSearch } from '../../../src/rewrite/needle-search.ts';
import { number, readNumber, skipScalar, skipString } from '../../../src/rewrite/serialized-tokens.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('bytes', () => {
  it('those of a host', () => {
    const hostBytes = Array.from({ length: 256 }, (_, byte) => byte).filter(isHostByte);
    expect(String.fromCharCode(...hostBytes)).toBe(
      '-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    );
    expect(isHostByte(undefined)).toBe(false);
    expect([0x2f, 0x30, 0x39, 0x3a, undefined].map(isDigit)).toEqual([false, true, true, false, false]);
  });
  it.each([
    ['2f', 0, 2, 0x2f],
    ['2F', 0, 2, 0x2f],
    ['x09aF', 1, 4, 0x9af],
    ['2', 0, 2, -1],
    ['2g', 0, 2, -1],
    ['2f', -1, 2, -1],
    ['2f', 1, 2, -1],
  ])('hex digits %s at %s', (text, at, count, value) => {
    expect(readHex(latin1(text), at, count)).toBe(value);
  });
  it('are equal in any letter case, ASCII only', () => {
    expect(equalsFolded(latin1('xAzZ[@'), 1, 'azz[@')).toBe(true);
    expect(equalsFolded(latin1('{'), 0, '[')).toBe(false);
    expect(equalsFolded(latin1('\xc9'), 0, '\xe9')).toBe(false);
    expect(equalsFolded(latin1('ab'), 0, 'abc')).toBe(false);
  });
});

describe('tokens of serialized data', () => {
  it.each([
    ['0;', true, 0, 1],
    ['123x', true, 123, 3],
    ['/', false, 0, -1],
    [':', false, 0, -1],
    ['', false, 0, -1],
    ['1073741823', true, 1073741824, 10],
    ['107374181', true, 107374181, 9],
    ['99999999999999999999', true, 1073741824, 20],
  ])('the number %j', (text, isNumber, value, end) => {
    expect(readNumber(latin1(text), 0, text.length)).toBe(isNumber);
    expect(number).toEqual({ value, end });
  });
  it('numbers end at the limit', () => {
    expect(readNumber(latin1('123'), 0, 2)).toBe(true);
    expect(number).toEqual({ value: 12, end: 2 });
    expect(readNumber(latin1('123'), 1, 1)).toBe(false);
  });
  const scalars = [
    ...[
      'i:5;',
      'i:-5;',
      'i:+5;',
      'b:0;',
      'b:1;',
      'N;',
      'R:2;',
      'r:12;',
      'd:0.5;',
      'd:-0.5;',
      'd:5;',
      'd:.5;',
    ],
    ...[
      'd:1e3;',
      'd:12.75;',
      'd:.75;',
      'd:1.5E-25;',
      'd:INF;',
      'd:-INF;',
      'd:NAN;',
      'd:+1.5;',
      'd:5.;',
      'd:12;',
      'd:12e3;',
      's:0:"";',
      's:2:"a"";',
    ],
  ];
  it.each(scalars)('%s', text => {
    const skip = text.startsWith('s') ? skipString : skipScalar;
    expect(skip(latin1(text), 0, text.length)).toBe(text.length);
    expect(skip(latin1(`x${text}x`), 1, text.length + 2)).toBe(text.length + 1);
    // One byte less, and it isn't there.
    for (let limit = 0; limit < text.length; limit++) expect(skip(latin1(text), 0, limit)).toBe(-1);
  });
  it.each(['d:0.5;', 'd:-12.75;', 'd:12345.0;'])('%s, like nearly every float, takes no string', text => {
    const bytes = latin1(text);
    bytes.toString = () => {
      throw new Error('a string was made');
    };
    expect(skipScalar(bytes, 0, bytes.length)).toBe(bytes.length);
  });
  const wrong = [
    ...['i;5;', 'i:;', 'i:--5;', 'i:5,', 'b:2;', 'b:/;', 'b:10;', 'N:', 'Nx', 'x:5;', 'R:;', 'R:-1;', 'r:x;'],
    ...['d:;', 'd:-;', 'd:x;', 'd:1.2.3;', 'd:1e;', 'd:xINF;', 'd:INFx;', 'd:1.5,', `d:${'1'.repeat(500)};`],
  ];
  it.each(wrong)('%s is none', text => {
    expect(skipScalar(latin1(text), 0, text.length)).toBe(-1);
    expect(skipScalar(latin1(`x;${text}`), 2, text.length + 2)).toBe(-1);
  });
  it.each(['s;1:"x";', 's:x:"x";', 's:1;"x";', 's:1:\'x";', 's:1:"x\';', 's:1:"x":', 's:2:"x";', 's:0:"x";'])(
    '%s is no string',
    text => {
      expect(skipString(latin1(text), 0, text.length)).toBe(-1);
    },
  );
});

describe('heads of serialized data', () => {
  const heads = ['a:1:{', 'a:10:{', 's:5:"', 'S:5:"', 'O:8:"', 'O:+8:"', 'C:1:"', 'E:5:"', 's:5:\\"'];
  const escaped: readonly (readonly [string, string])[] = [
    ['s:5:&quot;', 'entity'],
    ['s:5:\\&quot;', 'entity'],
    ['s&#58;5&colon;&#34;', 'entity'],
    ['s&colon;5&colon;&quot;', 'entity'],
    ['s&#X3A;5&#x3a;&quot;', 'entity'],
    ['s:5:&amp;quot;', 'entity'],
    ['s%3A5%3A%22', 'percent'],
    ['a%3a1%3a%7b', 'percent'],
    ['a%3A1%3A{', 'percent'],
    ['s%253A5%253A%2522', 'percent'],
    ['s\\u003a5\\u003a\\"', 'json'],
    ['s\\x3a5\\x3a\\"', 'json'],
    ['s\\\\u003a5\\\\u003a\\\\"', 'json'],
    ['s:5:\\u0022', 'json'],
    ['s:5:\\\\\\"', 'json'],
    ['O%3A%2B8%3A%22'.replace('%2B', '+'), 'percent'],
  ];
  const around = ['', ' ', '"', '\\n', '%20', 'é', '|'];
  it.each([...heads, ...escaped.map(([head]) => head)])('%s', head => {
    for (const before of around) {
      const bytes = latin1(`${before}${head}xyz`);
      expect(findHead(bytes, 0, bytes.length, bytes.length)).toBe(before.length);
      // It may begin in the last byte that is asked for, and nowhere behind.
      expect(findHead(bytes, 0, before.length + 1, bytes.length)).toBe(before.length);
      expect(findHead(bytes, 0, before.length, bytes.length)).toBe(-1);
      for (let limit = before.length; limit < before.length + 'a:1:{'.length; limit++)
        expect(findHead(bytes, 0, bytes.length, limit)).toBe(-1);
    }
    for (const before of ['x', '7', '_', '-', '.', '\\u0061', '%61'])
      expect(findHead(latin1(`  ${before}${head}`), 0, 99, head.length + before.length + 2)).toBe(-1);
  });
  it('is found in every spelling, wherever it begins', () => {
    const colons = [
      ':',
      '%3A',
      '%3a',
      '%253A',
      '%25253a',
      '&colon;',
      '&#58;',
      '&#058;',
      '&#x3a;',
      '&#X003A;',
    ];
    colons.push('\\u003a', '\\x3A', '\\\\u003A', '\\\\x3a', '\\\\\\u003a');
    const quotes = ['"', '%22', '%2522', '&quot;', '&#34;', '&#x22;', '&amp;quot;', '\\u0022', '\\x22'];
    const numbers = ['5', '55', '555', '+5', '+55'];
    const missed: string[] = [];
    for (const first of colons) {
      for (const text of numbers.flatMap(number => colons.map(second => `s${first}${number}${second}`))) {
        for (const head of quotes.map(quote => text + quote)) {
          for (let at = 0; at < 8; at++) {
            const bytes = latin1(' '.repeat(at) + head);
            if (findHead(bytes, 0, bytes.length, bytes.length) !== at) missed.push(head);
          }
        }
      }
    }
    expect(missed).toEqual([]);
  });
  it.each(escaped)('%s is escaped as %s', (head, escaping) => {
    expect(readEscaping(latin1(head), 0, head.length)).toBe(escaping);
    // What stands behind an escape that is itself escaped isn't looked at yet.
    if (!head.includes('&amp;')) expect(readEscaping(latin1(head), 0, head.length - 1)).toBe(undefined);
    expect(isHead(latin1(head), 0, head.length)).toBe(head.startsWith('s:5:\\'));
  });
  const none = [
    ...[
      'a:1:"',
      'a:+1:{',
      's:5:{',
      's:-5:"',
      's::"',
      's:5;"',
      's;5:"',
      "s:5:'",
      'i:5:"',
      's:5',
      's:',
      'a%3A1%3A%22',
    ],
    ...[
      's%3A5%3A%7B',
      's%3B5%3A%22',
      's%3A5%3B%22',
      's%3Ax%3A%22',
      's%3A-5%3A%22',
      's&#58;5&#58;&lt;',
      'x%3A5%3A%22',
    ],
  ];
  it.each(none)('%s is none', text => {
    expect(findHead(latin1(text), 0, text.length, text.length)).toBe(-1);
    if (!/^[asSOCE]/.test(text)) return;
    expect(isHead(latin1(text), 0, text.length)).toBe(false);
    expect(readEscaping(latin1(text), 0, text.length)).toBe(undefined);
  });
  it.each([...heads, ...escaped.map(([head]) => head)].filter(head => !head.startsWith('a')))(
    '%s with a bare quote',
    head => {
      const bare = head.replace(/(\\*"|\\?&[^&]*;|%[^%]*|\\+u0022)$/, '"');
      const bytes = latin1(`x ${bare}`);
      expect(isQuoteOfHead(bytes, 0, bytes.length - 1)).toBe(true);
      expect(isQuoteOfHead(bytes, 3, bytes.length - 1)).toBe(false);
      expect(isQuoteOfHead(latin1(`x ${bare.replace('"', "'")}`), 0, bytes.length - 1)).toBe(false);
      expect(isQuoteOfHead(latin1(`x ${bare}"`), 0, bytes.length)).toBe(false);
    },
  );
});

describe('host runs', () => {
  it.each([
    ['a.edu', 0, 5],
    [' a.edu. ', 1, 6],
    ['..a.edu..', 0, 7],
    ['%2Fa.edu', 3, 8],
    ['%252Fa.edu', 5, 10],
    ['%zza.edu', 1, 8],
    ['\\u002fa.edu', 6, 11],
    ['\\u00zza.edu', 1, 11],
    ['\\x2fa.edu', 4, 9],
    ['\\u0000a.edu', 6, 11],
    ['\\x00a.edu', 4, 9],
    ['%00a.edu', 3, 8],
    ['%2500a.edu', 5, 10],
    ['%25zza.edu', 3, 10],
    ['\\y002fa.edu', 1, 11],
    ['\\xzza.edu', 1, 9],
    ['\\na.edu', 2, 7],
    ['\\qa.edu', 1, 7],
    ['na.edu', 0, 6],
  ])('%s', (text, start, end) => {
    const bytes = latin1(text);
    const hit = text.indexOf('a.edu');
    const run = readHostRun(bytes, hit, hit + 4);
    expect([run.start, run.end]).toEqual([start, end]);
    expect(run.next).toBe(text.replace(/ $/, '').length);
    expect([run.continuesBefore, run.continuesAfter]).toEqual([false, false]);
  });
  it.each([
    ['my\\u002da.edu', true, false],
    ['my%2Da.edu', true, false],
    ['\\u002fa.edu%2Ex', false, true],
    ['a.edu\\u002dx', false, true],
  ])('%s goes on', (text, before, after) => {
    const hit = text.indexOf('a.edu');
    const run = readHostRun(latin1(text), hit, hit + 4);
    expect([run.continuesBefore, run.continuesAfter]).toEqual([before, after]);
  });
});

describe('edits', () => {
  it('are applied in a part of the value as in all of it', () => {
    const bytes = latin1(`0123456789${'x'.repeat(100)}`);
    const edits = new Edits();
    edits.reserve(1);
    edits.addMatch(2, 4, 'abc');
    edits.addMatch(8, 9, '');
    edits.fill(0, 2, '!!');
    expect([edits.growth, edits.matches, edits.count]).toEqual([1, 2, 3]);
    expect(edits.apply(bytes).toString()).toBe(`0!!abc45679${'x'.repeat(100)}`);
    expect(edits.apply(bytes, 2, 8, 1).toString()).toBe('abc4567');
    expect(edits.apply(bytes, 2, 9, 1).toString()).toBe('abc4567');
    edits.cancel(1, 2);
    expect([edits.growth, edits.matches]).toEqual([0, 1]);
    expect(edits.apply(bytes).toString()).toBe(`0!!2345679${'x'.repeat(100)}`);
    expect([...edits].map(({ start, end, text }) => [start, end, text])).toEqual([
      [1, 2, '!!'],
      [2, 2, ''],
      [8, 9, ''],
    ]);
  });
  it('begin anew, also after very many', () => {
    const edits = new Edits();
    for (let i = 0; i <= MOST_KEPT; i++) edits.addMatch(i, i + 1, 'ab');
    edits.clear();
    expect([edits.count, edits.growth, edits.matches]).toEqual([0, 0, 0]);
    edits.addMatch(0, 1, 'xyz');
    expect(edits.apply(latin1('ab')).toString()).toBe('xyzb');
  });
});

describe('the keys of open arrays', () => {
  it('begin anew, also after very many', () => {
    const bytes = latin1('abcd');
    const edits = new Edits();
    const ledger = new KeyLedger(edits);
    for (let i = 0; i <= MOST_KEPT; i++) ledger.add(0, 1);
    ledger.noteRewritten(bytes, 0, 1, edits.mark());
    ledger.clear();
    expect([ledger.keyCount, ledger.rewrittenCount]).toEqual([0, 0]);
    ledger.add(0, 1);
    ledger.add(2, 3);
    const mark = edits.mark();
    edits.reserve(2);
    edits.addMatch(2, 3, 'a');
    ledger.noteRewritten(bytes, 2, 3, mark);
    expect(ledger.close(bytes, 0, 0)).toBe(true);
    expect(edits.apply(bytes).toString()).toBe('abcd');
    expect([ledger.keyCount, ledger.rewrittenCount, edits.matches]).toEqual([0, 0, 0]);
  });
});

describe('the search', () => {
  const needle = fc.string({
    minLength: 1,
    maxLength: 40,
    unit: fc.constantFrom('a', 'b', '.', 'z', '0', '-'),
  });
  const text = fc.string({
    maxLength: 120,
    unit: fc.constantFrom('a', 'B', 'b', '.', 'A', 'z', 'Z', '0', '-', '[', '@'),
  });
  it('finds the first window that a needle ends in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(needle, { minLength: 1, maxLength: 8 }), text, (needles, haystack) => {
        const lower = haystack.toLowerCase();
        for (const search of createSearches(needles)) {
          const group = needles.filter(each => each.length < 8 === search.width < 8);
          const ends = group
            .map(each => lower.indexOf(each.slice(-search.width)))
            .filter(at => at >= 0)
            .map(at => at + search.width - 1);
          expect(search.find(latin1(haystack), 0, haystack.length)).toBe(
            ends.length === 0 ? -1 : Math.min(...ends),
          );
        }
      }),
      { numRuns: 300 },
    );
  });
  it('skips most of what has nothing in it', () => {
    let looks = 0;
    const text = new Proxy(latin1('A quick look, and on. '.repeat(100)), {
      get(bytes, key) {
        looks++;
        return Reflect.get(bytes, key);
      },
    });
    const search = new NeedleSearch(['x.example.edu', 'y.example.edu']);
    expect(search.find(text, 0, 2200)).toBe(-1);
    expect(looks < 600).toBe(true);
  });
  it('keeps within what it is given', () => {
    const search = new NeedleSearch(['abc']);
    expect(search.find(latin1('xabc'), 0, 4)).toBe(3);
    expect(search.find(latin1('xabc'), 1, 4)).toBe(3);
    expect(search.find(latin1('xabc'), 2, 4)).toBe(-1);
    expect(search.find(latin1('xabc'), 0, 3)).toBe(-1);
  });
  it('long and short needles are searched apart, none is needed for none', () => {
    expect(createSearches(['abcdefg', 'abcdefgh', 'x'.repeat(40)]).map(({ width }) => width)).toEqual([7, 8]);
    expect(createSearches(['x'.repeat(40)]).map(({ width }) => width)).toEqual([32]);
    expect(createSearches([])).toEqual([]);
  });
  it('hits come in order, from any place on', () => {
    const hits = new Hits([new NeedleSearch(['ab']), new NeedleSearch(['xyz'])]);
    const bytes = latin1('ab xyz ab');
    hits.reset();
    expect(hits.width).toBe(2);
    expect([0, 1, 2, 5, 6, 8, 9].map(from => hits.next(bytes, from))).toEqual([1, 1, 5, 5, 8, 8, NO_HIT]);
    hits.reset();
    expect(hits.next(bytes, 0)).toBe(1);
  });
});

describe('needles', () => {
  const hosts = (count: number, spell: (i: number) => string): string[] =>
    Array.from({ length: count }, (_, i) => spell(i));
  it('without those that end in another', () => {
    expect(chooseNeedles(['b.edu', 'a.b.edu', '.edu', 'x.org', 'x.org'])).toEqual(['.edu', 'x.org']);
  });
  it('are hosts up to 64, then the domains that they share', () => {
    expect(chooseNeedles(hosts(64, i => `h${i}.a.edu`))).toEqual(hosts(64, i => `h${i}.a.edu`));
    expect(chooseNeedles([...hosts(64, i => `h${i}.a.edu`), 'b.org'])).toEqual(['.a.edu', 'b.org']);
  });
  it('of a scan are no more than 32', () => {
    expect(chooseScanNeedles(hosts(32, i => `h${i}.edu`))).toEqual(hosts(32, i => `h${i}.edu`));
    expect(chooseScanNeedles(hosts(33, i => `h${i}.edu`))).toEqual(['.edu']);
    expect(chooseScanNeedles(hosts(32, i => `h.t${i}`).concat('x'))).toEqual(['.', 'x']);
    expect(chooseScanNeedles([...hosts(31, i => `h.t${i}`), 'i.t0', 'x'])).toEqual([
      ...hosts(31, i => `.t${i}`),
      'x',
    ]);
  });
});

describe('where broken data ends, at the mark', () => {
  it.each([
    ['i:0;}^ x', 1],
    ['i:0;}}^ x', 2],
    ['a:1:{i:0;}^ x', 0],
    ['a:1:{i:0;}}^ x', 1],
    ['s:9:"a}b";}^ x', 1],
    ['S:9:"a}b";}^ x', 1],
    ['s:9:"a";s:3:"}";}^ x', 1],
    ['s:1:"a";}^s:1:"}";', 1],
    ['s:9:"abc";^ x}', 0],
    ['s:9:"abc x^', 0],
    ['}^}', 0],
    ['x{}^ y', 0],
    ['t:9:"}^";}', 1],
    ['s;9:"}^";}', 1],
    ['s:x:"}^";}', 1],
    [' x^', 1],
  ])('%s, %i open', (marked, open) => {
    const text = marked.replace('^', '');
    expect(findBrokenEnd(latin1(text), 0, open, text.length)).toBe(marked.indexOf('^'));
  });
  it('at the limit, when that comes first', () => {
    const text = 's:9:"abc";}';
    for (let limit = 0; limit < 10; limit++) expect(findBrokenEnd(latin1(text), 0, 1, limit)).toBe(limit);
    expect(findBrokenEnd(latin1(text), 0, 1, 11)).toBe(11);
    for (let limit = 0; limit < 10; limit++) expect(findBrokenEnd(latin1(text), 0, 0, limit)).toBe(limit);
    expect(findBrokenEnd(latin1(text), 0, 0, 11)).toBe(10);
  });
});
