// docs/formats/run-directory.md is a promise to those who read a run's files: it has every word that the code may write.

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** What `pattern` captures in the part of a source file that begins with `from`, up to the next `until`. */
async function listWords(path: string, from: string, until: string, pattern: RegExp): Promise<string[]> {
  const text = await read(path);
  const start = text.indexOf(from);
  expect(start, `${from} in ${path}`).toBeGreaterThanOrEqual(0);
  const part = text.slice(start, text.indexOf(until, start));
  return [...part.matchAll(pattern)].map(match => match[1]!);
}

const EVENTS = 'src/migration/events.ts';

it.each([
  ['event', EVENTS, 'export type MigrationEvent', 'export type EventType', /\btype: '([\w.]+)'/g, 27],
  ['kind of resource', EVENTS, 'readonly kind:', ';', /'(\w+)'/g, 4],
  ['policy', 'src/migration/policy.ts', 'export interface RunPolicy', '\n}', /readonly (\w+)\??:/g, 9],
  ['phase', 'src/migration/words.ts', 'const PHASES', ']', /'(\w+)'/g, 5],
  ['step', 'src/migration/words.ts', 'const STEPS', ']', /'(\w+)'/g, 8],
  ['status', 'src/migration/words.ts', 'export type PhaseStatus', '/**', /'(\w+)'/g, 15],
] as const)('every %s of the code stands in it', async (_, path, from, until, pattern, atLeast) => {
  const words = await listWords(path, from, until, pattern);
  // Else the pattern doesn't fit the code any more.
  expect(words.length).toBeGreaterThanOrEqual(atLeast);
  const document = await read('docs/formats/run-directory.md');
  expect(words.filter(word => !document.includes(`\`${word}\``))).toEqual([]);
});
