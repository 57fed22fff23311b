// F21: a host whose rule is in its ASCII form, as text has it: in Unicode.

import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { hasUnseenForm, listUnicodeForms } from '../../../src/rewrite/unicode-hosts.ts';

const MULLER = 'xn--mller-kva.example';
const rewriter = createRewriter([
  { from: MULLER, to: 'stg.example.edu' },
  { from: `*.${MULLER}`, to: '*.stg.example.edu' },
  { from: `${domainToASCII('über.example')}/art`, to: 'stg.example.edu/kunst' },
  { from: domainToASCII('straße.example'), to: 'strasse.stg.example.edu' },
  { from: domainToASCII('中文.com'), to: 'zh.stg.example.edu' },
  { from: domainToASCII('пример.рф'), to: 'ru.stg.example.edu' },
  { from: domainToASCII('example.рф'), to: 'rf.stg.example.edu' },
  { from: domainToASCII('www.çağrı.example'), to: 'tr.stg.example.edu' },
]);

const rewrite = (text: string | Buffer): string => rewriter.rewrite(Buffer.from(text)).value.toString();

describe('F21 the Unicode form of a host', () => {
  it.each<[string, string, string]>([
    ['as it is', 'https://müller.example/', 'https://stg.example.edu/'],
    ['in capitals', 'HTTPS://MÜLLER.EXAMPLE/', 'HTTPS://stg.example.edu/'],
    ['in mixed case', 'https://Müller.Example/', 'https://stg.example.edu/'],
    ['its ASCII form', `https://${MULLER}/`, 'https://stg.example.edu/'],
    ['percent-encoded', 'https://m%C3%BCller.example/', 'https://stg.example.edu/'],
    [
      'percent-encoded twice',
      'u=https%253A%252F%252Fm%25C3%25BCller.example%252F',
      'u=https%253A%252F%252Fstg.example.edu%252F',
    ],
    [
      'escaped in JSON',
      String.raw`{"u":"https:\/\/m\u00fcller.example\/"}`,
      String.raw`{"u":"https:\/\/stg.example.edu\/"}`,
    ],
    [
      'in capitals, escaped',
      String.raw`{"u":"https:\/\/M\u00DCLLER.example\/"}`,
      String.raw`{"u":"https:\/\/stg.example.edu\/"}`,
    ],
    ['as an entity', 'https://m&#252;ller.example/', 'https://stg.example.edu/'],
    ['with a port', 'https://müller.example:8080/x', 'https://stg.example.edu:8080/x'],
    ['alone', 'müller.example', 'stg.example.edu'],
    ['at the end of a sentence', 'See müller.example.', 'See stg.example.edu.'],
    ['of a subdomain', 'https://s2.müller.example/', 'https://s2.stg.example.edu/'],
    ['of a subdomain in Unicode', 'https://größe.müller.example/', 'https://größe.stg.example.edu/'],
    ['of a deeper subdomain', 'https://a.b.müller.example/', 'https://a.b.stg.example.edu/'],
    ['that begins with it, with a path', 'https://über.example/art/1', 'https://stg.example.edu/kunst/1'],
    ['without capitals', 'https://straße.example/', 'https://strasse.stg.example.edu/'],
    ['of a whole label', 'https://中文.com/', 'https://zh.stg.example.edu/'],
    [
      'of a whole label, escaped',
      String.raw`"https:\/\/\u4e2d\u6587.com\/"`,
      String.raw`"https:\/\/zh.stg.example.edu\/"`,
    ],
    ['of a whole label, percent-encoded', 'https://%E4%B8%AD%E6%96%87.com/', 'https://zh.stg.example.edu/'],
    ['with its last label', 'https://example.рф/x', 'https://rf.stg.example.edu/x'],
    ['with several letters', 'http://www.çağrı.example/', 'http://tr.stg.example.edu/'],
  ])('%s', (_, before, after) => {
    expect(rewrite(before)).toBe(after);
    expect(rewrite(after)).toBe(after);
  });

  it.each([
    'https://xmüller.example/',
    'https://müller.example.org/',
    'https://müllerx.example/',
    'https://muller.example/',
    'https://mller.example/',
    'https://ller.example/',
    'https://x-über.example/art',
    'https://über.example/arts',
    'https://xexample.рф/',
    'https://english.com/',
    'https://x.中文.com/',
  ])('%s is another one', text => {
    expect(rewrite(text)).toBe(text);
    expect(rewriter.rewrite(Buffer.from(text)).left).toEqual([]);
  });

  it.each(['joe@müller.example', 'joe@s2.müller.example', 'mailto:joe@m%C3%BCller.example'])(
    'an e-mail address stays, and is told: %s',
    text => {
      expect(rewrite(text)).toBe(text);
      expect(rewriter.rewrite(Buffer.from(text)).left).toEqual(['email']);
    },
  );

  it('keeps serialized data whole', () => {
    expect(rewrite('a:1:{s:1:"u";s:24:"https://müller.example/";}')).toBe(
      'a:1:{s:1:"u";s:24:"https://stg.example.edu/";}',
    );
  });

  it('is found by what a row is searched for', () => {
    for (const text of [
      'https://müller.example/',
      String.raw`m\u00fcller.example`,
      '中文.com',
      'example.рф',
    ]) {
      const bytes = Buffer.from(text);
      expect(rewriter.findHit(bytes, 0, bytes.length), text).toBeGreaterThanOrEqual(0);
      expect(
        rewriter.needles.some(needle => text.includes(needle)),
        text,
      ).toBe(true);
    }
  });

  it('in latin1', () => {
    expect(rewriter.rewrite(Buffer.from('https://müller.example/', 'latin1')).value.toString()).toBe(
      'https://stg.example.edu/',
    );
  });

  it('that has nothing to search for is told', () => {
    const from = domainToASCII('пример.рф');
    expect(rewrite(`https://${from}/ https://пример.рф/`)).toBe(
      'https://ru.stg.example.edu/ https://пример.рф/',
    );
    for (const side of [from, `*.${from}`, `https://${from}/x`]) expect(hasUnseenForm(side), side).toBe(true);
    for (const side of [MULLER, `*.${MULLER}`, domainToASCII('中文.com'), 'a.example.edu', '/x/xn--y'])
      expect(hasUnseenForm(side), side).toBe(false);
  });

  it('that is ASCII has no other forms', () => {
    expect(listUnicodeForms('prod.example.edu')).toEqual([]);
  });
});
