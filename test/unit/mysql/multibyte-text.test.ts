import { describe, expect, it } from 'vitest';
import { forCharset } from '../../../src/mysql/multibyte-text.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';

const rewriter = createRewriter([
  { from: 'prod.example.edu', to: 'stg.example.edu' },
  { from: 'www.example.org/art', to: 'stg.example.edu/kunst' },
]);

function rewrite(charset: string, ...parts: (string | readonly number[])[]) {
  const value = Buffer.concat(
    parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );
  const { changed, left, value: result } = forCharset(charset, rewriter.rewrite)(value);
  return { changed, left, hex: result.toString('hex'), same: result.equals(value) };
}

const hexOf = (...parts: (string | readonly number[])[]): string =>
  Buffer.concat(
    parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  ).toString('hex');

/** Characters whose later bytes look like ASCII: p, g, @, a backslash, a quote's neighbour, digits. */
const TRICKY: [string, string, number[]][] = [
  ['sjis', 'パ', [0x83, 0x70]],
  ['sjis', 'ト', [0x83, 0x67]],
  ['sjis', 'a space', [0x81, 0x40]],
  ['sjis', '表', [0x95, 0x5c]],
  ['sjis', 'a colon', [0x81, 0x46]],
  ['sjis', 'half a kana', [0xb1]],
  ['cp932', '①', [0x87, 0x40]],
  ['cp932', 'a pair that is none', [0xfc, 0x70]],
  ['big5', '功', [0xa5, 0x5c]],
  ['big5', 'with p', [0xa4, 0x70]],
  ['gbk', 'with p', [0x81, 0x70]],
  ['gbk', 'with @', [0x81, 0x40]],
  ['euckr', 'with p', [0x81, 0x70]],
  ['gb18030', 'with p', [0x81, 0x70]],
  ['gb18030', 'of four bytes', [0x81, 0x30, 0x81, 0x30]],
];

describe('F15 text whose second bytes look like ASCII', () => {
  it.each(TRICKY)('%s, %s: is no part of what stands behind it', (charset, _, character) => {
    expect(rewrite(charset, character, 'rod.example.edu/x')).toMatchObject({
      changed: false,
      same: true,
      left: [],
    });
  });

  it.each(TRICKY)('%s, %s: ends before a host begins', (charset, name, character) => {
    const utf8 = rewriter.rewrite(
      Buffer.from(`${new TextDecoder('utf-8').decode(asUtf8(charset, character))}prod.example.edu/x`),
    );
    const found = rewrite(charset, character, 'prod.example.edu/x');
    expect(found.changed, name).toBe(utf8.changed);
    if (utf8.changed) expect(found.hex).toBe(hexOf(character, 'stg.example.edu/x'));
    expect(found.left).toEqual(utf8.left);
  });

  it.each(TRICKY)('%s, %s: stays as it is around a host', (charset, _, character) => {
    expect(rewrite(charset, character, ' http://prod.example.edu/', character, '?', character).hex).toBe(
      hexOf(character, ' http://stg.example.edu/', character, '?', character),
    );
  });

  it('ends a segment of a path as it does in UTF-8', () => {
    expect(rewrite('sjis', 'http://www.example.org/art', [0x81, 0x40]).hex).toBe(
      hexOf('http://stg.example.edu/kunst', [0x81, 0x40]),
    );
    expect(rewrite('sjis', 'http://www.example.org/art', [0x83, 0x70])).toMatchObject({ changed: false });
  });

  it.each([
    ['of UTF-8', 3],
    ['of its own', 2],
  ])('keeps serialized data whole that counts the bytes %s', (_, perCharacter) => {
    const kana = [0x83, 0x70];
    const serialized = (host: string) => [
      `a:1:{s:${perCharacter}:"`,
      kana,
      `";s:${7 + host.length + perCharacter}:"http://${host}`,
      kana,
      '";}',
    ];
    const found = rewrite('sjis', ...serialized('prod.example.edu'));
    expect(found).toMatchObject({ changed: true, left: [] });
    expect(found.hex).toBe(hexOf(...serialized('stg.example.edu')));
  });

  it('tells serialized data that counts neither', () => {
    const { left } = rewrite('sjis', 'a:1:{i:0;s:40:"http://prod.example.edu', [0x83, 0x70], '";}');
    expect(left).toEqual(['broken_serialized']);
  });

  it.each([null, 'utf8mb4', 'latin1', 'ujis', 'gb2312', 'ascii'])('%s is read as it is', charset => {
    expect(forCharset(charset, rewriter.rewrite)).toBe(rewriter.rewrite);
  });
});

function asUtf8(charset: string, character: readonly number[]): Buffer {
  const encoding = { sjis: 'shift_jis', cp932: 'shift_jis', euckr: 'euc-kr' }[charset] ?? charset;
  const text = new TextDecoder(encoding).decode(Buffer.from(character));
  return Buffer.from(/\p{ASCII}/u.test(text) ? '\ufffd' : text);
}
