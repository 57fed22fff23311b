import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editTexts, type TextEditor } from '../../../src/policy/edit-texts.ts';

const seen: string[] = [];
const SHOUT: TextEditor = {
  text(text, name) {
    seen.push(`${name}=${text.toString()}`);
    return text.includes('x') ? Buffer.from(text.toString().replaceAll('x', 'XX')) : text;
  },
  broken: () => Buffer.from('broken'),
};

const edit = (value: string, name = 'top'): string => {
  seen.length = 0;
  return editTexts(Buffer.from(value), name, SHOUT).toString();
};

describe('the texts within a value', () => {
  it.each([
    ['plain', 'ax', 'aXX', ['top=ax']],
    ['a serialized string', 's:2:"ax";', 's:3:"aXX";', ['top=ax']],
    ['an array', 'a:2:{s:1:"k";s:2:"ax";i:0;i:5;}', 'a:2:{s:1:"k";s:3:"aXX";i:0;i:5;}', ['k=ax']],
    [
      'nested, the key above counts',
      'a:1:{s:1:"k";a:1:{i:0;s:1:"x";}}',
      'a:1:{s:1:"k";a:1:{i:0;s:2:"XX";}}',
      ['k=x'],
    ],
    ['keys stay', 'a:1:{s:1:"x";s:1:"y";}', 'a:1:{s:1:"x";s:1:"y";}', ['x=y']],
    [
      'private and protected properties',
      'O:1:"C":2:{s:4:"\0C\0p";s:1:"x";s:4:"\0*\0q";s:1:"b";}',
      'O:1:"C":2:{s:4:"\0C\0p";s:2:"XX";s:4:"\0*\0q";s:1:"b";}',
      ['p=x', 'q=b'],
    ],
    ['bytes, not characters', 's:5:"üäx";', 's:6:"üäXX";', ['top=üäx']],
    ['serialized in serialized', 'a:1:{s:1:"k";s:8:"s:1:"x";";}', 'a:1:{s:1:"k";s:9:"s:2:"XX";";}', ['k=x']],
    ['JSON', '{"k":{"l":["x",5,true]},"m":"b"}', '{"k":{"l":["XX",5,true]},"m":"b"}', ['l=x', 'm=b']],
    [
      'JSON, what is not changed keeps its spelling',
      '{"a":"\\/","k":"x"}',
      '{"a":"\\/","k":"XX"}',
      ['a=/', 'k=x'],
    ],
    ['JSON in serialized', 'a:1:{i:0;s:9:"{"k":"x"}";}', 'a:1:{i:0;s:10:"{"k":"XX"}";}', ['k=x']],
    ['a shortcode is no JSON', '[gallery x]', '[gallery XX]', ['top=[gallery x]']],
    ['scalars', 'i:5;', 'i:5;', ['top=i:5;']],
    [
      'references and enums',
      'a:3:{i:0;E:3:"A:B";i:1;R:2;i:2;s:1:"x";}',
      'a:3:{i:0;E:3:"A:B";i:1;R:2;i:2;s:2:"XX";}',
      ['top=x'],
    ],
  ])('%s', (_, value, expected, texts) => {
    expect(edit(value)).toBe(expected);
    expect(seen).toEqual(texts);
  });

  it.each([
    ['a wrong length', 's:3:"ax";'],
    ['a wrong count', 'a:2:{i:0;s:1:"x";}'],
    ['cut off', 'a:1:{i:0;s:1:"x";'],
    ['followed by something', 's:1:"x";y'],
    ['an object that reads its own text', 'C:1:"D":3:{x:1}'],
    ['deeper than PHP reads', `${'a:1:{i:0;'.repeat(5_000)}i:1;${'}'.repeat(5_000)}`],
  ])('H05 serialized data that is broken is left to the rule: %s', (_, value) => {
    expect(edit(value)).toBe('broken');
  });

  it('leaves strings within strings that nobody means to write to the rule as well', () => {
    let value = 'x';
    for (let i = 0; i < 20_000; i++) value = `s:${value.length}:"${value}";`;
    expect(edit(value)).toContain('broken');
  });

  it('gives back the same object where nothing is to be changed', () => {
    for (const text of ['a', 's:1:"a";', 'a:1:{s:1:"k";s:1:"b";}', '{"k":"b"}', '']) {
      const value = Buffer.from(text);
      expect(editTexts(value, 'top', SHOUT)).toBe(value);
    }
  });

  it('never throws, whatever the bytes', () => {
    const token = fc.constantFrom(
      'a:1:{',
      '}',
      's:1:"',
      '";',
      'x',
      'i:0;',
      'O:1:"C":1:{',
      '{"',
      '":"',
      '"}',
      '[',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), tokens => {
        editTexts(Buffer.from(tokens.join('')), 'top', SHOUT);
      }),
      { numRuns: 2_000 },
    );
  });
});
