// The way to each string of serialized data, told by its reader and, beside it, by who wrote it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyPath } from '../../../src/rewrite/key-path.ts';

/** A piece of serialized data, and the strings in it: where each stands, its path, and whether it is a key. */
interface Written {
  readonly text: string;
  readonly strings: readonly Place[];
}
interface Place {
  readonly start: number;
  readonly end: number;
  readonly path: string;
  readonly isKey: boolean;
}

/** Writes a value that stands at `at`, to be found by `path`. */
type Write = (at: number, path: string) => Written;

const writeString = (token: string): Write => {
  return (at, path) => ({
    text: token,
    strings: [{ start: at, end: at + Buffer.byteLength(token), path, isKey: false }],
  });
};
const writeOther = (text: string): Write => {
  return () => ({ text, strings: [] });
};

interface Key {
  readonly token: string;
  readonly shown: string;
}

function writeContainer(head: string, pairs: readonly (readonly [Key, Write])[]): Write {
  return (at, path) => {
    let text = head;
    const strings: Place[] = [];
    const here = (): number => at + Buffer.byteLength(text);
    for (const [key, write] of pairs) {
      const keyAt = here();
      text += key.token;
      if (!key.token.startsWith('i')) strings.push({ start: keyAt, end: here(), path, isKey: true });
      const value = write(here(), path + key.shown);
      text += value.text;
      strings.push(...value.strings);
    }
    return { text: `${text}}`, strings };
  };
}

const php = (text: string): string => `s:${Buffer.byteLength(text)}:"${text}";`;
const content = fc.string({
  maxLength: 6,
  unit: fc.constantFrom('a', '"', '\\', 'é', ';', '{', '}', ':', '5'),
});
const number = fc.integer({ min: -20, max: 20 }).map(n => ({ token: `i:${n};`, shown: `[${n}]` }));
const arrayKey = fc.oneof(
  number,
  content.map(text => ({ token: php(text), shown: `[${JSON.stringify(text)}]` })),
);
const name = fc.constantFrom('a', 'b_2', 'Url');
const propertyKey = fc.oneof(
  number,
  name.map(text => ({ token: php(text), shown: `->${text}` })),
  name.map(text => ({ token: php(`\0Foo\0${text}`), shown: `->${text}` })),
  name.map(text => ({ token: php(`\0*\0${text}`), shown: `->${text}` })),
  content
    .filter(text => !/^\w+$/.test(text))
    .map(text => ({ token: php(text), shown: `[${JSON.stringify(text)}]` })),
);
const { value } = fc.letrec<{ value: Write }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    content.map(text => writeString(php(text))),
    fc.constantFrom('S:1:"\\22";', 'S:3:"a\\3bb";', 'S:0:"";', 'S:1:"\\5C";').map(writeString),
    fc.constantFrom('C:3:"Foo":3:{a;}}', 'C:1:"X":0:{}').map(writeString),
    fc.constantFrom('i:5;', 'b:1;', 'N;', 'd:0.5;', 'R:2;', 'E:5:"A:One";').map(writeOther),
    fc
      .array(fc.tuple(arrayKey, tie('value')), { maxLength: 4 })
      .map(pairs => writeContainer(`a:${pairs.length}:{`, pairs)),
    fc
      .array(fc.tuple(propertyKey, tie('value')), { maxLength: 4 })
      .map(pairs => writeContainer(`O:3:"Foo":${pairs.length}:{`, pairs)),
  ),
}));

describe('the way to a string', () => {
  it('is that of its keys, wherever the value stands and whichever of its bytes is asked for', () => {
    fc.assert(
      fc.property(value, fc.constantFrom('', '55 ', 'i:5; é '), (write, before) => {
        const start = Buffer.byteLength(before);
        const { text, strings } = write(start, '');
        const bytes = Buffer.from(`${before}${text};}`);
        const all = new KeyPath(bytes, start);
        for (const { start: first, end, path, isKey } of strings) {
          expect(new KeyPath(bytes, start).readTo(end - 1)).toEqual({ path, isKey });
          expect(all.readTo(first)).toEqual({ path, isKey });
          expect(all.readTo(end - 1)).toEqual({ path, isKey });
        }
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 500) },
    );
  });

  const readLast = (text: string): unknown => new KeyPath(Buffer.from(text), 0).readTo(text.indexOf('^'));
  it.each([
    ['the array behind others', `a:2:{i:0;a:1:{i:1;N;}i:2;a:1:{i:3;${php('^')}`, '[2][3]'],
    ['what follows an enum', `a:2:{i:0;E:5:"A:One";i:1;${php('^')}`, '[1]'],
    ['what follows a custom object', `a:2:{i:0;C:1:"X":5:{abcde}i:1;${php('^')}`, '[1]'],
    ['60 characters of a key', `a:1:{${php('k'.repeat(60))}${php('^')}`, `["${'k'.repeat(60)}"]`],
    ['no more of a longer one', `a:1:{${php('k'.repeat(61))}${php('^')}`, `["${'k'.repeat(60)}…"]`],
    ['12 keys', `${'a:1:{i:7;'.repeat(12)}${php('^')}`, '[7]'.repeat(12)],
    ['the innermost 12', `a:1:{i:8;${'a:1:{i:7;'.repeat(12)}${php('^')}`, `…${'[7]'.repeat(12)}`],
    ['a name with a NUL of an array', `a:1:{${php('\0Foo\0url')}${php('^')}`, '["\\u0000Foo\\u0000url"]'],
    ['a property with a NUL within', `O:1:"A":1:{${php('a\0b')}${php('^')}`, '["a\\u0000b"]'],
    ['properties that are no identifiers', `O:1:"A":1:{${php('-b')}${php('^')}`, '["-b"]'],
    ['nor at their end', `O:1:"A":1:{${php('b-')}${php('^')}`, '["b-"]'],
  ])('shows %s', (_, text, path) => {
    expect(readLast(text)).toEqual({ path, isKey: false });
  });
  it.each([
    'a:2:{i:7;x^',
    'a:2:{i:7;s:x^',
    'a:2:{i:7;S:x^',
    'a:2:{i:7;S:9:"\\zz^',
    'a:2:{i:7;C:x^',
    'a:2:{i:7;C:1:"X":x^',
    'a:2:{i:7;E:x^',
    'a:2:{i:7;O:x^',
  ])('stops at what it can not read: %s', text => {
    expect(readLast(text)).toEqual({ path: '[7]', isKey: false });
  });
  it('to a key leads to its array', () => {
    expect(readLast(`a:1:{i:1;a:1:{i:2;a:1:{${php('^')}`)).toEqual({ path: '[1][2]', isKey: true });
  });
  it('ends with the value', () => {
    expect(new KeyPath(Buffer.from('s:1:"a";^'), 0).readTo(8)).toEqual({ path: '', isKey: false });
  });
});
