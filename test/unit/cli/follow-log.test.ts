// The journal of a run that goes on, read by its growth.

import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followLog } from '../../../src/cli/follow-log.ts';
import type { Recorded } from '../../../src/migration/events.ts';
import { takeRunLock } from '../../../src/migration/lock.ts';
import { RunDirectory } from '../../../src/migration/run-directory.ts';

let directory: RunDirectory;
beforeEach(async () => {
  directory = new RunDirectory(await mkdtemp(join(tmpdir(), 'wfuwp-follow-')));
});
afterEach(() => rm(directory.path, { recursive: true }));

const lineOf = (seq: number, more: object = {}): string =>
  `${JSON.stringify({ seq, at: '2026-11-21T02:30:00.000Z', level: 'info', type: 'phase.started', phase: 'sites', ...more })}\n`;

const ended = (seq: number): string => lineOf(seq, { type: 'migration.ended', status: 'completed' });

interface Seen {
  readonly lines: number[];
  readonly said: string[];
}

async function follow(
  then: (line: Recorded) => Promise<void> = async () => {},
  signal = new AbortController().signal,
): Promise<Seen> {
  const seen: Seen = { lines: [], said: [] };
  const say = (text: string): void => void seen.said.push(text);
  for await (const line of followLog({ directory, wants: () => true, signal, say, intervalMs: 20 })) {
    seen.lines.push(line.seq);
    await then(line);
  }
  return seen;
}

it('goes on in the copy that a resume puts in the place of a journal with a torn end', async () => {
  const lock = await takeRunLock(directory.lock);
  await writeFile(directory.journal, `${lineOf(1)}${lineOf(2)}{"seq":3,"at":"20`);
  const seen = await follow(async ({ seq }) => {
    if (seq !== 2) return;
    const copy = `${directory.journal}.1.tmp`;
    await writeFile(copy, `${lineOf(1)}${lineOf(2)}${lineOf(3)}${ended(4)}`);
    await rename(copy, directory.journal);
    await lock[Symbol.asyncDispose]();
  });
  expect(seen).toEqual({ lines: [1, 2, 3, 4], said: [] });
});

it('reads lines that are longer than what is read at once, and letters of several bytes, from the right place', async () => {
  const lock = await takeRunLock(directory.lock);
  const long = { reason: 'ü…'.repeat(200_000) };
  await writeFile(directory.journal, lineOf(1, long) + lineOf(2, long));
  const seen = await follow(async ({ seq }) => {
    if (seq !== 2) return;
    await appendFile(directory.journal, lineOf(3, long) + ended(4));
    await lock[Symbol.asyncDispose]();
  });
  expect(seen).toEqual({ lines: [1, 2, 3, 4], said: [] });
});

it('ends in the middle of what is there when it is told to, and says nothing of the run', async () => {
  await writeFile(directory.journal, [1, 2, 3, 4].map(seq => lineOf(seq)).join(''));
  const stop = new AbortController();
  const seen = await follow(async ({ seq }) => {
    if (seq === 2) stop.abort();
  }, stop.signal);
  expect(seen).toEqual({ lines: [1, 2], said: [] });
});

it('refuses a journal that became shorter', async () => {
  await using lock = await takeRunLock(directory.lock);
  lock.prove();
  await writeFile(directory.journal, lineOf(1) + lineOf(2));
  const reading = follow(async ({ seq }) => {
    if (seq === 2) await writeFile(directory.journal, lineOf(1));
  });
  await expect(reading).rejects.toMatchObject({ code: 'migration_unreadable' });
});

it('tells a run that nobody works on from one that has ended', async () => {
  await writeFile(directory.journal, lineOf(1));
  expect((await follow()).said).toEqual(['Interrupted: nobody works on the run.']);
  await writeFile(directory.journal, lineOf(1) + ended(2));
  expect((await follow()).said).toEqual([]);
});
