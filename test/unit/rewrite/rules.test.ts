import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import { createRewriter, type RewriteRule } from '../../../src/rewrite/rewriter.ts';
import { isSmall, parseRules } from './rewrite-text.ts';

describe('rules that are refused', () => {
  const BAD_CHARACTER = 'has a character that no host, port or path has';
  const IN_ASCII = 'in its ASCII form (xn--...), as WordPress stores it';
  const OTHER_KIND = 'one side has a scheme or "//", the other has not';
  const OTHER_HOST = 'one side has a host, the other has not';
  const OTHER_SLASH = 'only one side ends with a slash, so what follows would have none, or two';
  const NOT_WILD = 'a wildcard needs a wildcard on the other side';
  const NOT_ONLY_WILD = 'a wildcard is "*." and a host, nothing else';
  const NO_SCHEME = '"//" also stands inside "http://", so it can\'t become a scheme';
  const refused: readonly (readonly [rules: string, reason: string])[] = [
    [' → b.edu', 'a side is empty'],
    ['a.edu → ', 'a side is empty'],
    [`${'a'.repeat(1001)} → b.edu`, 'a side is longer than 1000 characters'],
    ['a.edu → b c.edu', `"b c.edu" ${BAD_CHARACTER}`],
    ['a.edu/"x" → b.edu/y', `"a.edu/"x"" ${BAD_CHARACTER}`],
    ['a.edu\\ → b.edu', `"a.edu\\" ${BAD_CHARACTER}`],
    ['a.*.edu → b.edu', `"a.*.edu" ${BAD_CHARACTER}`],
    ['x*. → y*.', `"x*." ${BAD_CHARACTER}`],
    ['a.edu/\x7f → b.edu', `"a.edu/\x7f" ${BAD_CHARACTER}`],
    ['*.a.edu → b.edu', NOT_WILD],
    ['a.edu → *.b.edu', NOT_WILD],
    ['*.a.edu/x → *.b.edu/x', NOT_ONLY_WILD],
    ['*.a.edu → *.b.edu:80', NOT_ONLY_WILD],
    ['*.*.a.edu → *.b.edu', NOT_ONLY_WILD],
    ['http://a.edu → b.edu', OTHER_KIND],
    ['a.edu → https://b.edu', OTHER_KIND],
    ['file:///srv/a → /srv/b', OTHER_KIND],
    ['//a.edu → https://b.edu', NO_SCHEME],
    ['a.edu/x → /y', OTHER_HOST],
    ['/x → a.edu/y', OTHER_HOST],
    ['a..edu → b.edu', OTHER_HOST],
    ['http://a.edu/ → http://b.edu', OTHER_SLASH],
    ['a.edu → b.edu/', OTHER_SLASH],
    ['/a/ → /B', OTHER_SLASH],
    ['/ → /?', '"/" has neither letters nor digits to search for'],
    ['/-./ → /x/', '"/-./" has neither letters nor digits to search for'],
    ['münchen.de → b.edu', `write the host of "münchen.de" ${IN_ASCII}`],
    ['grün.de → b.edu', `write the host of "grün.de" ${IN_ASCII}`],
    ['ü → b.edu', `write the host of "ü" ${IN_ASCII}`],
    ['HTTP://münchen.de/x → http://b.edu/x', `write the host of "HTTP://münchen.de/x" ${IN_ASCII}`],
    ['//münchen.de → //b.edu', `write the host of "//münchen.de" ${IN_ASCII}`],
    ['a.edu → münchen.de', `write the host of "münchen.de" ${IN_ASCII}`],
    ['a.edu → b.edu, a.edu → c.edu', '"a.edu" already has another target'],
    ['a.edu → b.edu, A.EDU → c.edu', '"A.EDU" already has another target'],
    ['/a/ → /b/?x=, /a/ → /b/', '"/a/" already has another target'],
    ['*.a.edu → *.b.edu, *.A.edu → *.c.edu', '"*.A.edu" already has another target'],
  ];
  it.each(refused)('%j', (rules, reason) => {
    const { from, to } = parseRules(rules).at(-1)!;
    const expected = {
      code: 'config_invalid',
      message: `The rewrite rule "${from}" → "${to}" can't be used: ${reason}.`,
      details: { from, to },
    };
    expect(() => createRewriter(parseRules(rules))).toThrow(MigrationError);
    expect(() => createRewriter(parseRules(rules))).toThrow(expect.objectContaining(expected));
  });
});

describe('rules that are taken', () => {
  const taken = [
    'a.edu → b.edu, A.edu → b.edu',
    'a.edu → a.edu',
    '//a.edu → //b.edu',
    '/ünï/x → /y',
    'file:///ünï → file:///y',
    'a.edu?ü → b.edu?ü',
    'a.edu#ü → b.edu#ü',
    's3://bucket/x → s3://bucket2/y',
    'http://a.edu → //b.edu',
    'a.edu/ → b.edu/?p=',
    '/a → /b, /a/ → /c/',
    '*.a.edu → *.b.edu, *.A.edu → *.b.edu',
    'my_bucket/ü → my_bucket/x',
    `${'a'.repeat(1000)} → b.edu`,
  ];
  it.each(taken)('%j', rules => {
    expect(() => createRewriter(parseRules(rules))).not.toThrow();
  });
  it('none at all: nothing changes', () => {
    const value = Buffer.from('prod.example.edu');
    const rewriter = createRewriter([]);
    expect(rewriter.needles).toEqual([]);
    expect(rewriter.findHit(value, 0, value.length)).toBe(-1);
    expect(rewriter.rewrite(value)).toEqual({ value, changed: false, matches: 0, left: [] });
  });
});

describe('thousands of rules', () => {
  const RULES = isSmall ? 200 : 10_000;
  const subdomains: readonly RewriteRule[] = Array.from({ length: RULES }, (_, i) => ({
    from: `dept${i}.example.edu`,
    to: `dept${i}.stg.example.edu`,
  }));
  const mapped: readonly RewriteRule[] = Array.from({ length: RULES }, (_, i) => ({
    from: `domain-${i}.${['com', 'org', 'de'][i % 3]}`,
    to: `m${i}.test`,
  }));

  it('subdomains share one needle', () => {
    expect(createRewriter(subdomains).needles).toEqual(['.example.edu']);
  });
  it('mapped domains share few', () => {
    expect(createRewriter(mapped).needles).toEqual(['.com', '.org', '.de']);
  });
  it.each([subdomains, mapped])('each of them matches, whole', (...rules) => {
    const rewriter = createRewriter(rules);
    for (const { from, to } of rules.slice(0, isSmall ? 20 : 500)) {
      const value = Buffer.from(`x https://${from}/ my-${from} y`);
      expect(rewriter.findHit(value, 0, value.length)).toBeGreaterThan(-1);
      expect(rewriter.rewrite(value).value.toString()).toBe(`x https://${to}/ my-${from} y`);
    }
  });
  it('time for a value does not grow with their number', () => {
    const value = Buffer.from('https://dept77.example.edu/ https://other.example.edu/ '.repeat(RULES));
    const rewriter = createRewriter(subdomains);
    // No clock is read: a look at each rule for each host would run into the limit.
    expect(rewriter.rewrite(value).matches).toBe(RULES);
  });
});

describe('findHit', () => {
  const rules = parseRules(
    'prod.example.edu → stg.example.edu, *.cdn.test → *.stg.test, /uploads/sites/12/ → /uploads/sites/40/, x → y',
  );
  const matching = [
    'prod.example.edu',
    'PROD.example.EDU',
    'aprod.example.edub',
    'a.cdn.test',
    '\\/uploads\\/sites\\/12\\/',
    'X',
  ];
  it.each(matching)('%s, wherever it stands', text => {
    const rewriter = createRewriter(rules);
    for (let at = 0; at < 40; at++) {
      const value = Buffer.from(`${'\0'.repeat(at)}${text}${'\0'.repeat(40 - at)}`);
      const hit = rewriter.findHit(value, 0, value.length);
      expect(hit).toBeGreaterThanOrEqual(at);
      expect(hit).toBeLessThan(at + text.length);
      expect(rewriter.findHit(value, at, at + text.length)).toBeGreaterThanOrEqual(at);
      expect(rewriter.findHit(value, 0, at)).toBe(-1);
      expect(rewriter.findHit(value, at + text.length, value.length)).toBe(-1);
    }
  });
  it('needles are lower case, and one of them is in each matching value', () => {
    const rewriter = createRewriter(rules);
    for (const needle of rewriter.needles) expect(needle).toBe(needle.toLowerCase());
    for (const text of matching)
      expect(rewriter.needles.some(needle => text.toLowerCase().includes(needle))).toBe(true);
  });
  it('an unchanged value comes back as the same object', () => {
    const rewriter = createRewriter(rules);
    for (const text of [
      'nothing',
      '',
      'yprod.example.edu',
      'joe@prod.example.edu',
      's:9:"prod.example.edu";',
    ]) {
      const value = Buffer.from(text);
      expect(rewriter.rewrite(value).value).toBe(value);
    }
  });
});
