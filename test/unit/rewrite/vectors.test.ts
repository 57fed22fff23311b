import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRewriter, type RewriteRule } from '../../../src/rewrite/rewriter.ts';

interface Vector {
  readonly id: string;
  readonly category: string;
  readonly note: string;
  readonly rules: readonly RewriteRule[];
  readonly inputB64: string;
  readonly expectedB64: string;
}

const file = new URL('../../cases/rewrite/vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Vector[] };

describe('reference vectors', () => {
  it.each(cases)('$id: $note', ({ rules, inputB64, expectedB64 }) => {
    const input = Buffer.from(inputB64, 'base64');
    const result = createRewriter(rules).rewrite(input);
    expect(result.value.toString('latin1')).toBe(Buffer.from(expectedB64, 'base64').toString('latin1'));
    expect(result.changed).toBe(inputB64 !== expectedB64);
  });
});
