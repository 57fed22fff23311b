import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeInJson, showForeign } from '../../../src/lib/show-foreign.ts';
import { TROUBLEMAKERS } from '../../support/troublemakers.ts';

describe('showForeign', () => {
  it.each([
    ['a title for the terminal', 'a\u001b]0;PWNED\u0007', 'a\\x1b]0;PWNED\\x07'],
    ['a hyperlink', '\u001b]8;;http://evil\u001b\\click', '\\x1b]8;;http://evil\\x1b\\click'],
    ['a control of one byte', '\u009b2J', '\\x9b2J'],
    ['line breaks and tabs', 'd\nFAKE\r\n\tdone', 'd\\nFAKE\\r\\n\\tdone'],
    ['what turns the text round', 'gpj.\u202eexe\u2069\u061c', 'gpj.\\u{202e}exe\\u{2069}\\u{61c}'],
    ['what has no width', 'a\u200bb\u2060c\ufeffd\u00ade', 'a\\u{200b}b\\u{2060}c\\u{feff}d\\xade'],
    ['half of a pair', 'a\ud800b', 'a\\u{d800}b'],
    ['tags beyond the first 65536', 'a\u{e0041}\u{e0100}', 'a\\u{e0041}\\u{e0100}'],
    ['a blank that is no space', 'a\u00a0b\u3000', 'a\\xa0b\\u{3000}'],
  ])('shows %s', (_, text, shown) => {
    expect(showForeign(text)).toBe(shown);
  });

  it.each([
    'art.example.edu/',
    'c\'"`;drop table x;--',
    'wp_9_日本',
    'Größe → 12 %',
    'C:\\temp\\new',
    '✔ … 😀',
  ])('leaves %s as it is', text => {
    expect(showForeign(text)).toBe(text);
  });

  it.each(TROUBLEMAKERS)('lets no %s through', (_, character) => {
    expect(showForeign(`a${character}b`)).toMatch(/^a\\(?:[nrt]|x[0-9a-f]{2}|u\{[0-9a-f]+\})b$/);
  });

  it('shows the same when it is shown again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(showForeign(showForeign(text))).toBe(showForeign(text));
      }),
    );
  });
});

describe('escapeInJson', () => {
  it('is another spelling of the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), value => {
        expect(JSON.parse(escapeInJson(JSON.stringify(value, null, 2)))).toEqual(value);
      }),
    );
  });

  it.each(TROUBLEMAKERS)('holds no %s', (_, character) => {
    const json = escapeInJson(JSON.stringify({ [`key${character}`]: [`value${character}`] }, null, 2));
    expect(json.replaceAll('\n', '')).not.toContain(character);
    expect(JSON.parse(json)).toEqual({ [`key${character}`]: [`value${character}`] });
  });
});
