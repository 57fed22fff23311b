import { appendFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MigrationEvent, Recorded } from '../../../src/migration/events.ts';
import { Journal, readJournal } from '../../../src/migration/journal.ts';
import { Recorder } from '../../../src/migration/recorder.ts';
import { foldEvent, initialState } from '../../../src/migration/state.ts';
import type { MigrationId } from '../../../src/migration/words.ts';

const ID = 'env-migrate-2026-11-21T02-30-00-abc123' as MigrationId;
const started: MigrationEvent = {
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: 'd',
  siteIds: [1, 4],
  network: true,
  pid: 1,
  host: 'h',
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-journal-'));
  path = join(folder, 'migration-journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

describe('journal', () => {
  it('holds one JSON object a line, in the order of the calls, and folds to the live state', async () => {
    const journal = await Journal.open(path);
    const recorder = new Recorder({
      journal,
      state: initialState(ID),
      sinks: [],
      now: () => new Date('2026-11-21T02:30:00Z'),
    });
    await recorder.record(started);
    await Promise.all([
      recorder.record({ type: 'site.started', siteId: 4, attempt: 1 }),
      recorder.record({ type: 'site.started', siteId: 1, attempt: 1 }),
      recorder.record({ type: 'step.started', siteId: 4, step: 'inspect', attempt: 1 }),
    ]);
    await recorder.record({ type: 'site.completed', siteId: 4, rows: 10, bytes: 100 });
    await journal[Symbol.asyncDispose]();

    const lines = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Recorded);
    expect(lines.map(line => [line.seq, line.type])).toEqual([
      [1, 'migration.started'],
      [2, 'site.started'],
      [3, 'site.started'],
      [4, 'step.started'],
      [5, 'site.completed'],
    ]);
    expect(lines[1]).toMatchObject({
      at: '2026-11-21T02:30:00.000Z',
      level: 'info',
      correlationId: 'abc123/4',
      siteId: 4,
    });

    const folded = initialState(ID);
    const { lines: read, hashes } = await readJournal(path);
    for (const [index, line] of read.entries()) foldEvent(folded, line, hashes[index]);
    expect(folded).toEqual(recorder.state);
    expect(folded.sites[4]?.status).toBe('completed');
    expect(folded.sites[1]?.status).toBe('in_progress');
  });

  it('has the line on the disk when record() resolves', async () => {
    const journal = await Journal.open(path);
    await new Recorder({ journal, state: initialState(ID), sinks: [] }).record(started);
    expect(await readFile(path, 'utf8')).toContain('"migration.started"');
    await journal[Symbol.asyncDispose]();
  });

  it.each([
    { followedBy: 'another line', next: (recorder: Recorder) => recorder.record(started) },
    { followedBy: 'nothing', next: () => {} },
    {
      followedBy: 'the end of the run',
      next: (_: Recorder, journal: Journal) => journal[Symbol.asyncDispose](),
    },
  ])('has a line on the disk that nobody waits for, in its place, followed by $followedBy', async how => {
    const journal = await Journal.open(path);
    const recorder = new Recorder({ journal, state: initialState(ID), sinks: [] });
    await recorder.record(started);
    const notes = [1, 4].map((siteId): MigrationEvent => ({ type: 'site.started', siteId, attempt: 1 }));
    for (const event of notes) recorder.note(event);
    await how.next(recorder, journal);
    await vi.waitFor(() => expect(recorder.state.sites[4]?.status).toBe('in_progress'));
    expect((await readJournal(path)).lines.slice(0, 3)).toMatchObject([started, ...notes]);
    await journal[Symbol.asyncDispose]();
  });

  it('leaves out a torn last line', async () => {
    const journal = await Journal.open(path);
    await new Recorder({ journal, state: initialState(ID), sinks: [] }).record(started);
    await journal[Symbol.asyncDispose]();
    const whole = (await readFile(path)).length;
    await appendFile(path, '{"seq":2,"at":"2026-11-2');
    expect(await readJournal(path)).toMatchObject({ torn: true, soundBytes: whole, lines: [{ seq: 1 }] });
  });

  it('refuses damage in the middle, and says which line', async () => {
    await writeFile(
      path,
      '{"seq":1,"type":"migration.draining"}\n{"seq":2,"ty\n{"seq":3,"type":"migration.draining"}\n',
    );
    await expect(readJournal(path)).rejects.toMatchObject({
      code: 'migration_unreadable',
      details: { line: 2 },
    });
  });

  it('refuses a gap in the numbers', async () => {
    await writeFile(path, '{"seq":1,"type":"migration.draining"}\n{"seq":3,"type":"migration.draining"}\n');
    await expect(readJournal(path)).rejects.toMatchObject({
      code: 'migration_unreadable',
      details: { line: 2 },
    });
  });

  it('writes nothing after a write that failed: a gap must not be followed by a line', async () => {
    const full = await open('/dev/full', 'w').catch(() => null);
    if (!full) return expect(process.platform).not.toBe('linux');
    await full.close();
    const journal = await Journal.open('/dev/full');
    const recorder = new Recorder({ journal, state: initialState(ID), sinks: [] });
    recorder.note(started);
    await expect(recorder.record(started)).rejects.toMatchObject({ code: 'space', scope: 'migration' });
    await expect(recorder.record(started)).rejects.toMatchObject({ code: 'space' });
    expect(recorder.state.status).toBe('running');
    expect(recorder.state.lastSeq).toBe(0);
    await journal[Symbol.asyncDispose]();
  });
});

describe('recorder', () => {
  it('goes on without a sink that throws', async () => {
    const seen: number[] = [];
    const journal = { append: async () => {} };
    const broken = {
      name: 'broken',
      onEvent: () => {
        throw new Error('display');
      },
    };
    const good = { name: 'good', onEvent: (line: Recorded) => void seen.push(line.seq) };
    const recorder = new Recorder({ journal, state: initialState(ID), sinks: [broken, good] });
    await recorder.record(started);
    await recorder.record({ type: 'migration.draining', reason: 'test' });
    expect(seen).toEqual([1, 2]);
  });
});
