import { describe, expect, it } from 'vitest';
import { php, rewriteBytes, rewriteText } from './rewrite-text.ts';

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
    'slashed data': h => `a:1:{i:0;${php(`//${h}`)}}`.replaceAll('"', '\\"'),
  };
  it.each(Object.entries(builders))('%s', (_, build) => {
    const { input, expected } = rebuild(build);
    expect(rewriteText(RULES, input)).toBe(expected);
    expect(rewriteText(RULES, expected)).toBe(expected);
  });

  it('names of classes and of their own properties are never rewritten', () => {
    const input = `O:9:"localhost":2:{${php('localhost')}i:1;${php('\0localhost\0x')}i:2;}`;
    expect(rewriteText('localhost → prod', input)).toBe(input);
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
    ...['d:1.2.3;', 'd:;', 'd:-;', 'd:1.x;', 'd:x;', 'b:2;', 'i:;', 'N', 'r:;'].map(
      token => `a:2:{i:0;${php(HOST)}i:1;${token}}`,
    ),
  ];
  it.each(broken)('%s', input => {
    const result = rewriteBytes(RULES, input);
    expect(result.value.toString()).toBe(input);
    expect(result).toMatchObject({ changed: false, matches: 0, left: ['broken_serialized'] });
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
