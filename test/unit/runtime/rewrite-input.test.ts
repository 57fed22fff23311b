import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../../src/rewrite/explain.ts';
import { type InputOptions, rewriteInput } from '../../../src/runtime/rewrite-input.ts';

const rules = [{ from: 'prod.example.edu', to: 'staging.example.edu' }];

async function* split(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function pass(bytes: Buffer, options: Partial<InputOptions> & { size?: number } = {}) {
  const { size = 64_000, ...rest } = options;
  const { output, left } = rewriteInput(split(bytes, size), { rules, byLine: false, ...rest });
  const pieces: Buffer[] = [];
  for await (const piece of output) pieces.push(piece);
  return { bytes: Buffer.concat(pieces), left };
}

interface Vector {
  readonly id: string;
  readonly rules: InputOptions['rules'];
  readonly inputB64: string;
  readonly expectedB64: string;
}
const file = new URL('../../cases/rewrite/vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Vector[] };

describe('the input as one value', () => {
  it.each(cases)('$id, in pieces', async ({ inputB64, expectedB64, ...vector }) => {
    const { bytes } = await pass(Buffer.from(inputB64, 'base64'), { rules: vector.rules, size: 7 });
    expect(bytes.toString('base64')).toBe(expectedB64);
  });

  it('keeps lengths right before a line feed', async () => {
    const { bytes } = await pass(Buffer.from('s:16:"prod.example.edu";\n'));
    expect(bytes.toString()).toBe('s:19:"staging.example.edu";\n');
  });

  it('may be empty', async () => {
    expect((await pass(Buffer.alloc(0))).bytes).toHaveLength(0);
  });
});

describe('a value on each line', () => {
  // Some change and some don't, with either end of line, empty ones, and binary ones.
  const lines = [
    'prod.example.edu',
    '',
    'x',
    's:16:"prod.example.edu";',
    '\xff\0\r',
    's:3:"prod.example.edu";',
    'x',
  ];
  const text = Buffer.from(`${lines.join('\n')}\nprod.example.edu`, 'latin1');
  const expected = text
    .toString('latin1')
    .replace('prod', 'staging')
    .replace('s:16:"prod', 's:19:"staging')
    .replace(/prod(?=\.example\.edu$)/, 'staging');

  it.each([1, 2, 3, 16, 17, 1000])('in pieces of %d bytes', async size => {
    const { bytes, left } = await pass(text, { byLine: true, size });
    expect(bytes.toString('latin1')).toBe(expected);
    expect([...left]).toEqual([['broken_serialized', 1]]);
  });

  it.each(['', '\n', '\n\n', 'x\n'])('%j stays', async whole => {
    const { bytes } = await pass(Buffer.from(whole), { byLine: true, size: 1 });
    expect(bytes.toString()).toBe(whole);
  });

  it('explains each under its number', async () => {
    const seen: [number | null, Explanation['matches'][number]['offset'][]][] = [];
    const { bytes } = await pass(text, {
      byLine: true,
      size: 5,
      explain: ({ matches }, line) => seen.push([line, matches.map(match => match.offset)]),
    });
    expect(bytes.toString('latin1')).toBe(expected);
    expect(seen.filter(([, offsets]) => offsets.length > 0)).toEqual([
      [1, [0]],
      [4, [6]],
      [8, [0]],
    ]);
  });
});

describe('more than the memory shall hold', () => {
  const megabyte = Buffer.alloc(1_000_000, 'x');
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield megabyte;
  }
  async function* endlessLines(): AsyncGenerator<Buffer> {
    yield megabyte;
    for (let i = 0; i < 300; i++) yield Buffer.concat([Buffer.from('\n'), megabyte]);
  }

  it.each([
    ['one value', false, undefined, 'The input is too big for one value: more than 256 MB.'],
    ['one value, explained', false, () => {}, 'The input is too big for one value: more than 16.0 MB.'],
    ['a line', true, undefined, 'A line is too big for one value: more than 256 MB.'],
  ])('%s is refused', async (_, byLine, explain, message) => {
    const { output } = rewriteInput(endless(), { rules, byLine, explain });
    await expect(output[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'usage', message });
  });

  it('is no matter where the lines are shorter', async () => {
    let size = 0;
    for await (const piece of rewriteInput(endlessLines(), { rules, byLine: true }).output)
      size += piece.length;
    expect(size).toBe(301_000_300);
  });
});
