// PHP is the judge: what its unserialize() reads from our output equals what PHP itself makes by walking the value.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { php } from './rewrite-text.ts';

const numRuns = Number(process.env.FC_RUNS ?? 2000);
const runner = fileURLToPath(new URL('walk.php', import.meta.url));
const interpreter = process.env.PHP ?? 'php';
const hasPhp = spawnSync(interpreter, ['--version']).status === 0;

// Text without escapes and without anything that begins like serialized data: the walk in PHP knows neither.
const words = fc.constantFrom(
  'prod.example.edu',
  'https://prod.example.edu/',
  'PROD.example.edu.',
  'xprod.example.edu',
  'prod.example.education',
  ' joe@prod.example.edu',
  'stg.example.edu',
  ' ',
  ', ',
  '"',
  '";',
  "'",
  '{',
  '}',
  '日本',
  'é',
  '\0',
  '\n',
  '<a href=//prod.example.edu>',
  '/',
  'x',
);
const text = fc.array(words, { maxLength: 6 }).map(parts => parts.join(''));
const scalar = fc.oneof(
  fc.integer().map(value => `i:${value};`),
  fc.constantFrom('b:0;', 'b:1;', 'N;', 'd:0.5;', 'd:-1.0E+25;', 'd:INF;'),
  text.map(php),
);

const { value } = fc.letrec<{ value: string; string: string }>(tie => ({
  string: fc.oneof({ depthSize: 'small' }, text.map(php), tie('value').map(php)),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('string'),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(pairs => buildArray(pairs)),
    fc
      .array(tie('value'), { maxLength: 4 })
      .map(values => `a:${values.length}:{${values.map((item, i) => `i:${i};${item}`).join('')}}`),
    tie('value').map(
      item => `O:8:"stdClass":2:{${php('url')}${php('//prod.example.edu')}${php('x')}${item}}`,
    ),
    fc
      .tuple(tie('value'), tie('value'), tie('string'))
      .map(
        ([url, cdn, secret]) =>
          `O:7:"SiteCfg":3:{${php('url')}${url}${php('\0*\0cdn')}${cdn}${php('\0SiteCfg\0secret')}${secret}}`,
      ),
    tie('string').map(item => `a:1:{i:0;${php(`a:2:{i:0;${item}i:1;R:2;}`)}}`),
  ),
}));

/** Each key once: PHP would drop the first of two. */
function buildArray(pairs: readonly (readonly [string, string])[]): string {
  const entries = [...new Map(pairs.map(([key, item]) => [`k ${key}`, item]))];
  return `a:${entries.length}:{${entries.map(([key, item]) => php(key) + item).join('')}}`;
}

describe.skipIf(!hasPhp)(
  `H01 H02 H03 PHP reads what it would have made itself${hasPhp ? '' : ' (skipped: there is no php on the PATH)'}`,
  () => {
    it(`${numRuns} values`, { timeout: 600_000 }, () => {
      const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'stg.example.edu' }]);
      const befores = fc.sample(value, numRuns).map(sample => Buffer.from(sample));
      const lines = befores.map(before =>
        JSON.stringify({
          before: before.toString('base64'),
          after: rewriter.rewrite(before).value.toString('base64'),
        }),
      );
      const run = spawnSync(interpreter, [runner], {
        input: `${lines.join('\n')}\n`,
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      });
      const verdicts = run.stdout.trimEnd().split('\n');
      expect(run.stderr).toBe('');
      expect(verdicts).toHaveLength(befores.length);
      const wrong = verdicts.flatMap((verdict, i) =>
        verdict === 'ok' ? [] : [{ verdict, before: befores[i]!.toString() }],
      );
      expect(wrong.slice(0, 3)).toEqual([]);
    });
  },
);
