// Escaped text and the way back: each byte of a layer is where its spelling stands in the original.

import { describe, expect, it } from 'vitest';
import { findEscapedEnd, spellInLayer, unescapeHex, unescapeText } from '../../../src/rewrite/escape-layer.ts';
import type { Escaping } from '../../../src/rewrite/find-head.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Each byte of the layer with its spelling: `a=a /=\/`. */
function spellOut(escaping: Escaping, text: string): string {
  const bytes = latin1(text);
  const layer = unescapeText(bytes, 0, bytes.length, escaping);
  expect(layer.end).toBe(bytes.length);
  return [...layer.bytes]
    .map((byte, i) => {
      const spelling = bytes.toString('latin1', layer.offsets[i], layer.offsets[i + 1]);
      return `${byte.toString(16)}=${spelling}`;
    })
    .join(' ');
}

describe('unescaping', () => {
  it.each<readonly [Escaping, string, string]>([
    ['json', 'a\\/\\"\\\\', '61=a 2f=\\/ 22=\\" 5c=\\\\'],
    ['json', '\\b\\f\\n\\r\\t\\0', '8=\\b c=\\f a=\\n d=\\r 9=\\t 0=\\0'],
    ['json', "\\'\\q", "27=\\' 71=\\q"],
    ['json', '\\x2f\\x2', '2f=\\x2f 78=\\x 32=2'],
    ['json', '\\xzz\\x00', '78=\\x 7a=z 7a=z 0=\\x00'],
    ['json', '\\u002f\\u0000', '2f=\\u002f 0=\\u0000'],
    ['json', '\\u00e9', 'c3= a9=\\u00e9'],
    ['json', '\\u20ac', 'e2= 82= ac=\\u20ac'],
    ['json', '\\ud83d\\ude00', 'f0= 9f= 98= 80=\\ud83d\\ude00'],
    ['json', '\\ud83d', 'ef= bf= bd=\\ud83d'],
    ['json', '\\ud83d\\u0041', 'ef= bf= bd=\\ud83d 41=\\u0041'],
    ['json', '\\ud83dxude00', 'ef= bf= bd=\\ud83d 78=x 75=u 64=d 65=e 30=0 30=0'],
    ['json', '\\ud83d\\xde00', 'ef= bf= bd=\\ud83d de=\\xde 30=0 30=0'],
    ['json', '\\udbff\\udfff', 'f4= 8f= bf= bf=\\udbff\\udfff'],
    ['json', '\\ud800\\udc00', 'f0= 90= 80= 80=\\ud800\\udc00'],
    ['json', '\\ud800\\ue000', 'ef= bf= bd=\\ud800 ee= 80= 80=\\ue000'],
    ['json', '\\udc00\\udc00', 'ef= bf= bd=\\udc00 ef= bf= bd=\\udc00'],
    ['json', '\\u0041\\udc00', '41=\\u0041 ef= bf= bd=\\udc00'],
    ['json', '\\n1234', 'a=\\n 31=1 32=2 33=3 34=4'],
    ['json', '\\u00', '75=\\u 30=0 30=0'],
    ['json', '\\uzzzz', '75=\\u 7a=z 7a=z 7a=z 7a=z'],
    ['json', 'a\\', '61=a 5c=\\'],
    ['entity', '&amp;&quot;&#039;&#x2F;', '26=&amp; 22=&quot; 27=&#039; 2f=&#x2F;'],
    ['entity', 'a&nope;&', '61=a 26=& 6e=n 6f=o 70=p 65=e 3b=; 26=&'],
    ['entity', '&#233;', 'c3= a9=&#233;'],
    ['entity', '&#x10ffff;', 'f4= 8f= bf= bf=&#x10ffff;'],
    ['entity', '&#x110000;', '26=& 23=# 78=x 31=1 31=1 30=0 30=0 30=0 30=0 3b=;'],
    ['entity', '%2F\\/', '25=% 32=2 46=F 5c=\\ 2f=/'],
    ['percent', '%2F%00a+', '2f=%2F 0=%00 61=a 2b=+'],
    ['percent', '%zz%2', '25=% 7a=z 7a=z 25=% 32=2'],
  ])('%s %s', (escaping, text, expected) => {
    expect(spellOut(escaping, text)).toBe(expected);
  });
  it('stops where it is told to', () => {
    const cuts: readonly (readonly [Escaping, string])[] = [
      ['json', '\\/'],
      ['json', '\\x2f'],
      ['json', '\\u002f'],
      ['entity', '&#47;'],
      ['percent', '%2f'],
    ];
    for (const [escaping, text] of cuts) {
      for (let end = 1; end < text.length; end++) {
        const layer = unescapeText(latin1(text), 0, end, escaping);
        expect(layer.offsets[layer.bytes.length]).toBe(end);
        expect(layer.bytes.toString('latin1').includes('/')).toBe(false);
      }
    }
  });
  it('reads no second half of a character behind the end', () => {
    const text = '\\ud83d\\ude00';
    for (let end = 6; end < text.length; end++) {
      const { bytes } = unescapeText(latin1(text), 0, end, 'json');
      expect(bytes.toString('latin1', 0, 3)).toBe('\xef\xbf\xbd');
    }
  });
  it.each<readonly [Escaping, string, number]>([
    ['json', 'ab"c', 2],
    ['json', 'a\\"b"c', 4],
    ['json', 'a\\\\"c', 3],
    ['json', 'abc', 3],
    ['json', 'a\\', 2],
    ['entity', 'a\'\\ <b"c', 6],
    ['entity', 'abc', 3],
    ['percent', 'a%20b c', 5],
    ['percent', 'ab"c', 2],
    ['percent', 'ab<c', 2],
    ['percent', 'ab>c', 2],
    ['percent', 'ab\nc', 2],
    ['percent', 'a!=?c', 5],
  ])('%s %j ends', (escaping, text, end) => {
    expect(findEscapedEnd(latin1(text), 0, text.length, escaping)).toBe(end);
    expect(findEscapedEnd(latin1(text), 0, 1, escaping)).toBe(1);
  });
  it.each([
    ['abc', 3, 'abc', 3],
    ['\\61b\\00', 3, 'ab\0', 7],
    ['abcdef', 2, 'ab', 2],
  ])('S: %s', (text, count, bytes, end) => {
    const layer = unescapeHex(latin1(text), 0, text.length, count);
    expect(layer?.bytes.toString('latin1')).toBe(bytes);
    expect([layer?.end, layer?.offsets[count], layer?.offsets[0]]).toEqual([end, end, 0]);
    expect([layer?.spellByDefault('a'), layer?.spellByDefault('\\')]).toEqual(['a', '\\5c']);
  });
  it.each([
    ['abc', 4],
    ['\\61', 2],
    ['\\6', 1],
    ['\\zz', 1],
    ['a\\6', 2],
  ])('S: %s has no %i bytes', (text, count) => {
    expect(unescapeHex(latin1(text), 0, text.length, count)).toBe(undefined);
  });
  it('S: ends before the limit', () => {
    expect(unescapeHex(latin1('a\\61'), 0, 3, 2)).toBe(undefined);
    expect(unescapeHex(latin1('a\\61'), 0, 4, 2)?.end).toBe(4);
  });
});

describe('a new text in a layer', () => {
  it.each<readonly [Escaping, string, number, number, string, string]>([
    ['json', 'http:\\/\\/a', 0, 8, 'https://b', 'https:\\/\\/b'],
    ['json', 'a\\u002fb', 0, 1, 'x/y', 'x\\u002fy'],
    ['json', '\\u002fab', 1, 2, 'x/y', 'x\\u002fy'],
    ['json', 'a..\\u002f', 0, 1, 'x/y', 'x/y'],
    ['json', 'ab', 0, 1, '"\\\n ~', '\\"\\\\\\u000a ~'],
    ['json', 'ab', 0, 1, 'x-1.Y', 'x-1.Y'],
    ['json', '\\u0061b', 0, 1, 'a:', 'a:'],
    ['entity', 'ab', 0, 1, '&<>"\'/', '&amp;&lt;&gt;&quot;&#039;/'],
    ['percent', 'ab', 0, 1, 'a:/ü\n_~', 'a%3A%2F%FC%0A_~'],
    ['percent', '%3aab', 1, 2, 'x:80', 'x%3a80'],
  ])('%s %s [%i, %i) %j', (escaping, text, start, end, replacement, expected) => {
    const bytes = latin1(text);
    const layer = unescapeText(bytes, 0, bytes.length, escaping);
    expect(spellInLayer(layer, bytes, start, end, replacement)).toBe(expected);
  });
});
