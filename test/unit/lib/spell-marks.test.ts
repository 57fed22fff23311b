import { expect, it } from 'vitest';
import { spellInAscii, wantsAscii } from '../../../src/lib/spell-marks.ts';

it.each([
  [{}, false],
  [{ LANG: 'en_US.UTF-8' }, false],
  [{ LANG: 'C.utf8' }, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'de_DE.ISO-8859-1' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, true],
  [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, true],
  [{ LANG: 'C', LC_ALL: 'en_US.UTF-8' }, false],
  [{ LANG: '', LC_ALL: '' }, false],
])('%j wants ASCII: %s', (env, wanted) => {
  expect(wantsAscii(env)).toBe(wanted);
});

it('spells marks in as many columns, and leaves what is not ours', () => {
  const text = '✔ prod → stg · münchen.example.edu ✖ site 4…';
  expect(spellInAscii(text)).toBe('+ prod > stg - münchen.example.edu x site 4~');
  expect(spellInAscii(text)).toHaveLength(text.length);
});
