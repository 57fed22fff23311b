// How fast the rewriting engine is, on one core: MB/s by kind of value, on the values of a generated network, and
// the time for values made to break it. No database.
//
//   node test/bench/rewrite.ts [--sites 5] [--rounds 9] [--skip-hostile]
//
// Targets: several hundred MB/s where nothing matches, over 100 MB/s on serialized values that do match.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { limitHeap } from '../../src/lib/limit-heap.ts';
import { createRewriter, type RewriteRule, type Rewriter } from '../../src/rewrite/rewriter.ts';

const { values: flags } = parseArgs({
  options: {
    sites: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '9' },
    'skip-hostile': { type: 'boolean', default: false },
  },
});
const GENERATOR = fileURLToPath(new URL('../cases/network/generate.mjs', import.meta.url));
const MEGABYTE = 1e6;
/** Long enough for the clock and for a garbage collection or two. */
const ROUND_BYTES = 30 * MEGABYTE;
/** Values of wp_options are mostly shorter than this, those of page builders longer. */
const SHORT_BYTES = 500;

const HOST = 'prod.example.edu';
const ONE_HOST: readonly RewriteRule[] = [{ from: HOST, to: 'stg.example.edu' }];
const HOSTS: readonly RewriteRule[] = [
  ...ONE_HOST,
  { from: 'cdn.example.edu', to: 'cdn.stg.example.edu' },
  { from: '*.example.edu', to: '*.stg.example.edu' },
];
const HOSTS_AND_PATH: readonly RewriteRule[] = [
  ...HOSTS,
  { from: '/uploads/sites/12/', to: '/uploads/sites/40/' },
];
const RULES: Readonly<Record<string, readonly RewriteRule[]>> = {
  'one host': ONE_HOST,
  'the hosts of a network': HOSTS,
  'and a path, which begins in most URLs of media': HOSTS_AND_PATH,
};

/** By name: does a value belong to this kind? The first kind that takes a value has it. */
const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  'no match': text => !text.includes(HOST),
  nested: text => /^[aOs]:\d/.test(text) && /s:\d+:"[aO]:\d+:/.test(text),
  'serialized, short': text => /^[aOs]:\d/.test(text) && text.length < SHORT_BYTES,
  'serialized, long': text => /^[aOs]:\d/.test(text),
  'JSON, blocks': text => text.startsWith('[{') || text.includes('<!-- wp:'),
  plain: () => true,
};

/** Together: the stream of serialized values that match, as a network has them. */
const SERIALIZED = ['nested', 'serialized, short', 'serialized, long'];

// As a run does it. The npm script begins with the young generation that loading the whole program brings.
limitHeap();

const sql = execFileSync(process.execPath, [GENERATOR, '--sites', flags.sites], { maxBuffer: 2 ** 30 });
const byKind = Map.groupBy(
  readTexts(sql.toString('utf8')),
  text => Object.keys(KINDS).find(kind => KINDS[kind]!(text))!,
);
for (const [name, rules] of Object.entries(RULES)) {
  const rewriter = createRewriter(rules);
  const rows = Object.keys(KINDS).map(kind => ({ kind, ...measure(rewriter, byKind.get(kind) ?? []) }));
  const serialized = SERIALIZED.flatMap(kind => byKind.get(kind) ?? []);
  rows.push({ kind: 'serialized, all', ...measure(rewriter, serialized) });
  console.log(`\nRules: ${name}`);
  console.table(Object.fromEntries(rows.map(({ kind, ...figures }) => [kind, figures])));
}
if (!flags['skip-hostile']) {
  console.log('\nValues made to break it');
  console.table(Object.fromEntries([...buildHostile()].map(([name, value]) => [name, time(value)])));
}

/** The string literals of INSERT statements. */
function* readTexts(statements: string): Generator<string> {
  const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0', Z: '\x1a' };
  for (const [, literal] of statements.matchAll(/'((?:[^'\\]|\\.)*)'/gs)) {
    if (literal !== '') yield literal!.replace(/\\(.)/gs, (_, char: string) => unescaped[char] ?? char);
  }
}

interface Figures {
  readonly values: number;
  readonly medianBytes: number;
  readonly 'MB/s': number;
  readonly 'best MB/s': number;
  readonly 'ns/value': number;
}

/** Medians of rounds, in CPU time: what else the machine does matters less then. It still does, by a factor of two where
 *  cores are shared: the best round is the one that was disturbed least. The values lie in one buffer, as
 *  those of a row do. */
function measure(rewriter: Rewriter, texts: readonly string[]): Figures {
  const all = Buffer.from(texts.join(''));
  let end = 0;
  const values = texts.map(text => {
    const start = end;
    end += Buffer.byteLength(text);
    return all.subarray(start, end);
  });
  const repeats = Math.ceil(ROUND_BYTES / all.length);
  const rounds: number[] = [];
  // The first rounds are for the compiler.
  for (let round = -2; round < Number(flags.rounds); round++) {
    const started = process.cpuUsage();
    for (let i = 0; i < repeats; i++) for (const value of values) rewriter.rewrite(value);
    const { user, system } = process.cpuUsage(started);
    if (round >= 0) rounds.push((user + system) / 1000);
  }
  const ms = median(rounds);
  const speed = (time: number): number => Math.round((all.length * repeats) / MEGABYTE / (time / 1000));
  return {
    values: texts.length,
    medianBytes: median(values.map(value => value.length)),
    'MB/s': speed(ms),
    'best MB/s': speed(Math.min(...rounds)),
    'ns/value': Math.round((ms * 1e6) / (values.length * repeats)),
  };
}

function* buildHostile(): Generator<[name: string, value: Buffer]> {
  const levels = 100_000;
  const string = `s:${HOST.length}:"${HOST}";`;
  yield ['100,000 arrays', Buffer.from('a:1:{i:0;'.repeat(levels) + string + '}'.repeat(levels))];
  yield ['100,000 arrays, never closed', Buffer.from('a:1:{i:0;'.repeat(levels) + string)];
  yield ['100,000 strings in strings', nestStrings(levels)];
  for (const length of ['9007199254740992', '18446744073709551616']) {
    yield [`a length of ${length}`, Buffer.from(`s:${length}:"${HOST}";`)];
    yield [`a count of ${length}`, Buffer.from(`a:${length}:{i:0;${string}}`)];
  }
  const size = 64 * MEGABYTE;
  const body = Buffer.alloc(size, `some text and https://${HOST}/page, then more of it. `);
  yield ['64 MB of text', body];
  yield ['64 MB, one string', Buffer.concat([Buffer.from(`s:${size}:"`), body, Buffer.from('";')])];
  yield ['64 MB, heads without an end', Buffer.concat([Buffer.alloc(size, 'a:1:{i:0;'), Buffer.from(HOST)])];
  yield ['64 MB, broken strings', Buffer.alloc(size, `s:5:"${HOST}";`)];
  yield ['64 MB of backslashes', Buffer.concat([Buffer.alloc(size, '\\'), Buffer.from(` ${HOST}`)])];
  yield ['64 MB, serialized in a URL', Buffer.alloc(size, encodeURIComponent(string))];
  yield ['64 MB of percent signs', Buffer.concat([Buffer.alloc(size, '%25'), Buffer.from(HOST)])];
}

function nestStrings(levels: number): Buffer {
  const heads: string[] = [];
  let length = HOST.length;
  for (let i = 0; i < levels; i++) {
    const head = `s:${length}:"`;
    heads.push(head);
    length += head.length + 2;
  }
  return Buffer.from(heads.reverse().join('') + HOST + '";'.repeat(levels));
}

function time(value: Buffer): { readonly ms: number; readonly matches: number; readonly left: string } {
  const rewriter = createRewriter(HOSTS_AND_PATH);
  const startedAt = performance.now();
  const { matches, left } = rewriter.rewrite(value);
  return { ms: Math.round(performance.now() - startedAt), matches, left: left.join(', ') };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
