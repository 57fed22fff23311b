// The journal as a chain, and what of a damaged one is told.

import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { Journal, readJournal } from '../../../src/migration/journal.ts';
import { readJournalBackwards, readJournalLines } from '../../../src/migration/journal-lines.ts';
import { Recorder } from '../../../src/migration/recorder.ts';
import { initialState } from '../../../src/migration/state.ts';
import type { MigrationId } from '../../../src/migration/words.ts';

const started = (id: string): MigrationEvent => ({
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: 'd',
  siteIds: [1, 2],
  network: true,
  pid: 1,
  host: 'h',
  migrationId: id as MigrationId,
  files: { plan: `plan of ${id}`, options: 'o' },
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-chain-'));
  path = join(folder, 'migration-journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

/** Lines of a run, without the ends of lines. */
async function record(id: string, count = 12): Promise<string[]> {
  const file = join(folder, id);
  await using journal = await Journal.open(file);
  const recorder = new Recorder({ journal, state: initialState(id as MigrationId), sinks: [] });
  await recorder.record(started(id));
  for (let left = count; left > 1; left -= 1)
    await recorder.record({ type: 'check.reported', code: `c${left}`, outcome: 'passed', message: 'fine' });
  return (await readFile(file, 'utf8')).trimEnd().split('\n');
}

const isSound = async (): Promise<boolean> =>
  readJournal(path).then(
    () => true,
    () => false,
  );

async function readBackwards(): Promise<number> {
  let count = 0;
  for await (const _ of readJournalBackwards(path)) count += 1;
  return count;
}

describe('a journal that is not what was written', () => {
  it('is told, whatever line was changed, lost, doubled, moved or brought from another run', async () => {
    const lines = await record('run-a');
    const others = await record('run-b');
    const line = fc.nat({ max: lines.length - 2 });
    await fc.assert(
      fc.asyncProperty(
        line,
        line,
        fc.constantFrom('edit', 'lose', 'double', 'swap', 'tail', 'unlink'),
        async (at, to, kind) => {
          const damaged = {
            edit: () =>
              lines.with(
                at,
                lines[at]!.replace(/"host":"h"|"fine"/, found => `${found.slice(0, -1)}!"`),
              ),
            lose: () => lines.toSpliced(at, 1),
            double: () => lines.toSpliced(at, 0, lines[at]!),
            swap: () => lines.with(at, lines[to]!).with(to, lines[at]!),
            tail: () => [...lines.slice(0, at + 1), ...others.slice(at + 1)],
            unlink: () => lines.with(at + 1, lines[at + 1]!.replace(/,"prev":"[^"]+"/, '')),
          }[kind]();
          if (damaged.join() === lines.join()) return;
          await writeFile(path, `${damaged.join('\n')}\n`);
          expect(await isSound(), kind).toBe(false);
          await expect(readBackwards(), kind).rejects.toMatchObject({ code: 'migration_unreadable' });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('says the first line that is not sound, after those that are', async () => {
    const lines = await record('run-a');
    await writeFile(path, `${lines.with(4, lines[4]!.replace('fine', 'fire')).join('\n')}\n`);
    const read: number[] = [];
    await expect(async () => {
      for await (const line of readJournalLines(path)) read.push(line.seq);
    }).rejects.toMatchObject({ details: { line: 6 } });
    expect(read).toEqual([1, 2, 3, 4, 5]);
  });

  it('is sound when it is cut between two lines or in one: that is for others to tell', async () => {
    const lines = await record('run-a');
    const text = `${lines.join('\n')}\n`;
    for (const size of [0, 1, lines[0]!.length, lines[0]!.length + 1, text.length - 1]) {
      await writeFile(path, text);
      await truncate(path, size);
      expect(await isSound()).toBe(true);
    }
  });

  it('that an older version has begun has no chain at first, and none that ends again', async () => {
    const old = ['{"seq":1,"type":"migration.draining"}', '{"seq":2,"type":"migration.draining"}'];
    await writeFile(path, `${old.join('\n')}\n`);
    const before = await readJournal(path);
    expect(before).toMatchObject({ isProven: false, lines: [{ seq: 1 }, { seq: 2 }] });
    const state = { ...initialState('run-a' as MigrationId), lastSeq: 2, lastHash: before.hashes[1]! };
    {
      await using journal = await Journal.open(path, { end: before });
      const recorder = new Recorder({ journal, state, sinks: [] });
      await recorder.record({ type: 'migration.draining', reason: 'test' });
    }
    const after = await readJournal(path);
    expect(after.lines[2]).toMatchObject({ seq: 3, prev: before.hashes[1] });
    await appendFile(path, '{"seq":4,"type":"migration.draining"}\n');
    expect(await isSound()).toBe(false);
  });
});

describe('going on with a journal', () => {
  const goOn = async (): Promise<Recorder & { close(): Promise<void> }> => {
    const end = await readJournal(path);
    const journal = await Journal.open(path, { end });
    const state = {
      ...initialState('run-a' as MigrationId),
      lastSeq: end.lines.length,
      lastHash: end.hashes.at(-1)!,
    };
    return Object.assign(new Recorder({ journal, state, sinks: [] }), {
      close: () => journal[Symbol.asyncDispose](),
    });
  };
  const event: MigrationEvent = { type: 'migration.draining', reason: 'test' };

  it('cuts off a torn line, and goes on at the end of the others', async () => {
    await writeFile(path, `${(await record('run-a')).join('\n')}\n{"seq":13,"a`);
    const recorder = await goOn();
    await recorder.record(event);
    await recorder.close();
    expect((await readJournal(path)).lines.map(line => line.seq)).toEqual(
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
  });

  it('C01 whoever held it before writes nothing into it any more, and is told', async () => {
    await writeFile(path, `${(await record('run-a')).join('\n')}\n`);
    const first = await goOn();
    await first.record(event);
    const second = await goOn();
    await expect(first.record(event)).rejects.toMatchObject({ code: 'locked', scope: 'migration' });
    await second.record(event);
    await expect(first.record(event)).rejects.toMatchObject({ code: 'locked' });
    await Promise.all([first.close(), second.close()]);
    expect((await readJournal(path)).lines).toHaveLength(14);
  });

  it('is refused when somebody writes to it meanwhile', async () => {
    await writeFile(path, `${(await record('run-a')).join('\n')}\n`);
    const end = await readJournal(path);
    await appendFile(path, '{"seq":13');
    await expect(Journal.open(path, { end })).rejects.toMatchObject({ code: 'locked' });
    expect(await readFile(path, 'utf8')).toContain('{"seq":13');
  });

  it('stops when somebody else has written to it', async () => {
    await writeFile(path, `${(await record('run-a')).join('\n')}\n`);
    const recorder = await goOn();
    await appendFile(path, 'x');
    await expect(recorder.record(event)).rejects.toMatchObject({ code: 'locked' });
    await recorder.close();
  });

  it('asks for the lock before each write', async () => {
    await using journal = await Journal.open(path, {
      proveLock() {
        throw new Error('lost');
      },
    });
    await expect(journal.append('{}')).rejects.toThrow('lost');
    expect(await readFile(path, 'utf8')).toBe('');
  });
});
