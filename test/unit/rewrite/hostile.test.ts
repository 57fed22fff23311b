// Values made to break a rewriter: each must end soon, without a deep stack, and right.

import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { isSmall, php, whyNotBig } from './rewrite-text.ts';

const HOST = 'prod.example.edu';
const RULES = [
  { from: HOST, to: 'stg.example.edu' },
  { from: '/a/', to: '/b/' },
];
const LEVELS = isSmall ? 2000 : 100_000;
const MEGABYTE = isSmall ? 2048 : 2 ** 20;

function rewrite(text: string): { readonly text: string; readonly left: readonly string[] } {
  const { value, left } = createRewriter(RULES).rewrite(Buffer.from(text, 'latin1'));
  return { text: value.toString('latin1'), left };
}

describe('nesting', () => {
  it('100,000 levels of arrays', () => {
    const build = (host: string): string => `${'a:1:{i:0;'.repeat(LEVELS)}${php(host)}${'}'.repeat(LEVELS)}`;
    expect(rewrite(build(HOST)).text === build('stg.example.edu')).toBe(true);
  });
  it('100,000 levels of strings: each length follows', () => {
    const build = (host: string): string => {
      const heads: string[] = [];
      let length = host.length;
      for (let i = 0; i < LEVELS; i++) {
        const head = `s:${length}:"`;
        heads.push(head);
        length += head.length + 2;
      }
      return `${heads.reverse().join('')}${host}${'";'.repeat(LEVELS)}`;
    };
    expect(rewrite(build(HOST)).text === build('stg.example.edu')).toBe(true);
  });
  it.skipIf(whyNotBig)(`more levels than PHP reads are left${whyNotBig}`, () => {
    const text = `${'a:1:{i:0;'.repeat(300_000)}${php(HOST)}${'}'.repeat(300_000)}`;
    const result = rewrite(text);
    expect(result.text === text).toBe(true);
    expect(result.left).toEqual(['too_deep']);
  });
  it('100,000 levels that are never closed', () => {
    const text = `${'a:1:{i:0;'.repeat(LEVELS)}${php(HOST)}`;
    expect(rewrite(text)).toMatchObject({ left: ['broken_serialized'] });
  });
  it('JSON escaped again and again', () => {
    let text = php(HOST);
    for (let i = 0; i < 14; i++) text = JSON.stringify(text);
    let expected = php('stg.example.edu');
    for (let i = 0; i < 14; i++) expected = JSON.stringify(expected);
    expect(rewrite(text).text === expected).toBe(true);
  });
  it('backslashes escaped as \\u005c, level upon level', () => {
    const quote = `${'\\u005c'.slice(0, 6)}${'u005c'.repeat(2000)}u0022`;
    expect(() => rewrite(`a:1:{i:0;s:16:${quote}${HOST}${quote};}`)).not.toThrow();
  });
});

describe('memory', () => {
  it.skipIf(whyNotBig)(`layers of many megabytes, one within another, are left${whyNotBig}`, () => {
    let head = php(HOST);
    for (let i = 0; i < 16; i++) head = head.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    expect(rewrite(head)).toMatchObject({ left: [] });
    // Each layer holds all of the padding, so 16 of them would take 480 MB.
    const text = head + 'x'.repeat(6 * MEGABYTE);
    const result = rewrite(text);
    expect(result.text === text).toBe(true);
    expect(result.left).toEqual(['too_deep']);
  });
});

describe('strings of S:, which are looked at twice', () => {
  const sound = (host: string): string => `S:${host.length + 1}:"${host}\\2f";`;
  it('that are broken take nothing from a sound one behind much text', () => {
    const build = (host: string): string =>
      `${'x '.repeat(1000)}${'S:99999:"\\2f"; '.repeat(8)}S:99999:"${HOST}\\2f"; ${sound(host)}`;
    expect(rewrite(build(HOST))).toEqual({ text: build('stg.example.edu'), left: ['broken_serialized'] });
  });
  it('are left once too many of them were broken', () => {
    const text = `x ${'S:99999:"\\2f"; '.repeat(100)}${sound(HOST)}`;
    expect(rewrite(text)).toEqual({ text, left: ['too_deep'] });
  });
});

describe('numbers', () => {
  const numbers = [
    '9007199254740992',
    '9007199254740993',
    '18446744073709551616',
    '-1',
    '+16',
    '1e1',
    '0x10',
    '9'.repeat(5000),
  ];
  it.each(numbers)('a length or count of %s', number => {
    for (const text of [
      `s:${number}:"${HOST}";`,
      `a:${number}:{i:0;${php(HOST)}}`,
      `O:${number}:"stdClass":1:{i:0;${php(HOST)}}`,
      `C:1:"X":${number}:{${HOST}}`,
    ]) {
      expect(() => rewrite(text)).not.toThrow();
      expect(rewrite(rewrite(text).text).text).toBe(rewrite(text).text);
    }
  });
  it('a length with zeros in front keeps its width', () => {
    expect(rewrite(`s:00016:"${HOST}";`).text).toBe('s:00015:"stg.example.edu";');
  });
});

/** Each kind of piece is repeated up to the size, with a host at the end. Linear time is a second; quadratic is hours. */
const PIECES: Readonly<Record<string, string>> = {
  'a host': `https://${HOST}/ `,
  'a run of host characters': `${HOST}.`,
  'heads of arrays': 'a:1:{',
  'heads of arrays with a key': 'a:1:{i:0;',
  'heads of strings': 's:9999:"',
  'heads of strings that fail late': 's:99999:"x";',
  'heads of escaped strings': 'S:99999:"\\61";',
  'heads of strings behind backslashes': 's:9999:\\"',
  'sound strings': php(HOST),
  'sound strings behind backslashes': php(HOST).replaceAll('"', '\\"'),
  'broken strings': `s:5:"${HOST}";`,
  'broken arrays': `a:2:{i:0;${php(HOST)}}`,
  'custom objects cut off': 'C:1:"X":99999:{',
  'heads in HTML': 's:9999:&quot;',
  'heads in a URL': 's%3A9999%3A%22',
  'heads in many URLs': 's%3A9999%3A%22 ',
  'heads in a URL, escaped again and again': 's%25252525253A9%25252525253A%252525252522',
  'sound strings in HTML': php(HOST).replaceAll('"', '&quot;'),
  'sound strings in a URL': encodeURIComponent(php(HOST)),
  'the marks of a head': ':9',
  'class names cut off': 'O:99999:"X":1:{',
  backslashes: '\\',
  quotes: '"',
  'escaped quotes': '\\"',
  percents: '%25',
  ampersands: '&',
  'at signs': `x@${HOST}`,
  'userinfo without end': 'aaaaaaaa:',
  'paths that overlap': '/a',
  colons: ':1:1:1',
  dots: '.',
  'string ends': '";',
  braces: '}{',
};

describe('megabytes of one piece', () => {
  // No clock is read: what is quadratic in a megabyte takes hours, and runs into the limit.
  it.each(Object.entries(PIECES))('%s', { timeout: 120_000 }, (_, piece) => {
    const text = `${piece.repeat(Math.ceil(MEGABYTE / piece.length))} ${HOST}`;
    const once = rewrite(text);
    expect(rewrite(once.text).text === once.text).toBe(true);
  });
});

describe('64 MB', () => {
  it('one string', { timeout: 60_000 }, () => {
    const body = Buffer.alloc(64 * MEGABYTE, `some text and https://${HOST}/page, then more of it `);
    const value = Buffer.concat([Buffer.from(`s:${body.length}:"`), body, Buffer.from('";')]);
    const result = createRewriter([{ from: HOST, to: 'stg.example.edu' }]).rewrite(value);
    expect(result.value.toString('latin1', 0, 40)).toContain(`s:${body.length - result.matches}:"some text`);
    expect(result.value.length).toBe(value.length - result.matches);
  });
});
