import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSteadyClock } from '../../../src/lib/steady-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-11-21T02:30:00Z') });
});
afterEach(() => vi.useRealTimers());

it('shows the time of day, and goes on by itself when the clock of the machine is set', () => {
  const now = createSteadyClock();
  vi.advanceTimersByTime(2_000);
  expect(now().toISOString()).toBe('2026-11-21T02:30:02.000Z');
  vi.setSystemTime(new Date('2026-11-20T20:00:00Z'));
  vi.advanceTimersByTime(500);
  expect(now().toISOString()).toBe('2026-11-21T02:30:02.500Z');
});

it('begins no earlier than what has been already', () => {
  const now = createSteadyClock('2026-11-21T05:00:00.000Z');
  vi.advanceTimersByTime(1_000);
  expect(now().toISOString()).toBe('2026-11-21T05:00:01.000Z');
});
