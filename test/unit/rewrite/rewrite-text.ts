// Shorthand of the rewriting tests: text in, text out, byte for byte (latin1).

import { createRewriter, type RewriteOptions, type RewriteRule } from '../../../src/rewrite/rewriter.ts';

/** Where the same tests run thousands of times, as in mutation testing, big ones are of a size that shows as much. */
export const isSmall = process.env.REWRITE_TESTS === 'small';
export const whyNotBig = isSmall ? ' (not tried: REWRITE_TESTS is small)' : '';

/** `rewriteText('a → b, c → d', 'text')` */
export function rewriteText(rules: string, text: string, options?: RewriteOptions): string {
  return rewriteBytes(rules, text, options).value.toString('utf8');
}

export function rewriteBytes(rules: string, text: string, options?: RewriteOptions) {
  return createRewriter(parseRules(rules), options).rewrite(Buffer.from(text, 'utf8'));
}

export function parseRules(rules: string): readonly RewriteRule[] {
  return rules.split(', ').map(rule => {
    const [from = '', to = ''] = rule.split(' → ');
    return { from, to };
  });
}

/** A PHP string, its length in bytes. */
export function php(text: string): string {
  return `s:${Buffer.byteLength(text)}:"${text}";`;
}
