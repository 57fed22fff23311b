import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { refuseUnknownCodes } from '../../../src/cli/refuse-unknown-codes.ts';
import { ACCEPT_CODES } from '../../../src/migration/accept-codes.ts';

const KNOWN = Object.keys(ACCEPT_CODES);

/** Where findings are made that stop a run, and where a resume is refused that may be accepted. */
const sources = ['phases', 'runtime', 'mysql']
  .flatMap(folder => globSync(`src/${folder}/**/*.ts`))
  .concat('src/runtime.ts')
  .map(file => readFileSync(file, 'utf8'))
  .join('\n');

it('every code that blocks is known', () => {
  const literal = [...sources.matchAll(/code: '([a-z_]+)',\s+blocking: true/g)].map(match => match[1]);
  const named = [...sources.matchAll(/const code = '([a-z_]+)'/g)].map(match => match[1]);
  const accepted = [...sources.matchAll(/const (?:ACCEPT_[A-Z_]+|MOVED) = '([a-z_]+)'/g)].map(
    match => match[1],
  );
  const advised = [...sources.matchAll(/(?:--accept |orLeaveOut\('|ACCEPT\(')([a-z_]+)/g)].map(
    match => match[1],
  );
  const found = [...literal, ...named, ...accepted, ...advised];
  expect(found.length).toBeGreaterThan(40);
  expect(found.filter(code => !KNOWN.includes(code!))).toEqual([]);
});

it('every code that is known stands in the code', () => {
  expect(KNOWN.filter(code => !sources.includes(`'${code}'`))).toEqual([]);
});

it('a code that is none is refused with what is near', () => {
  expect(() => refuseUnknownCodes(['site_moved', 'user_other_mail'])).toThrow(
    'no finding "user_other_mail" that --accept could take. Did you mean user_other_email?',
  );
  expect(() => refuseUnknownCodes(['foo'])).toThrow('no finding "foo"');
  expect(() => refuseUnknownCodes()).not.toThrow();
});
