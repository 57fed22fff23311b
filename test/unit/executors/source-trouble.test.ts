import { describe, expect, it } from 'vitest';
import { PaceController } from '../../../src/executors/pace-controller.ts';
import type { SourceLoad } from '../../../src/executors/source-guard.ts';
import { type Concurrency, type ConcurrencyLimits, NO_LIMITS } from '../../../src/migration/concurrency.ts';
import { CALM, live, saturatingAt, type World } from './simulation.ts';

const MINUTE = 60;
const throughput = saturatingAt(8);
const busy = (threadsRunning: number): SourceLoad => ({ ...CALM, threadsRunning });
const late = (replicaLagSeconds: number): SourceLoad => ({ ...CALM, replicaLagSeconds });

const control = (concurrency: Concurrency, limits: Partial<ConcurrencyLimits> = {}): PaceController =>
  new PaceController(concurrency, { ...NO_LIMITS, ...limits });

/** In trouble as long as it is given, then calm. */
function troubledFor(seconds: number, load: SourceLoad | null): World {
  return { throughput, load: second => (second <= seconds ? load : CALM) };
}

const steps = (changes: readonly { from: number; to: number; cause: string }[]): string[] =>
  changes.filter(change => change.cause === 'source').map(({ from, to }) => `${from} → ${to}`);

describe('a source in trouble', () => {
  it('is given half the load, again and again, and then a step at a time back', () => {
    const controller = control(8, { threadsRunning: 50 });
    const { changes } = live(controller, troubledFor(30, busy(61)), 8 * MINUTE);
    expect(steps(changes)).toEqual(['8 → 4', '4 → 2', '2 → 1', '1 → 2', '2 → 3', '3 → 4', '4 → 6', '6 → 8']);
    expect(changes[0]?.reason).toBe('61 threads running on the source (limit 50)');
    expect(changes[3]?.reason).toBe('the source is calm again');
  });

  it('is asked for nothing more when it is grave, until it is better', () => {
    const controller = control(4, { threadsRunning: 50 });
    const { changes, levels } = live(controller, troubledFor(40, busy(101)), 4 * MINUTE);
    expect(steps(changes).slice(0, 2)).toEqual(['4 → 0', '0 → 1']);
    expect(levels.slice(2, 39).every(level => level === 0)).toBe(true);
    expect(controller.level).toBe(4);
  });

  it('stays waited for between the two limits', () => {
    const controller = control(4, { threadsRunning: 50 });
    const load = (second: number): SourceLoad => busy(second < 10 ? 150 : 70);
    live(controller, { throughput, load }, 5 * MINUTE);
    expect(controller.level).toBe(0);
  });

  it('that lags as a replica counts the same', () => {
    const { changes } = live(control('auto', { replicaLagSeconds: 20 }), troubledFor(4, late(25)), 10);
    expect(changes[0]).toMatchObject({
      from: 4,
      to: 2,
      reason: 'the source is 25 s behind its primary (limit 20 s)',
    });
  });

  it('without limits in the configuration slows auto down, and never stops it', () => {
    const controller = control('auto');
    const { levels } = live(controller, { throughput, load: () => busy(5_000) }, 10 * MINUTE);
    expect(Math.min(...levels)).toBe(1);
    expect(controller.level).toBe(1);
  });

  it('without limits in the configuration does not change a number that was asked for', () => {
    const controller = control(8);
    expect(controller.watchesSource).toBe(false);
    expect(live(controller, { throughput, load: () => busy(5_000) }, MINUTE).changes).toEqual([]);
  });

  it('is not blamed for what was started before the last backoff', () => {
    const controller = control(16, { threadsRunning: 50 });
    expect(controller.observeSource(0, busy(60), 16)).toMatchObject({ from: 16, to: 8 });
    for (let second = 2; second < 60; second += 2) {
      expect(controller.observeSource(second * 1_000, busy(60), 9)).toBeNull();
    }
    expect(controller.observeSource(60_000, busy(60), 8)).toMatchObject({ from: 8, to: 4 });
  });

  it('that cannot be asked changes nothing', () => {
    const { changes } = live(control(8, { threadsRunning: 50 }), { throughput, load: () => null }, MINUTE);
    expect(changes).toEqual([]);
  });

  it('that cannot be asked any more is not waited for', () => {
    const load = (second: number): SourceLoad | null => (second < 10 ? busy(500) : null);
    const controller = control(4, { threadsRunning: 50 });
    const { changes } = live(controller, { throughput, load }, MINUTE);
    expect(steps(changes)).toEqual(['4 → 0', '0 → 1']);
  });

  it('that suffers from the run itself is not led into it again and again', () => {
    const controller = control('auto', { threadsRunning: 50 });
    const load = (_: number, inUse: number): SourceLoad => busy(10 * inUse);
    const { changes, levels } = live(controller, { throughput: saturatingAt(64), load }, 60 * MINUTE);
    const backoffs = changes.filter(({ cause, from, to }) => cause === 'source' && to < from);
    expect(backoffs.length).toBeLessThan(15);
    const late = levels.slice(10 * MINUTE);
    expect(late.reduce((sum, level) => sum + level, 0) / late.length).toBeGreaterThan(2.5);
  });
});

describe('an operator', () => {
  it('fixes a level, and lets it be looked for again', () => {
    const controller = control('auto');
    controller.ask(2);
    expect(controller.level).toBe(2);
    expect(live(controller, { throughput }, MINUTE).changes).toEqual([]);
    controller.ask('auto');
    expect(controller.level).toBe(2);
    live(controller, { throughput }, 5 * MINUTE, MINUTE);
    expect(controller.level).toBe(8);
  });

  it('gets no more than the run was opened for', () => {
    const controller = control('auto');
    controller.ask(64);
    expect(controller.level).toBe(16);
    const limited = control('auto', { concurrency: 6 });
    limited.ask(8);
    expect(limited.level).toBe(6);
  });

  it('overrules what is only guessed, not what is configured', () => {
    const [guessing, limited] = [control('auto'), control('auto', { threadsRunning: 50 })];
    for (const controller of [guessing, limited]) {
      controller.observeSource(0, busy(70), 4);
      expect(controller.level).toBe(2);
      controller.ask(8);
    }
    expect(guessing.level).toBe(8);
    expect(limited.level).toBe(2);
  });
});
