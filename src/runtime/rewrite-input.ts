// A stream of bytes through the rewriting engine: as one value, or line by line.

import { MigrationError } from '../errors.ts';
import { formatBytes } from '../lib/format.ts';
import { createExplainer, type Explanation } from '../rewrite/explain.ts';
import {
  createRewriter,
  type LeftReason,
  type RewriteOptions,
  type RewriteRule,
} from '../rewrite/rewriter.ts';

/** A value is held in memory, twice when it changes. */
const MOST_BYTES = 256_000_000;
/** Each match of an explained value takes some hundred bytes. */
const MOST_EXPLAINED_BYTES = 16_000_000;
const LINE_FEED = 0x0a;

interface Outcome {
  readonly value: Buffer;
  readonly changed: boolean;
  readonly left: readonly LeftReason[];
}

export interface InputOptions extends RewriteOptions {
  readonly rules: readonly RewriteRule[];
  readonly byLine: boolean;
  /** Asks for an explanation of each value. Lines count from 1; null: the input is one value. */
  readonly explain?: ((explanation: Explanation, line: number | null) => void) | undefined;
}

/** What was left because it could not be changed without harm: how many values, by reason. */
export type LeftCounts = ReadonlyMap<LeftReason, number>;

export interface InputRewriting {
  /** The rewritten bytes, piece by piece. Fails with `usage` when a value is too big. */
  readonly output: AsyncIterable<Buffer>;
  /** Of the values that went through so far. */
  readonly left: LeftCounts;
}

/** Fails with `config_invalid` when a rule can't be used; reads nothing before the output is asked for. */
export function rewriteInput(input: AsyncIterable<Buffer>, options: InputOptions): InputRewriting {
  const { rules, byLine, explain } = options;
  const left = new Map<LeftReason, number>();
  const rewrite =
    explain === undefined ? createRewriter(rules, options).rewrite : explainEach(options, explain);
  const rewriteValue = (value: Buffer, line: number | null): Outcome => {
    const outcome = rewrite(value, line);
    for (const reason of outcome.left) left.set(reason, (left.get(reason) ?? 0) + 1);
    return outcome;
  };
  const mostBytes = explain === undefined ? MOST_BYTES : MOST_EXPLAINED_BYTES;
  const output = byLine
    ? rewriteLines(input, rewriteValue, mostBytes)
    : rewriteWhole(input, rewriteValue, mostBytes);
  return { output, left };
}

function explainEach(
  options: InputOptions,
  explain: NonNullable<InputOptions['explain']>,
): (value: Buffer, line: number | null) => Outcome {
  const explainValue = createExplainer(options.rules, options);
  return (value, line) => {
    const explanation = explainValue(value);
    explain(explanation, line);
    return explanation;
  };
}

type RewriteValue = (value: Buffer, line: number | null) => Outcome;

async function* rewriteWhole(
  input: AsyncIterable<Buffer>,
  rewriteValue: RewriteValue,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > mostBytes) {
      throw new MigrationError(
        'usage',
        `The input is too big for one value: more than ${formatBytes(mostBytes)}.`,
        { hint: 'With --lines each line is a value of its own, and the input may be of any length.' },
      );
    }
    chunks.push(chunk);
  }
  yield rewriteValue(Buffer.concat(chunks), null).value;
}

async function* rewriteLines(
  input: AsyncIterable<Buffer>,
  rewriteValue: RewriteValue,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  let line = 0;
  for await (const block of readWholeLines(input, mostBytes)) {
    const pieces: Buffer[] = [];
    // What doesn't change goes out in stretches as long as possible.
    let unchanged = 0;
    for (let start = 0; start < block.length; ) {
      const feed = block.indexOf(LINE_FEED, start);
      const end = feed < 0 ? block.length : feed;
      const outcome = rewriteValue(block.subarray(start, end), ++line);
      if (outcome.changed) {
        pieces.push(block.subarray(unchanged, start), outcome.value);
        unchanged = end;
      }
      start = end + 1;
    }
    yield pieces.length === 0 ? block : Buffer.concat([...pieces, block.subarray(unchanged)]);
  }
}

/** Blocks that end in a line feed; the last one may do without. */
async function* readWholeLines(input: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield Buffer.concat([...begun, chunk.subarray(0, end)]);
      begun = [];
      size = 0;
    }
    if (end < chunk.length) begun.push(chunk.subarray(end));
    size += chunk.length - end;
    if (size > mostBytes) {
      throw new MigrationError(
        'usage',
        `A line is too big for one value: more than ${formatBytes(mostBytes)}.`,
      );
    }
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}
