// Patterns of names against values of rows: most rows are settled by one byte.

import { compileWildcard } from '../lib/wildcard.ts';
import type { TreatedRow } from './row-rule.ts';

/** Is the row's value in that column one of those named? NULL is none. */
export type ValueMatcher = (row: TreatedRow, column: number) => boolean;

/** In any letter case, as WordPress's own collations compare; `*` stands for any text. */
export function compileMatcher(patterns: readonly string[]): ValueMatcher {
  const firsts = listFirstBytes(patterns);
  const matches = compileNames(patterns);
  return (row, column) => {
    const start = row.starts[column]!;
    const end = row.ends[column]!;
    if (start < 0) return false;
    const buffer = row.buffers[column]!;
    if (firsts[start < end ? buffer[start]! : 0] === 0) return false;
    return matches(buffer.toString('latin1', start, end));
  };
}

/** The same for names at hand. */
export function compileNames(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')).map(name => name.toLowerCase()));
  const starts = patterns.filter(isPrefix).map(pattern => pattern.slice(0, -1).toLowerCase());
  const others = patterns
    .filter(pattern => pattern.includes('*') && !isPrefix(pattern))
    .map(pattern => compileWildcard(pattern));
  return name => {
    const folded = name.toLowerCase();
    if (exact.has(folded)) return true;
    for (const start of starts) if (folded.startsWith(start)) return true;
    for (const other of others) if (other.test(folded)) return true;
    return false;
  };
}

const isPrefix = (pattern: string): boolean => pattern.indexOf('*') === pattern.length - 1;

/** 1 for the bytes with which a matching value may begin. Nothing is a value that begins with 0. */
function listFirstBytes(patterns: readonly string[]): Uint8Array {
  const firsts = new Uint8Array(256);
  for (const pattern of patterns) {
    if (pattern.startsWith('*')) firsts.fill(1);
    else {
      firsts[Buffer.from(pattern.toLowerCase(), 'latin1')[0] ?? 0] = 1;
      firsts[Buffer.from(pattern.toUpperCase(), 'latin1')[0] ?? 0] = 1;
    }
  }
  return firsts;
}
