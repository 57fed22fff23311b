import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { createPlainLines } from '../../../src/sinks/plain-lines.ts';
import type { Sink } from '../../../src/sinks/sink.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan(2);
const error = { code: 'access', message: 'denied', scope: 'site', hint: 'Grant.' } as const;
let out: FakeTerminal;
let journal: SampleJournal;
let sink: Sink;
let now = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T02:30:00Z') });
  out = new FakeTerminal();
  out.isTTY = false;
  journal = new SampleJournal();
  now = 0;
  sink = createPlainLines({ plan, stream: out.asStream(), now: () => now });
});
afterEach(async () => {
  await sink.close?.();
  vi.useRealTimers();
});

function tell(event: MigrationEvent): void {
  sink.onEvent?.(journal.fold(event), journal.state);
}

function wait(ms: number): void {
  now += ms;
  journal.wait(ms);
  vi.advanceTimersByTime(ms);
}

it('prints phases, finished and failed sites and what is tried again, and no small steps', () => {
  tell({ type: 'phase.started', phase: 'sites' });
  tell({ type: 'check.reported', code: 'a', outcome: 'passed', message: 'fine' });
  tell({ type: 'check.reported', code: 'b', outcome: 'warning', message: 'hm' });
  tell({ type: 'site.started', siteId: 1, attempt: 1 });
  tell({ type: 'step.started', siteId: 1, step: 'copy_tables', attempt: 1 });
  tell({ type: 'step.retried', siteId: 1, step: 'copy_tables', attempt: 1, waitMs: 4_000, error });
  tell({ type: 'step.failed', siteId: 1, step: 'copy_tables', error });
  wait(1_000);
  tell({ type: 'site.failed', siteId: 1, error });
  tell({ type: 'site.completed', siteId: 2, rows: 2, bytes: 3 });
  expect(out.text).toBe(
    `02:30:00Z  Sites: started.
02:30:00Z  Check b: WARNING. hm
02:30:00Z  site 1 prod.example.edu: copying tables failed, attempt 2 in 4.0 s. denied [access]
02:30:01Z  site 1 prod.example.edu: FAILED. denied [access] Next: Grant.
02:30:01Z  site 2 art2.prod.example.edu: completed, 2 rows, 3 B.
`,
  );
});

it('what was read in the plan a moment ago is not told again, what is found later is', () => {
  const told = new FakeTerminal();
  const later = createPlainLines({ plan, stream: told.asStream(), isPlanRead: true, now: () => now });
  const tellLater = (event: MigrationEvent): void => later.onEvent?.(journal.fold(event), journal.state);
  tellLater({ type: 'check.reported', code: 'b', outcome: 'warning', message: 'hm' });
  tellLater({ type: 'check.reported', code: 'c', outcome: 'warning', message: 'new', lasting: true });
  expect(told.text).toBe('02:30:00Z  Check c: WARNING. new\n');
});

it('prints progress every few seconds as long as something is in flight, however many ticks there are', () => {
  tell({ type: 'phase.started', phase: 'sites' });
  wait(5_000);
  expect(out.writes).toHaveLength(1);
  tell({ type: 'site.started', siteId: 1, attempt: 1 });
  for (let second = 0; second < 10; second += 1) {
    for (let count = 0; count < 1_000; count += 1) {
      sink.onTick?.({ siteId: 1, step: 'copy_tables', table: 't', rows: 1, bytes: 2_000 });
    }
    wait(1_000);
  }
  expect(out.writes.slice(1)).toEqual([
    expect.stringMatching(/^02:30:10Z {2}0 of 2 sites · 13 % · 1 min 2 s left · 1\.0 MB\/s\n$/),
    expect.stringMatching(/^02:30:15Z {2}0 of 2 sites · 27 % · \d+ s left · 2\.0 MB\/s\n$/),
  ]);
});

it('prints nothing after it is closed', async () => {
  tell({ type: 'site.started', siteId: 1, attempt: 1 });
  await sink.close?.();
  const before = out.writes.length;
  tell({ type: 'site.completed', siteId: 1, rows: 1, bytes: 1 });
  wait(20_000);
  expect(out.writes).toHaveLength(before);
});

it('survives a reader that goes away', () => {
  tell({ type: 'phase.started', phase: 'sites' });
  out.emit('error', new Error('EPIPE'));
  tell({ type: 'phase.started', phase: 'cleanup' });
  expect(out.writes).toHaveLength(1);
});
