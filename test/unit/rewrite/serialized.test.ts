import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/rewrite/rewriter.ts';
import type { Trace } from '../../../src/rewrite/trace.ts';
import { ValueWalk } from '../../../src/rewrite/walk-value.ts';
import { parseRules, php, rewriteBytes, rewriteText } from './rewrite-text.ts';

const RULES = 'prod.example.edu → stg.example.edu';
const HOST = 'prod.example.edu';

/** Replaces the host and counts again: what PHP would have written for the target. */
function rebuild(build: (host: string) => string): { readonly input: string; readonly expected: string } {
  return { input: build(HOST), expected: build('stg.example.edu') };
}

describe('H01 to H04 serialized data', () => {
  const builders: Readonly<Record<string, (host: string) => string>> = {
    'a string': h => php(`https://${h}/`),
    'H01 lengths are bytes': h => `a:1:{${php('ü')}${php(`日本 ${h} é`)}}`,
    'H02 nested arrays, keys and values': h => `a:2:{${php(h)}a:1:{i:0;${php(h)}}i:-5;d:0.5;}`,
    'H02 objects': h => `O:8:"stdClass":2:{${php('u')}${php(h)}${php(h)}N;}`,
    'every type beside a host': h =>
      `a:12:{i:0;N;i:1;b:0;i:2;b:1;i:3;i:-7;i:4;d:0.5;i:5;d:-1.0E+25;i:6;d:INF;i:7;${php(h)}i:8;S:1:"\\41";i:9;O:1:"A":1:{${php('a')}R:8;}i:10;E:5:"A:One";i:11;C:1:"A":2:{h;}}`,
    'floats of every form': h =>
      `a:9:{i:0;d:1;i:1;d:-0;i:2;d:.5;i:3;d:5.;i:4;d:+1.5;i:5;d:1e3;i:6;d:NAN;i:7;d:-INF;i:8;${php(h)}}`,
    'H03 serialized in serialized': h => `a:1:{i:0;${php(`a:1:{i:0;${php(`a:1:{i:0;${php(h)}}`)}}`)}}`,
    'H04 private and protected properties': h =>
      `O:3:"Cls":2:{${php('\0*\0a')}${php(h)}${php('\0Cls\0b')}${php(h)}}`,
    'H04 references keep their numbers': h => `a:3:{i:0;${php(h)}i:1;R:2;i:2;O:3:"Cls":1:{${php('s')}r:1;}}`,
    'H04 enum': h => `a:2:{i:0;E:7:"Foo:Bar";i:1;${php(h)}}`,
    'H04 custom': h => `C:3:"Cls":${h.length + 4}:{x=${h};1}`,
    'H04 custom with serialized data': h =>
      `C:11:"ArrayObject":${19 + php(h).length}:{x:i:0;a:1:{i:0;${php(h)}};m:a:0:{}}`.replace(
        /:\d+:\{x/,
        `:${`x:i:0;a:1:{i:0;${php(h)}};m:a:0:{}`.length}:{x`,
      ),
    'H04 S: without escapes': h => `S:${h.length}:"${h}";`,
    'H04 S: with escapes': h => `a:1:{i:0;S:${h.length + 2}:"\\c3\\a9${h}";}`,
    'H09 JSON in serialized in JSON': h =>
      JSON.stringify({ a: `a:1:{i:0;${php(JSON.stringify({ u: `https://${h}/` }))}}` }).replaceAll(
        '/',
        '\\/',
      ),
    'H09 serialized in JSON in JSON': h =>
      JSON.stringify({ a: JSON.stringify({ b: `a:1:{i:0;${php(`https://${h}/ü"\n`)}}` }) }),
    'H08 serialized in a block comment': h =>
      `<!-- wp:x {"d":"a:1:{i:0;s:${h.length}:\\u0022${h}\\u0022;}"} /--> ${h}`,
    'H07 serialized behind a newline in JSON': h => JSON.stringify({ t: `one\na:1:{i:0;${php(h)}}` }),
    'text before and after': h => `${h} data=a:1:{i:0;${php(h)}} ${h}`,
    'two values back to back': h => `${php(h)}${php(h)}a:1:{i:0;${php(h)}}`,
    'session data': h => `user|a:1:{i:0;${php(h)}}other|${php(h)}`,
    'scalars before text': h => `i:5;${h} b:1; N;`,
    'S: strings as long as they are many': h =>
      `a:40:{${Array.from({ length: 40 }, (_, i) => `i:${i};S:${h.length + 60}:"${'\\2f'.repeat(60)}${h}";`).join('')}}`,
    'slashed data': h => `a:1:{i:0;${php(`//${h}`)}}`.replaceAll('"', '\\"'),
  };
  it.each(Object.entries(builders))('%s', (_, build) => {
    const { input, expected } = rebuild(build);
    expect(rewriteText(RULES, input)).toBe(expected);
    expect(rewriteText(RULES, expected)).toBe(expected);
  });

  it('names of classes and of their own properties are never rewritten', () => {
    const build = (host: string): string =>
      `O:9:"localhost":3:{${php('localhost')}i:1;${php('\0localhost\0x')}${php(host)}${php('_localhost')}N;}`;
    const result = rewriteBytes('localhost → prod, _localhost → _x', build('localhost'));
    expect(result.value.toString()).toBe(build('prod'));
    expect(result.left).toEqual([]);
  });
  it('keys of arrays and of dynamic properties are', () => {
    expect(rewriteText('localhost → prod', `a:1:{${php('localhost')}i:1;}`)).toBe(`a:1:{${php('prod')}i:1;}`);
    expect(rewriteText('a.edu → b.edu', `O:8:"stdClass":1:{${php('//a.edu/x')}i:1;}`)).toBe(
      `O:8:"stdClass":1:{${php('//b.edu/x')}i:1;}`,
    );
  });
  it('numbers are no text, also where a rule is one', () => {
    expect(rewriteText('12 → 345', `a:1:{i:12;a:2:{i:0;i:12;i:1;${php('12')}}}`)).toBe(
      `a:1:{i:12;a:2:{i:0;i:12;i:1;${php('345')}}}`,
    );
  });
  it('a length that gets fewer digits, with and without zeros in front', () => {
    const text = (host: string): string => `${host} ${'x'.repeat(83)}`;
    expect(rewriteText(RULES, `a:1:{i:0;s:100:"${text(HOST)}";}`)).toBe(
      `a:1:{i:0;s:99:"${text('stg.example.edu')}";}`,
    );
    expect(rewriteText(RULES, `s:0100:"${text(HOST)}";`)).toBe(`s:0099:"${text('stg.example.edu')}";`);
  });

  it('a pair in serialized data', () => {
    expect(rewriteText('http://a.edu → https://b.edu', `a:1:{i:0;${php('http:\\/\\/a.edu')}}`)).toBe(
      `a:1:{i:0;${php('https:\\/\\/b.edu')}}`,
    );
    expect(
      rewriteText(
        'art.a.edu → a.edu/art',
        `{"d":"${php('//art.a.edu/x').replaceAll('"', '\\"').replaceAll('/', '\\/')}"}`,
      ),
    ).toBe(`{"d":"${php('//a.edu/art/x').replaceAll('"', '\\"').replaceAll('/', '\\/')}"}`);
  });
});

describe('H02 array keys', () => {
  it('stay when another key has the new name', () => {
    const input = `a:2:{${php(HOST)}i:1;${php('stg.example.edu')}${php(HOST)}}`;
    const result = rewriteBytes(RULES, input);
    expect(result.value.toString()).toBe(
      `a:2:{${php(HOST)}i:1;${php('stg.example.edu')}${php('stg.example.edu')}}`,
    );
    expect(result).toMatchObject({ matches: 1, left: ['key_collision'] });
  });
  it('stay but for the first when several would become the same', () => {
    const rules = 'a.edu → hub.test, b.edu → hub.test';
    expect(rewriteText(rules, `a:2:{${php('a.edu')}i:1;${php('b.edu')}i:2;}`)).toBe(
      `a:2:{${php('hub.test')}i:1;${php('b.edu')}i:2;}`,
    );
  });
  it('change places when the rules do', () => {
    const rules = 'a.edu → b.edu, b.edu → a.edu';
    expect(rewriteText(rules, `a:2:{${php('a.edu')}i:1;${php('b.edu')}i:2;}`)).toBe(
      `a:2:{${php('b.edu')}i:1;${php('a.edu')}i:2;}`,
    );
  });
  it('stay in a chain that ends at a key that is taken', () => {
    const rules = 'a.edu → b.edu, b.edu → c.edu';
    const input = `a:3:{${php('a.edu')}i:1;${php('b.edu')}i:2;${php('c.edu')}i:3;}`;
    expect(rewriteText(rules, input)).toBe(input);
  });
  it('are compared with keys only, and with those of their own array', () => {
    const taken = php('stg.example.edu');
    const build = (host: string): readonly string[] => [
      `a:2:{i:0;${taken}${php(host)}i:1;}`,
      `a:2:{${php(host)}${taken}i:0;${taken}}`,
      `a:2:{${php(host)}a:1:{${taken}i:1;}i:0;i:1;}`,
      `a:2:{i:0;a:1:{${taken}i:1;}${php(host)}i:1;}`,
      `a:1:{${taken}a:2:{i:0;C:1:"X":${host.length}:{${host}}i:1;${php(host)}}}`,
      `a:2:{${taken}C:1:"X":${host.length}:{${host}}i:1;${php(host)}}`,
      `a:2:{i:0;${php(`a:2:{${taken}i:1;}`)}${php(host)}N;}`,
      `a:1:{${php(host)}a:2:{${taken}i:1;${php(`//${host}`)}i:2;}}`,
      `a:3:{i:0;a:1:{${php(host)}i:1;}${taken}i:1;${php(`//${host}`)}i:2;}`,
      `a:2:{${php(taken)}N;i:0;${php(php(host))}}`,
    ];
    const expected = build('stg.example.edu');
    for (const [i, input] of build(HOST).entries()) {
      const result = rewriteBytes(RULES, input);
      expect(result.value.toString()).toBe(expected[i]);
      expect(result.left).toEqual([]);
    }
  });
  it('are compared with none of a broken array within', () => {
    const broken = php(`a:4:{${php('stg.example.edu')}i:1;${php(HOST)}i:1;`);
    const build = (host: string): readonly string[] => [
      `a:2:{${php(host)}${broken}i:0;N;}`,
      `a:2:{i:0;${broken}${php(host)}N;}`,
    ];
    const expected = build('stg.example.edu');
    for (const [i, input] of build(HOST).entries()) {
      const result = rewriteBytes(RULES, input);
      expect(result.value.toString()).toBe(expected[i]);
      expect(result).toMatchObject({ matches: 1, left: ['broken_serialized'] });
    }
  });
  it('stay when the new name is one that holds the old host and stays', () => {
    const rules = 'prod.example.edu → x-prod.example.edu';
    for (const input of [
      `a:2:{${php(HOST)}i:1;${php(`x-${HOST}`)}i:2;}`,
      `a:2:{${php(`x-${HOST}`)}i:1;${php(HOST)}i:2;}`,
    ])
      expect(rewriteBytes(rules, input)).toMatchObject({ changed: false, left: ['key_collision'] });
    expect(rewriteText(rules, `a:2:{i:0;${php(`x-${HOST}`)}${php(HOST)}i:2;}`)).toBe(
      `a:2:{i:0;${php(`x-${HOST}`)}${php(`x-${HOST}`)}i:2;}`,
    );
  });
  it('lengths around a key that stays are right', () => {
    const inner = `a:2:{${php(HOST)}i:1;${php('stg.example.edu')}i:2;}`;
    const input = `a:2:{i:0;${php(inner)}i:1;${php(HOST)}}`;
    expect(rewriteText(RULES, input)).toBe(`a:2:{i:0;${php(inner)}i:1;${php('stg.example.edu')}}`);
  });
});

describe('H05 data that was broken at the source is left and reported', () => {
  const broken = [
    `s:99:"${HOST}";`,
    `s:1:"${HOST}";`,
    `a:2:{i:0;${php(HOST)}}`,
    `a:1:{i:0;${php(HOST)}i:1;i:1;}`,
    `a:1:{i:0;${php(HOST)}`,
    `a:1:{i:0;s:16:"${HOST}"`,
    `a:1:{b:1;${php(HOST)}}`,
    `a:1:{i:0;x:16:"${HOST}";}`,
    `O:8:"stdClass:1:{i:0;${php(HOST)}}`,
    `C:3:"Cls":5:{${HOST}}`,
    `S:19:"\\zz ${HOST}";`,
    `S:99:"\\2f${HOST}";`,
    `S:99:"\\2F\\2f${HOST}\\2f";`,
    `a:1:{i:0;S:16:"\\2f${HOST}";}`,
    `s:16:"${HOST}`,
    `s:16:"${HOST}'`,
    `s:16:"${HOST}';`,
    `s:16:"${HOST}"x`,
    `a:1:{i:0;s;16:"${HOST}";}`,
    `a:1:{x:16:"${HOST}";i:1;}`,
    `a:2:{x:3:"abc";${php(HOST)}i:1;i:1;}`,
    `a:2:{i:0;x:3:"abc";i:1;${php(HOST)}}`,
    `a:1:{i:0;${php(HOST)}x`,
    `a:2:{i:0;S:17:"\\2f${HOST}";i:1;x}`,
    `E:16:"${HOST}`,
    `E:16:"${HOST}":`,
    `a:2:{i:0;E:9:"A:One";i:1;${php(HOST)}}`,
    `O:7:"stdClass":1:{i:0;${php(HOST)}}`,
    `O:99:"stdClass":1:{i:0;${php(HOST)}}`,
    `O:8:"stdClass;:1:{i:0;${php(HOST)}}`,
    `O:8:"stdClass";1:{i:0;${php(HOST)}}`,
    `O:8:"stdClass":1;{i:0;${php(HOST)}}`,
    `O:+8:"stdClass":1:{i:0;${php(HOST)}}`,
    `C:3:"Cls":16:[${HOST}}`,
    `C:3:"Cls":x:{${HOST}}`,
    `C:3:"Cls":16:{${HOST};`,
    `C:3:"Cls":16:{${HOST}`,
    `C:3:"Cls":99999:{${HOST}}`,
    ...['d:1.2.3;', 'd:;', 'd:-;', 'd:1.x;', 'd:x;', 'b:2;', 'i:;', 'N', 'r:;'].map(
      token => `a:2:{i:0;${php(HOST)}i:1;${token}}`,
    ),
  ];
  it.each(broken)('%s', input => {
    const result = rewriteBytes(RULES, input);
    expect(result.value.toString()).toBe(input);
    expect(result).toMatchObject({ changed: false, matches: 0, left: ['broken_serialized'] });
  });
  it('a letter that is escaped before the host makes it another one', () => {
    const input = `S:99:"\\61${HOST}";`;
    expect(rewriteBytes(RULES, input)).toMatchObject({ changed: false, left: [] });
  });
  it.each(broken)('inside a sound value: %s', input => {
    const around = (host: string): string => `a:3:{i:0;${php(host)}i:1;${php(input)}i:2;${php(host)}}`;
    const result = rewriteBytes(RULES, around(HOST));
    expect(result.value.toString()).toBe(around('stg.example.edu'));
    expect(result).toMatchObject({ matches: 2, left: ['broken_serialized'] });
  });
  it.each(broken)('inside JSON: %s', input => {
    const around = (host: string): string => JSON.stringify({ a: host, b: input, c: host });
    const result = rewriteBytes(RULES, around(HOST));
    expect(result.value.toString()).toBe(around('stg.example.edu'));
    expect(result.left).toEqual(['broken_serialized']);
  });
  it('takes no closing mark from what is around it', () => {
    const inner = [`a:1:{i:0;${php(HOST)}`, `C:1:"Y":16:{${HOST}`, `E:16:"${HOST}"`];
    for (const text of inner) {
      const input = `a:1:{i:0;C:1:"X":${text.length}:{${text}}}`;
      expect(rewriteBytes(RULES, input)).toMatchObject({ changed: false, left: ['broken_serialized'] });
    }
  });
  it('is never read backwards, whatever stands where its wrong numbers point', () => {
    const heads = [
      `0123456789abcde";} a:1:{i:0;s:16:'${HOST}';}`,
      `0123456789abcde}} a:1:{i:0;C:1:"X":16:[${HOST}}}`,
      `0123456789abcde":1:{i:0;N;}} a:1:{i:0;O:16:'${HOST}':1:{i:0;N;}}`,
      `1:{i:0;N;} O:8:"stdClasX:1:{i:0;${php(HOST)}}`,
    ];
    for (const text of heads)
      expect(rewriteBytes(RULES, text)).toMatchObject({ changed: false, left: ['broken_serialized'] });
  });
  it('is found where a rule is as short as the letter that it begins with', () => {
    const input = `a:1:{i:0;${php('s:9:"x";')}}`;
    expect(rewriteBytes('s → t', input)).toMatchObject({ changed: false, left: ['broken_serialized'] });
  });
  it('ends where its braces do, as many as are open', () => {
    const around = (host: string): string => `x a:1:{i:0;a:1:{i:0;s:99:"${HOST}";}} ${host} {${host}}`;
    expect(rewriteText(RULES, around(HOST))).toBe(around('stg.example.edu'));
    const arrays = (host: string): string =>
      `x a:2:{i:0;a:1:{i:0;s:99:"${HOST}";}i:1;s:16:"${HOST}";} ${host}`;
    expect(rewriteText(RULES, arrays(HOST))).toBe(arrays('stg.example.edu'));
    for (const first of ['x', HOST]) {
      const quoted = (host: string): string =>
        `x a:2:{i:0;${php(first)}i:1;s:16:\\"${HOST}\\";} ${host} "${host}"`;
      expect(rewriteText(RULES, quoted(HOST))).toBe(quoted('stg.example.edu'));
    }
  });
  it('is all of the value that it begins', () => {
    const text = `a:1:{i:0;s:99:"${HOST}";} ${HOST}`;
    expect(rewriteBytes(RULES, text)).toMatchObject({ changed: false, left: ['broken_serialized'] });
  });
  it('in the middle of a text: the text around is rewritten', () => {
    const around = (host: string): string => `${host} data=a:1:{i:0;s:99:"${HOST}";} ${host}`;
    expect(rewriteText(RULES, around(HOST))).toBe(around('stg.example.edu'));
  });
  it('is not reported where it has no source host', () => {
    expect(rewriteBytes(RULES, `a:2:{i:0;${php(php(HOST))}i:1;s:99:"x";}`).left).toEqual([
      'broken_serialized',
    ]);
    expect(rewriteBytes(RULES, `${HOST} a:1:{i:0;s:99:"x";}`).left).toEqual([]);
  });
});

describe('H06 text that only looks serialized', () => {
  const texts = [
    'a: see H',
    's:1 is H',
    'a:1 H',
    'data:1:{H}',
    '{"a":1:{"H"',
    'i:5 H',
    'O: H',
    'a:b:{H}',
    's:x:"H";',
    'C:\\Users\\H',
  ];
  it.each(texts)('%s', text => {
    expect(rewriteText(RULES, text.replace('H', HOST))).toBe(text.replace('H', 'stg.example.edu'));
  });
});

describe('a walk', () => {
  it.each([
    ['no host', false],
    ['a:1:{i:0;s:4:"text";}', false],
    [HOST, true],
    [`x${HOST}`, true],
  ])('tells whether there was anything to look at: %s', (text, expected) => {
    expect(new ValueWalk(createEngine(parseRules(RULES), {})).run(Buffer.from(text))).toBe(expected);
  });
});

describe('a walk that an exception ended', () => {
  it('is as good as new for the next value', () => {
    let isBroken = true;
    const ignore = (): void => {};
    const trace: Trace = {
      enterText: ignore,
      leaveText: ignore,
      enterLayer: ignore,
      leaveLayer: ignore,
      giveUp: ignore,
      judge: () => {
        if (isBroken) throw new Error('a bug');
      },
    };
    const walk = new ValueWalk({ ...createEngine(parseRules(RULES), {}), trace });
    expect(() => walk.run(Buffer.from(`a:2:{${php('stg.example.edu')}N;i:0;${php(HOST)}}`))).toThrow('a bug');
    isBroken = false;
    const value = Buffer.from(`a:1:{${php(HOST)}i:0;}`);
    expect(walk.run(value)).toBe(true);
    expect(walk.edits.apply(value).toString()).toBe(`a:1:{${php('stg.example.edu')}i:0;}`);
    expect([...walk.left]).toEqual([]);
  });
});
