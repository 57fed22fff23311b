// F13 Two keys of a JSON object that would become one: PHP's json_decode() would keep one of the two values.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { isSmall, parseRules, php, rewriteBytes } from './rewrite-text.ts';

const RULES = 'prod.example.edu → stg.example.edu, *.prod.example.edu → *.stg.example.edu';
const numRuns = Number(process.env.FC_RUNS ?? 500);

function rewrite(text: string, rules = RULES) {
  const { value, left, matches } = rewriteBytes(rules, text);
  return { text: value.toString('utf8'), left, matches };
}
const LEFT = ['key_collision'];
const BOTH = '"prod.example.edu":1,"stg.example.edu":2';

describe('F13 a key whose object has the new one stays, and is told', () => {
  it.each([
    ['plain', `{${BOTH}}`],
    ['the new one first', '{"stg.example.edu":2,"prod.example.edu":1}'],
    ['nested, with URLs', '{"a":{"https://prod.example.edu/":1,"https://stg.example.edu/":2}}'],
    ['in arrays of objects', `[1,[{"x":[{${BOTH}}]}]]`],
    ['white space everywhere', '{\n\t"prod.example.edu" : 1 ,\r\n "stg.example.edu" :2 }'],
    ['in serialized data', `a:1:{i:0;${php(`{${BOTH}}`)}}`],
    ['in a serialized object', `O:8:"stdClass":1:{s:1:"j";${php(`{${BOTH}}`)}}`],
    ['in a custom object', `C:1:"X":${BOTH.length + 2}:{{${BOTH}}}`],
    ['in a block comment', `<p>5" x</p>\n<!-- wp:x {"m":{${BOTH}}} /-->\n<p title="{">x</p>`],
    ['in a block comment of its own', `<!-- wp:x {${BOTH}} -->`],
    ['in the script of a page', `<script>var x = {${BOTH}, y: z.w};</script>`],
    ['behind a brace in quotes', `x = "{"; y = {${BOTH}}`],
    ['behind braces that are no JSON', `a{b} {"use strict"; {${BOTH}}`],
    ['escaped slashes', '{"https:\\/\\/prod.example.edu\\/":1,"https:\\/\\/stg.example.edu\\/":2}'],
    [
      'equal, but written differently',
      '{"https:\\/\\/prod.example.edu\\/x":1,"https://stg.example.edu/x":2}',
    ],
    [
      'unicode escapes in one of them',
      '{"https://prod.example.edu/\\u00fc\\ud83d\\ude00":1,"https://stg.example.edu/ü😀":2}',
    ],
    ['the new one in escapes', '{"prod.example.edu":1,"\\u0073tg.example.edu":2}'],
    ['escaped quotes in the key', '{"a\\"prod.example.edu":1,"a\\"stg.example.edu":2}'],
    ['a backslash before the quote', '{"prod.example.edu\\\\":1,"stg.example.edu\\\\":2}'],
    ['JSON in JSON', JSON.stringify({ a: `{${BOTH}}` })],
    ['JSON in JSON in JSON', JSON.stringify({ a: JSON.stringify([`{${BOTH}}`]) })],
    [
      'JSON in JSON with a colon far off',
      JSON.stringify({ a: '{"prod.example.edu"\n: 1,"stg.example.edu":2}' }),
    ],
    ['with its slashes added', `{${BOTH}}`.replaceAll('"', '\\"')],
    [
      'as a block of WordPress has it in a string',
      `<!-- wp:x {"d":"${`{${BOTH}}`.replaceAll('"', '\\u0022')}"} /-->`,
    ],
    ['in an attribute', `<i data-x="${`{${BOTH}}`.replaceAll('"', '&quot;')}" title="{">`],
    ['in an attribute, in decimals', `<i data-x="${`{${BOTH}}`.replaceAll('"', '&#034;')}">`],
    [
      'in an attribute in JSON',
      JSON.stringify({ h: `<i data-x="${`{${BOTH}}`.replaceAll('"', '&quot;')}">` }),
    ],
    ['in an attribute in a block', `<!-- wp:x {"h":"${`{${BOTH}}`.replaceAll('"', '\\u0026quot;')}"} /-->`],
    ['in a URL', `https://x.test/?d=${encodeURIComponent(`{${BOTH}}`)}&e=f`],
    ['in a URL in a URL', encodeURIComponent(`https://x.test/?d=${encodeURIComponent(`{${BOTH}}`)}`)],
    ['cut off', `{${BOTH}`],
    ['of JavaScript', `{${BOTH}, name: true, 'a': 1}`],
    ['with a comma at its end', `{${BOTH},}`],
    ['serialized in JSON', JSON.stringify({ d: `a:1:{i:0;${php(`{${BOTH}}`)}}` })],
    [
      'a key that is a serialized array',
      JSON.stringify({
        [`a:1:{i:0;${php('https://prod.example.edu/')}}`]: 1,
        [`a:1:{i:0;${php('https://stg.example.edu/')}}`]: 2,
      }),
    ],
  ])('%s', (_what, text) => {
    expect(rewrite(text)).toEqual({ text, left: LEFT, matches: 0 });
  });

  it('only that key: what else the value names is rewritten, with right lengths', () => {
    const build = (host: string): string =>
      `a:2:{i:0;${php(`{"prod.example.edu":"//${host}/","stg.example.edu":{"${host}/x":[]}}`)}i:1;${php(host)}}`;
    expect(rewrite(build('prod.example.edu'))).toEqual({
      text: build('stg.example.edu'),
      left: LEFT,
      matches: 3,
    });
  });

  it('the first of two that would become the same moves', () => {
    expect(rewrite('{"a.edu":1,"b.edu":2}', 'a.edu → x.edu, b.edu → x.edu')).toEqual({
      text: '{"x.edu":1,"b.edu":2}',
      left: LEFT,
      matches: 1,
    });
  });
});

describe('F13 keys move where none becomes another', () => {
  it.each([
    ['alone', '{"prod.example.edu":1}', '{"stg.example.edu":1}'],
    [
      'the other one in an object around it, or beside it',
      '{"stg.example.edu":{"prod.example.edu":1},"x":[{"stg.example.edu":2}]}',
      '{"stg.example.edu":{"stg.example.edu":1},"x":[{"stg.example.edu":2}]}',
    ],
    [
      'the other one as a value, or in a list',
      '{"prod.example.edu":"stg.example.edu","l":["stg.example.edu"]}',
      '{"stg.example.edu":"stg.example.edu","l":["stg.example.edu"]}',
    ],
    [
      'in another letter case, which PHP tells apart',
      '{"prod.example.edu":1,"STG.example.edu":2}',
      '{"stg.example.edu":1,"STG.example.edu":2}',
    ],
    [
      'the same key twice, as it was',
      '{"prod.example.edu":1,"prod.example.edu":2}',
      '{"stg.example.edu":1,"stg.example.edu":2}',
    ],
    ['no JSON: text in quotes', '"prod.example.edu": {x}', '"stg.example.edu": {x}'],
    [
      'JSON of another depth beside it',
      `{"prod.example.edu":${JSON.stringify('{"stg.example.edu":1}')}}`,
      `{"stg.example.edu":${JSON.stringify('{"stg.example.edu":1}')}}`,
    ],
  ])('%s', (_what, text, expected) => {
    expect(rewrite(text)).toMatchObject({ text: expected, left: [] });
  });

  it('two that change places', () => {
    expect(rewrite('{"a.edu":1,"b.edu":2}', 'a.edu → b.edu, b.edu → a.edu')).toMatchObject({
      text: '{"b.edu":1,"a.edu":2}',
      left: [],
    });
  });
});

/** One string of JSON, put into a text in some way; and how it is got out again. */
const WRAPPINGS: Readonly<Record<string, readonly [(json: string) => string, (text: string) => string]>> = {
  plain: [json => json, text => text],
  block: [json => `<a b="c">{</a> <!-- wp:x ${json} -->`, text => text.slice(text.indexOf('wp:x ') + 5, -4)],
  json: [json => JSON.stringify({ d: json }), text => (JSON.parse(text) as { d: string }).d],
  'json, twice': [
    json => JSON.stringify([JSON.stringify([json])]),
    text => (JSON.parse((JSON.parse(text) as string[])[0]!) as string[])[0]!,
  ],
  url: [json => `//x.test/?${encodeURIComponent(json)}`, text => decodeURIComponent(text.slice(10))],
  attribute: [
    json => `<i a="${json.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`,
    text => text.slice(6, -2).replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  ],
  serialized: [
    json => `a:1:{i:0;${php(json)}}`,
    text =>
      Buffer.from(text)
        .subarray(text.indexOf('"') + 1, -3)
        .toString(),
  ],
};

const key = fc.constantFrom(
  ...['prod.example.edu', 'stg.example.edu', 'https://prod.example.edu/', 'https://stg.example.edu/'],
  ...['x', 'see prod.example.edu: {"', 'see stg.example.edu: {"', 'prod.example.edu\\', 'stg.example.edu\\'],
);
type Json = string | number | null | Json[] | { [key: string]: Json };
const { json } = fc.letrec<{ json: Json }>(tie => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    key,
    fc.constantFrom(1, null, 'say "x"'),
    fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
    fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('json'), { maxLength: 3 }),
  ),
}));

const move = (text: string): string =>
  text.replaceAll(/(?<![a-z0-9.-])prod\.example\.edu/g, 'stg.example.edu');

/** What the rewriting must make of it, and how many keys must stay. */
function expectOf(value: Json): { readonly value: Json; readonly stayed: number } {
  if (typeof value === 'string') return { value: move(value), stayed: 0 };
  if (value === null || typeof value === 'number') return { value, stayed: 0 };
  if (Array.isArray(value)) {
    const items = value.map(expectOf);
    return { value: items.map(item => item.value), stayed: sum(items.map(item => item.stayed)) };
  }
  const entries = Object.entries(value).map(([name, item]) => {
    const stays = move(name) !== name && Object.hasOwn(value, move(name));
    return { name: stays ? name : move(name), stays, ...expectOf(item), own: stays ? 1 : 0 };
  });
  return {
    value: Object.fromEntries(entries.map(entry => [entry.name, entry.value])),
    stayed: sum(entries.map(entry => entry.stayed + entry.own)),
  };
}
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('F13 any JSON, at any depth', () => {
  it.each(Object.keys(WRAPPINGS))('%s: no value is lost, and no more stay than must', wrapping => {
    const [wrap, unwrap] = WRAPPINGS[wrapping]!;
    const rewriter = createRewriter(parseRules(RULES));
    fc.assert(
      fc.property(json, fc.boolean(), (value, isSlashed) => {
        const text = JSON.stringify(value);
        const input = wrap(isSlashed ? text.replaceAll('/', '\\/') : text);
        const result = rewriter.rewrite(Buffer.from(input));
        const expected = expectOf(value);
        expect(JSON.parse(unwrap(result.value.toString()))).toEqual(expected.value);
        expect(result.left).toEqual(expected.stayed > 0 ? LEFT : []);
        expect(rewriter.rewrite(result.value).changed).toBe(false);
      }),
      { numRuns },
    );
  });
});

describe('F13 huge values', () => {
  const KEYS = isSmall ? 1_000 : 100_000;
  const rewriter = createRewriter(parseRules(RULES));
  it('100,000 keys, half of which stay', () => {
    const pairs = Array.from({ length: KEYS }, (_, i) => [
      `"https://prod.example.edu/${i}":1`,
      `"https://${i % 2 === 0 ? 'stg' : 'www'}.example.edu/${i}":2`,
    ]);
    const { matches, left } = rewriter.rewrite(Buffer.from(`{${pairs.flat().join(',')}}`));
    expect({ matches, left }).toEqual({ matches: KEYS / 2, left: LEFT });
  });
  it('one object in another, 100,000 times, none of which is closed', () => {
    const text = `{"prod.example.edu":`.repeat(KEYS);
    expect(rewriter.rewrite(Buffer.from(text))).toMatchObject({ matches: KEYS, left: [] });
  });
  it('strings in strings, each with a key', () => {
    const heads: string[] = [];
    let length = BOTH.length + 2;
    for (let i = 0; i < KEYS; i++) {
      const head = `s:${length}:"`;
      heads.push(head);
      length += head.length + 2;
    }
    const text = `${heads.reverse().join('')}{${BOTH}}${'";'.repeat(KEYS)}`;
    const { changed, left } = rewriter.rewrite(Buffer.from(text));
    expect({ changed, left }).toEqual({ changed: false, left: LEFT });
  });
  it('braces and quotes without sense', () => {
    for (const piece of [
      '{"',
      '{"prod.example.edu',
      '{"a":{"',
      '"prod.example.edu":',
      '{\\"prod.example.edu\\":"',
    ])
      expect(() => rewriter.rewrite(Buffer.from(`${piece.repeat(KEYS)}"prod.example.edu":1`))).not.toThrow();
  });
});
