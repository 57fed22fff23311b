import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExplainer, type Explain } from '../../../src/rewrite/explain.ts';
import { createRewriter, type RewriteOptions, type RewriteRule, type Rewriter } from '../../../src/rewrite/rewriter.ts';
import { parseRules, php } from './rewrite-text.ts';

const HOST = 'prod.example.edu → stg.example.edu';
const WILD = '*.example.edu → *.stg.example.edu';

/** A line for each place: `offset place: found → text by rule` or `offset place: found, reason at fault`. */
function explain(rules: string, value: string, options?: RewriteOptions): string[] {
  const { matches, stayed } = createExplainer(parseRules(rules), options)(Buffer.from(value));
  return [
    ...matches.map(({ offset, place, found, text, rule }) => ({
      offset,
      line: `${offset} ${place}: ${found} → ${text} by ${rule.from} → ${rule.to}`,
    })),
    ...stayed.map(({ offset, place, found, reason, faultAt }) => ({
      offset,
      line: `${offset} ${place}: ${found}, ${reason}${faultAt === undefined ? '' : ` at ${faultAt}`}`,
    })),
  ]
    .sort((a, b) => a.offset - b.offset)
    .map(({ line }) => line);
}

const BY_HOST = 'prod.example.edu → stg.example.edu by prod.example.edu → stg.example.edu';
const URL_TEXT = 'https://prod.example.edu/';

describe('where a match lies', () => {
  it.each([
    ['text', URL_TEXT, 'text'],
    ['JSON', '{"a":"https:\\/\\/prod.example.edu"}', 'JSON'],
    ['an array', `a:1:{s:3:"url";${php(URL_TEXT)}}`, 'serialized["url"]'],
    [
      'behind other keys, of all types',
      `a:4:{i:0;a:1:{i:7;N;}s:1:"b";d:0.5;i:-2;b:1;s:1:"c";${php(URL_TEXT)}}`,
      'serialized["c"]',
    ],
    [
      'an object with a private property',
      `O:3:"Foo":1:{s:8:"\0Foo\0url";a:2:{i:0;i:1;i:1;${php(URL_TEXT)}}}`,
      'serialized->url[1]',
    ],
    [
      'serialized within serialized',
      `a:1:{i:3;${php(`a:1:{s:1:"x";${php(URL_TEXT)}}`)}}`,
      'serialized[3] > serialized["x"]',
    ],
    ['JSON within serialized', `a:1:{i:3;${php('["prod.example.edu"]')}}`, 'serialized[3] > JSON'],
    [
      'serialized within JSON',
      JSON.stringify({ a: `a:1:{s:1:"x";${php(URL_TEXT)}}` }),
      'JSON > serialized["x"]',
    ],
    ['a key', `a:1:{${php(URL_TEXT)}i:1;}`, 'key of serialized'],
    ['text behind serialized data', `${php('x')} prod.example.edu`, 'text'],
    ['an escaped string', `S:17:"\\2fprod.example.edu";`, 'serialized'],
    ['an escaped string in an array', `a:2:{i:0;N;i:4;S:17:"\\2fprod.example.edu";}`, 'serialized[4]'],
    ['a quoted string, which is no JSON to speak of', '"prod.example.edu"', 'text'],
    ['a shortcode', '[a href=prod.example.edu]', 'text'],
    ['a custom object', 'C:3:"Foo":16:{prod.example.edu}', 'serialized'],
  ])('%s', (_, value, expected) => {
    const [line = '', ...others] = explain(HOST, value);
    const offset = Buffer.from(value).indexOf('prod.example.edu');
    expect(line).toBe(`${offset} ${expected}: ${BY_HOST}`);
    expect(others).toEqual([]);
  });

  it('names only the innermost places of a deep one', () => {
    let value = php('prod.example.edu');
    for (let depth = 0; depth < 30; depth++) value = php(`a:1:{i:${depth};${value}}`);
    const [line = ''] = explain(HOST, value);
    expect(line).toContain('… > serialized[11] > ');
    expect(line).toContain(' > serialized[0]: prod.example.edu → ');
  });
});

describe('the rule that decided', () => {
  it.each([
    [WILD, 'a.example.edu', '1 text: .example.edu → .stg.example.edu by *.example.edu → *.stg.example.edu'],
    [
      'a.edu/art → b.edu/dept, a.edu → b.edu',
      'https://a.edu/art/',
      '8 text: a.edu/art → b.edu/dept by a.edu/art → b.edu/dept',
    ],
    [
      'http://a.edu → https://b.edu, a.edu → c.edu',
      'http%3A%2F%2Fa.edu%2Fx',
      '0 text: http%3A%2F%2Fa.edu → https%3A%2F%2Fb.edu by http://a.edu → https://b.edu',
    ],
    [
      '/uploads/sites/12/ → /uploads/sites/40/',
      '\\/uploads\\/sites\\/12\\/x',
      '0 text: \\/uploads\\/sites\\/12 → \\/uploads\\/sites\\/40 by /uploads/sites/12/ → /uploads/sites/40/',
    ],
    ['a.edu:8080 → b.edu', 'a.edu:8080', '0 text: a.edu:8080 → b.edu by a.edu:8080 → b.edu'],
    ['http://a.edu → https://b.edu, a.edu → c.edu', 'a.edu', '0 text: a.edu → c.edu by a.edu → c.edu'],
    ['/ünï/x → /é', '/ünï/x', '0 text: /ünï/x → /é by /ünï/x → /é'],
    ['/aa → /x, /bb → /y, /aa/bb/cccc → /z', '/aa/bb/cccc', '0 text: /aa/bb/cccc → /z by /aa/bb/cccc → /z'],
  ])('%s in %s', (rules, value, expected) => {
    expect(explain(rules, value)).toEqual([expected]);
  });
});

describe('why something stayed', () => {
  it.each([
    [HOST, 'x-prod.example.edu', ['0 text: x-prod.example.edu, other_host']],
    [HOST, 'prod.example.edu.evil.com', ['0 text: prod.example.edu.evil.com, other_host']],
    [HOST, 'joe@prod.example.edu', ['4 text: prod.example.edu, email']],
    ['a.edu/art → b.edu/art', 'a.edu/arts', ['0 text: a.edu, other_address']],
    ['a.edu → stg.a.edu', 'stg.a.edu', ['0 text: stg.a.edu, already_target']],
    [WILD, 'x.stg.example.edu', ['0 text: x.stg.example.edu, already_target']],
    [HOST, 's:5:"prod.example.edu";', ['5 text: prod.example.edu, broken_serialized at 0']],
    [
      HOST,
      `a:2:{i:0;${php('prod.example.edu')}i:1;s:9:"prod.example.edu";}`,
      [
        '15 serialized[0]: prod.example.edu, broken_serialized at 37',
        '42 text: prod.example.edu, broken_serialized at 37',
      ],
    ],
    [
      HOST,
      'a:2:{s:16:"prod.example.edu";i:1;s:15:"stg.example.edu";i:2;}',
      ['11 key of serialized: prod.example.edu, key_collision'],
    ],
    [
      HOST,
      `a:3:{${php('prod.example.edu')}i:1;${php('stg.example.edu')}i:2;i:0;${php('prod.example.edu')}}`,
      ['11 key of serialized: prod.example.edu, key_collision', `70 serialized[0]: ${BY_HOST}`],
    ],
    [
      HOST,
      '{"prod.example.edu":"prod.example.edu","stg.example.edu":2}',
      ['2 JSON: prod.example.edu, key_collision', `21 JSON: ${BY_HOST}`],
    ],
    [HOST, 'my\\u002dprod.example.edu', ['8 text: prod.example.edu, other_host']],
    [HOST, 'prod.example.edu%2Ex', ['0 text: prod.example.edu, other_host']],
    [WILD, 'x.example.edu.evil.com', ['0 text: x.example.edu.evil.com, other_host']],
    ['a.edu → a.edu/main', 'a.edu/main', ['0 text: a.edu, already_target']],
    ['s → t', 's:9:"x";', ['0 text: s, broken_serialized at 0']],
    ['/art → /dept', '/party /art.html', []],
    [HOST, 'nothing', []],
  ])('%s in %s', (rules, value, expected) => {
    expect(explain(rules, value)).toEqual(expected);
  });

  it('is told in order of offset', () => {
    const rules = parseRules('/aa → /x, /bb → /y, /aa/bb/cccc → /z');
    const { stayed } = createExplainer(rules)(Buffer.from('s:99:"/aa/bb/cccc";'));
    expect(stayed.map(({ offset, found }) => [offset, found])).toEqual([
      [6, '/aa'],
      [6, '/aa/bb/cccc'],
      [9, '/bb'],
    ]);
  });
  it('is told of addresses that are rewritten when they are', () => {
    expect(explain(HOST, 'joe@prod.example.edu', { emails: 'rewrite' })).toEqual([`4 text: ${BY_HOST}`]);
  });
});

interface Vector {
  readonly id: string;
  readonly rules: readonly RewriteRule[];
  readonly inputB64: string;
}
const file = new URL('../../cases/rewrite/vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Vector[] };

/** The same bytes, the same count, the same reasons; and each place is where it says. */
function expectSame(rewriter: Rewriter, explain: Explain, value: Buffer): void {
  const expected = rewriter.rewrite(value);
  const explanation = explain(value);
  expect(explanation.value.equals(expected.value)).toBe(true);
  expect(explanation.changed).toBe(expected.changed);
  expect(explanation.matches).toHaveLength(expected.matches);
  expect(explanation.left).toEqual(expected.left);
  const misplaced = [...explanation.matches, ...explanation.stayed].filter(({ offset, found }) => {
    const text = Buffer.from(found);
    return value.compare(text, 0, text.length, offset, offset + text.length) !== 0;
  });
  expect(misplaced).toEqual([]);
  for (const reason of expected.left) expect(explanation.stayed.map(place => place.reason)).toContain(reason);
}

describe('an explanation says what the rewriter does', () => {
  it.each(cases)('$id', ({ rules, inputB64 }) => {
    expectSame(createRewriter(rules), createExplainer(rules), Buffer.from(inputB64, 'base64'));
  });

  it('for any value', () => {
    const rules = parseRules(
      `${HOST}, ${WILD}, http://a.edu → https://b.edu, a.edu/art → b.edu/x, /art → /dept`,
    );
    const [rewriter, explainer] = [createRewriter(rules), createExplainer(rules)];
    const piece = fc.constantFrom(
      'prod.example.edu',
      'x.example.edu',
      'http://a.edu/art',
      'a.edu',
      '/art/',
      '@',
      '"',
      '\\',
      '\\"',
      '";',
      '}',
      '{',
      ' ',
      '%2F',
      'a:1:{',
      'a:2:{',
      'i:0;',
      's:16:"prod.example.edu";',
      's:15:"stg.example.edu";',
      's:4:"',
      'S:3:"',
      'O:1:"A":1:{',
      's:5:\\"a.edu\\";',
      'C:1:"A":5:{a.edu}',
    );
    const text = fc.letrec<{ text: string; sound: string }>(tie => ({
      text: fc
        .array(fc.oneof({ maxDepth: 2 }, piece, tie('sound')), { maxLength: 6 })
        .map(pieces => pieces.join('')),
      sound: tie('text').map(inner => `a:1:{${php(inner)}${php(inner)}}`),
    })).text;
    fc.assert(
      fc.property(text, value => expectSame(rewriter, explainer, Buffer.from(value))),
      { numRuns: Number(process.env.FC_RUNS ?? 500) },
    );
  });
});
