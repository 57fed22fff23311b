import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { PHASES } from '../../../src/migration/words.ts';
import type { Sink } from '../../../src/sinks/sink.ts';
import { createTerminal } from '../../../src/sinks/terminal.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const FRAME_MS = 200;
const plan = samplePlan(60);
const error = { code: 'access', message: 'SELECT denied', scope: 'site', hint: 'Grant SELECT.' } as const;

let screen: FakeTerminal;
let journal: SampleJournal;
let sink: Sink;
let now = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  screen = new FakeTerminal();
  journal = new SampleJournal();
  now = 0;
  sink = createTerminal({ plan, stream: screen.asStream(), now: () => now });
});
afterEach(async () => {
  await sink.close?.();
  vi.useRealTimers();
});

function tell(event: MigrationEvent): void {
  sink.onEvent?.(journal.fold(event), journal.state);
}

/** The display loads its parts before the first frame. */
async function open(): Promise<void> {
  tell({ type: 'phase.started', phase: 'sites' });
  await vi.waitFor(() => expect(screen.text).toContain(HIDE_CURSOR));
  await new Promise(resolve => setImmediate(resolve));
}

function drawFrame(): string {
  now += FRAME_MS;
  const before = screen.writes.length;
  vi.advanceTimersByTime(FRAME_MS);
  return stripVTControlCharacters(screen.writes.slice(before).join(''));
}

function takeOff(siteIds: number[]): void {
  for (const siteId of siteIds) {
    tell({ type: 'site.started', siteId, attempt: 1 });
    tell({ type: 'step.started', siteId, step: 'copy_tables', attempt: 1 });
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const countRows = (frame: string): number => frame.match(/copying tables/g)?.length ?? 0;

describe('a frame', () => {
  it('has a headline and a row for each site in flight', async () => {
    await open();
    takeOff([1, 2]);
    const lines = drawFrame().trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\S 0 of 60 sites · 0 % · 0 B\/s$/);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^ {2}\S 1 prod\.example\.edu +copying tables +0:00$/),
      expect.stringMatching(/^ {2}\S 2 art2\.prod\.example\.edu +copying tables +0:00$/),
    ]);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(screen.columns);
  });

  it('comes at its pace, however much happens', async () => {
    await open();
    takeOff([1]);
    const before = screen.writes.length;
    for (let count = 0; count < 10_000; count += 1) {
      sink.onTick?.({ siteId: 1, step: 'copy_tables', table: 'wp_posts', rows: 1, bytes: 1 });
    }
    takeOff(upTo(20));
    expect(screen.writes).toHaveLength(before);
    drawFrame();
    expect(screen.writes).toHaveLength(before + 1);
  });

  it.each([
    [60, 25, 25],
    [24, 21, 25],
    [10, 7, 25],
  ])('of a screen with %d lines has at most %d rows of %d sites', async (rows, shown, inFlight) => {
    screen.rows = rows;
    await open();
    takeOff(upTo(inFlight));
    const frame = drawFrame();
    expect(countRows(frame)).toBe(shown);
    expect(frame.includes('more in flight')).toBe(shown < inFlight);
    expect(frame.trimEnd().split('\n').length).toBeLessThan(rows);
  });

  it('counts the sites it has no row for', async () => {
    screen.rows = 100;
    await open();
    takeOff(upTo(40));
    expect(drawFrame()).toContain('… and 15 more in flight');
  });

  it('keeps a site in its row while others come and go', async () => {
    await open();
    takeOff([1, 2, 3]);
    drawFrame();
    tell({ type: 'site.completed', siteId: 1, rows: 1, bytes: 1 });
    takeOff([4]);
    const frame = drawFrame();
    const order = ['4 chemistry4', '2 art2', '3 biology3'].map(name => frame.indexOf(name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('has more rows and fewer as the concurrency changes', async () => {
    await open();
    const counts = [2, 12, 3, 1].map(inFlight => {
      for (const siteId of upTo(40)) tell({ type: 'site.aborted', siteId, reason: 'over' });
      takeOff(upTo(inFlight));
      return countRows(drawFrame());
    });
    expect(counts).toEqual([2, 12, 3, 1]);
  });
});

describe('trouble', () => {
  it('is printed above the rows with what to do, and only once', async () => {
    await open();
    takeOff([2, 3]);
    drawFrame();
    tell({ type: 'step.failed', siteId: 2, step: 'copy_tables', error });
    tell({ type: 'site.failed', siteId: 2, error });
    drawFrame();
    await vi.waitFor(() => expect(screen.text).toContain('FAILED'));
    const failure = '✖ site 2 art2.prod.example.edu: FAILED. SELECT denied [access]\n  → Grant SELECT.\n';
    const after = screen.text.slice(screen.text.indexOf(failure));
    expect(screen.text).toContain(failure);
    await vi.waitFor(() => drawFrame());
    expect(stripVTControlCharacters(after)).toContain('1 failed');
    await sink.close?.();
    expect(screen.text.split('FAILED')).toHaveLength(2);
  });

  it('on the source, and what an operator has asked, stays to be read', async () => {
    await open();
    journal.fold({
      type: 'migration.tuned',
      request: 'r',
      by: 'ann@a',
      pace: { concurrency: 'auto', level: 4, startsPaused: false },
    });
    takeOff([2]);
    const pace = { concurrency: 'auto', level: 2, startsPaused: true, pausedBy: 'ann@a' } as const;
    tell({ type: 'concurrency.changed', from: 4, to: 6, cause: 'throughput', reason: 'to see' });
    tell({ type: 'concurrency.changed', from: 6, to: 3, cause: 'source', reason: 'it is busy' });
    tell({ type: 'migration.tuned', request: 'r', by: 'ann@a', pace });
    expect(drawFrame()).toContain('Paused, 1 in flight');
    await vi.waitFor(() => expect(screen.text).toContain('Paused by ann@a'));
    expect(screen.text).toContain('! Concurrency 6 → 3: it is busy.');
    expect(screen.text).not.toContain('to see');
  });

  it('that no frame has shown yet is printed when the display closes', async () => {
    await open();
    tell({ type: 'check.reported', code: 'free_space', outcome: 'warning', message: 'Little is free.' });
    await sink.close?.();
    expect(screen.text).toContain('! Check free_space: WARNING. Little is free.\n');
  });
});

describe('the end', () => {
  it('gives the cursor back and takes the rows away', async () => {
    await open();
    takeOff([1]);
    drawFrame();
    await sink.close?.();
    expect(screen.text.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.text.lastIndexOf(HIDE_CURSOR));
    expect(screen.text.lastIndexOf('\u001b[2K')).toBeGreaterThan(screen.text.lastIndexOf('copying'));
  });

  it('is the end: nothing is written after it', async () => {
    await open();
    await sink.close?.();
    const before = screen.writes.length;
    tell({ type: 'site.failed', siteId: 1, error });
    drawFrame();
    await sink.close?.();
    expect(screen.writes).toHaveLength(before);
  });

  it('may come before the first event, and before the display is up', async () => {
    await sink.close?.();
    expect(screen.writes).toEqual([]);
    const other = createTerminal({ plan, stream: screen.asStream() });
    other.onEvent?.(journal.fold({ type: 'phase.started', phase: 'sites' }), journal.state);
    await other.close?.();
    expect(screen.text.endsWith(SHOW_CURSOR)).toBe(true);
  });

  it('of the process itself gives the cursor back', async () => {
    await open();
    const listener = process.listeners('exit').at(-1);
    listener?.call(process, 0);
    expect(screen.writes.at(-1)).toBe(SHOW_CURSOR);
    const before = process.listenerCount('exit');
    await sink.close?.();
    expect(process.listenerCount('exit')).toBe(before - 1);
  });
});

it('leaves signals to the migration', async () => {
  const before = process.listenerCount('SIGINT');
  await open();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

it('leaves the streams of others alone', async () => {
  const { write } = screen;
  await open();
  drawFrame();
  expect(screen.write).toBe(write);
});

it('survives a terminal that goes away', async () => {
  await open();
  expect(() => screen.emit('error', new Error('EIO'))).not.toThrow();
});

it.each([
  ['without a terminal', { isTTY: false }],
  ['on a narrow one', { columns: 39 }],
  ['on one of no size', { columns: 0, rows: 0 }],
])('prints plain lines %s', (_name, properties) => {
  Object.assign(screen, properties);
  const plain = createTerminal({ plan, stream: screen.asStream() });
  plain.onEvent?.(journal.fold({ type: 'phase.started', phase: PHASES[0] }), journal.state);
  expect(plain.name).toBe('plain-lines');
  expect(screen.text).toBe('02:30:00Z  Preflight: started.\n');
});

it.each([true, false])('paints only where colours are wanted: %s', async colors => {
  screen.colors = colors;
  sink = createTerminal({ plan, stream: screen.asStream() });
  await open();
  takeOff([1]);
  drawFrame();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours are what is looked for.
  expect(/\u001b\[(1|31|33)m/.test(screen.text)).toBe(colors);
});
