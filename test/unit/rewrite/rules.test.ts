import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import { createRewriter, type RewriteRule } from '../../../src/rewrite/rewriter.ts';
import { isSmall, parseRules } from './rewrite-text.ts';

describe('rules that are refused', () => {
  const refused = [
    ' → b.edu',
    'a.edu → ',
    'a.edu → b c.edu',
    'a.edu/"x" → b.edu/y',
    'a.edu\\ → b.edu',
    '*.a.edu → b.edu',
    'a.edu → *.b.edu',
    '*.a.edu/x → *.b.edu/x',
    '*.*.a.edu → *.b.edu',
    'a.*.edu → b.edu',
    'a..edu → b.edu',
    'http://a.edu → b.edu',
    'a.edu → https://b.edu',
    '//a.edu → https://b.edu',
    'a.edu/x → /y',
    '/x → a.edu/y',
    '/ → /x',
    'münchen.de → b.edu',
    'a.edu → münchen.de',
    'a.edu → b.edu, a.edu → c.edu',
    'a.edu → b.edu, A.EDU → c.edu',
    '*.a.edu → *.b.edu, *.A.edu → *.c.edu',
    `${'a'.repeat(2000)} → b.edu`,
  ];
  it.each(refused)('%j', rules => {
    expect(() => createRewriter(parseRules(rules))).toThrow(MigrationError);
    expect(() => createRewriter(parseRules(rules))).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});

describe('rules that are taken', () => {
  const taken = [
    'a.edu → b.edu, A.edu → b.edu',
    'a.edu → a.edu',
    '//a.edu → //b.edu',
    '/ünï/x → /y',
    's3://bucket/x → s3://bucket2/y',
    'http://a.edu → //b.edu',
  ];
  it.each(taken)('%j', rules => {
    expect(() => createRewriter(parseRules(rules))).not.toThrow();
  });
  it('none at all: nothing changes', () => {
    const value = Buffer.from('prod.example.edu');
    const rewriter = createRewriter([]);
    expect(rewriter.needles).toEqual([]);
    expect(rewriter.mayMatch(value, 0, value.length)).toBe(false);
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
      expect(rewriter.mayMatch(value, 0, value.length)).toBe(true);
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

describe('mayMatch', () => {
  const rewriter = createRewriter(
    parseRules(
      'prod.example.edu → stg.example.edu, *.cdn.test → *.stg.test, /uploads/sites/12/ → /uploads/sites/40/, x → y',
    ),
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
    for (let at = 0; at < 40; at++) {
      const value = Buffer.from(`${'\0'.repeat(at)}${text}${'\0'.repeat(40 - at)}`);
      expect(rewriter.mayMatch(value, 0, value.length)).toBe(true);
      expect(rewriter.mayMatch(value, at, at + text.length)).toBe(true);
      expect(rewriter.mayMatch(value, 0, at)).toBe(false);
      expect(rewriter.mayMatch(value, at + text.length, value.length)).toBe(false);
    }
  });
  it('needles are lower case, and one of them is in each matching value', () => {
    for (const needle of rewriter.needles) expect(needle).toBe(needle.toLowerCase());
    for (const text of matching)
      expect(rewriter.needles.some(needle => text.toLowerCase().includes(needle))).toBe(true);
  });
  it('an unchanged value comes back as the same object', () => {
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
