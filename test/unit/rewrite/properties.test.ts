import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { parseRules, php } from './rewrite-text.ts';

/** FC_RUNS=100000 is the long run. */
const numRuns = Number(process.env.FC_RUNS ?? 300);

const SOUND_PIECES = [
  ...[
    'prod.example.edu',
    'stg.example.edu',
    'cs.example.edu',
    'PROD.Example.edu',
    'example.edu',
    'xprod.example.edu',
  ],
  ...[
    'a.edu',
    'b.edu',
    'http://',
    'https://',
    '//',
    '\\/\\/',
    '%2F%2F',
    '%252F',
    'http%3A%2F%2F',
    '\\u002f',
    '\\n',
  ],
  ...[
    '\\',
    '&#47;',
    '&amp;',
    '/',
    '/art',
    '\\/art',
    '/dept',
    '/uploads/sites/12/',
    ':8080',
    '%3A8080',
    '@',
    '%40',
  ],
  ...[
    'joe',
    '.',
    '-',
    ' ',
    '"',
    '\\"',
    "'",
    ';',
    '{',
    '}',
    ':',
    'i:0;',
    '";',
    '\\";',
    'N;',
    'é',
    '\0',
    '\\u002d',
  ],
  ...['\\u00e9', '%C3%A9', '5', 'n', 'u002f', '2F'],
];
/** Heads of serialized data that in all likelihood is broken. */
const BROKEN_PIECES = [
  ...['a:1:{', 'a:2:{', 's:16:"', 's:3:\\"', 'S:5:"', 'O:8:"stdClass":1:{', 'C:1:"X":20:{'],
  ...['s:16:&quot;', 's%3A16%3A%22', 'a%3A1%3A%7B', 's:16:\\&quot;', 's%253A16%253A%2522', 's:16:\\x22'],
  ...['s&#58;16&#58;&quot;', 's&#58;16&#58;"', 's\\u003a16\\u003a\\"', 's%3A16%3A"'],
];

const anything = buildValues([...SOUND_PIECES, ...BROKEN_PIECES]);
/** A wrong length may happen to be right after a change of the text around it, so broken data may not come back. */
const sound = buildValues(SOUND_PIECES);

/** Text made of the pieces, serialized data with text, JSON and serialized data in it, and mixtures. */
function buildValues(pieces: readonly string[]): fc.Arbitrary<Buffer> {
  const scrap = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map(parts => parts.join(''));
  const { value } = fc.letrec<{ value: string; text: string }>(tie => ({
    text: fc.oneof(
      { maxDepth: 4 },
      scrap,
      tie('value'),
      tie('value').map(item => JSON.stringify({ d: item })),
      tie('value').map(item => `//x.test/?d=${encodeURIComponent(item.toWellFormed())}&e`),
      tie('value').map(
        item =>
          `<i title="${item.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}">`,
      ),
      tie('value').map(item => `x ${item} y`),
    ),
    value: fc.oneof(
      { maxDepth: 4 },
      tie('text').map(php),
      fc.constantFrom('i:5;', 'b:1;', 'N;', 'd:0.5;'),
      fc
        .array(fc.tuple(tie('text').map(php), tie('value')), { maxLength: 4 })
        .map(pairs => `a:${pairs.length}:{${pairs.flat().join('')}}`),
      tie('value').map(item => `O:8:"stdClass":1:{${php('\0*\0prod.example.edu')}${item}}`),
      tie('text').map(text => `C:1:"X":${Buffer.byteLength(text)}:{${text}}`),
    ),
  }));
  const mixed = fc.tuple(scrap, value, scrap).map(parts => parts.join(''));
  return fc.oneof(scrap, value, mixed).map(text => Buffer.from(text));
}

const RULES = [
  'prod.example.edu → stg.example.edu',
  'prod.example.edu → x-prod.example.edu',
  '*.example.edu → *.stg.example.edu',
  'example.edu → stg.example.edu, *.example.edu → *.stg.example.edu',
  'http://a.edu → https://b.edu, a.edu/art → c.edu/dept, /uploads/sites/12/ → /uploads/sites/40/',
  'a.edu → a.edu/art, prod.example.edu → prod.example.edu:8080',
  'a.edu → b.edu:8080, cs.example.edu → example.edu/cs',
  'http://a.edu → https://a.edu, /art → /art/dept',
];

describe('H14 rewriting twice equals once', () => {
  it.each(RULES)('%s', rules => {
    const rewriter = createRewriter(parseRules(rules));
    fc.assert(
      fc.property(anything, value => {
        const once = rewriter.rewrite(value).value;
        const twice = rewriter.rewrite(once);
        expect(twice.value.toString('latin1')).toBe(once.toString('latin1'));
      }),
      { numRuns },
    );
  });
});

describe('there and back', () => {
  const bijections = [
    'prod.example.edu → other.test',
    '*.example.edu → *.stg.test',
    'http://a.edu → https://b.test',
  ];
  it.each(bijections)('%s', rules => {
    const there = createRewriter(parseRules(rules));
    const back = createRewriter(parseRules(rules).map(({ from, to }) => ({ from: to, to: from })));
    fc.assert(
      fc.property(sound.map(lowerHosts), value => {
        expect(back.rewrite(there.rewrite(value).value).value.toString('latin1')).toBe(
          value.toString('latin1'),
        );
      }),
      { numRuns },
    );
  });
});

describe('any bytes', () => {
  it('never throw, and stay the same object where nothing changes', () => {
    const rewriter = createRewriter(
      parseRules('prod.example.edu → stg.example.edu, *.example.edu → *.stg.example.edu, /a/ → /b/'),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const value = Buffer.from(bytes);
        const result = rewriter.rewrite(value);
        expect(result.changed).toBe(result.value !== value);
      }),
      { numRuns },
    );
  });
  it('come out as they are without a host', () => {
    const hostless = createRewriter(parseRules('prod.example.edu → stg.example.edu'));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const value = Buffer.from(bytes);
        expect(hostless.rewrite(value).value).toBe(value);
      }),
      { numRuns },
    );
  });
  it('may match wherever anything changes', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...RULES), (value, rules) => {
        const each = createRewriter(parseRules(rules));
        if (!each.rewrite(value).changed) return;
        expect(each.findHit(value, 0, value.length)).toBeGreaterThan(-1);
        expect(each.needles.some(needle => value.toString('latin1').toLowerCase().includes(needle))).toBe(
          true,
        );
      }),
      { numRuns },
    );
  });
});

/** Upper case comes back in the case of the rule. */
function lowerHosts(value: Buffer): Buffer {
  return Buffer.from(
    value.toString('latin1').replace(/prod\.example\.edu/gi, host => host.toLowerCase()),
    'latin1',
  );
}
