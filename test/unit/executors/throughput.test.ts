import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PaceController } from '../../../src/executors/pace-controller.ts';
import { NO_LIMITS } from '../../../src/migration/concurrency.ts';
import { flat, live, peakingAt, saturatingAt, type World } from './simulation.ts';

const MINUTE = 60;

const auto = (most: number | null = null): PaceController =>
  new PaceController('auto', { ...NO_LIMITS, concurrency: most });

describe('--concurrency auto', () => {
  it('begins with 4, and leaves them alone for the first seconds', () => {
    const controller = auto();
    expect(controller.level).toBe(4);
    expect(live(controller, { throughput: saturatingAt(16) }, 5).changes).toEqual([]);
  });

  it.each<[string, World['throughput'], number]>([
    ['that saturates at 3', saturatingAt(3), 3],
    ['that saturates at 8', saturatingAt(8), 8],
    ['that takes all there are', saturatingAt(64), 16],
    ['that gets slower beyond 6', peakingAt(6), 6],
    ['that never gets faster', flat, 1],
  ])('finds the level of a network %s', (_, throughput, best) => {
    const controller = auto();
    live(controller, { throughput }, 10 * MINUTE);
    expect(controller.level).toBe(best);
  });

  it('climbs to 8 within half a minute where that is worth while', () => {
    const controller = auto();
    live(controller, { throughput: saturatingAt(8) }, 25);
    expect(controller.level).toBe(8);
  });

  it('never goes beyond what is allowed', () => {
    const { levels } = live(auto(2), { throughput: saturatingAt(16) }, 5 * MINUTE);
    expect(Math.max(...levels)).toBe(2);
  });

  it('finds a new best after the servers have changed', () => {
    const controller = auto();
    live(controller, { throughput: flat }, 20 * MINUTE);
    expect(controller.level).toBe(1);
    live(controller, { throughput: saturatingAt(8) }, 20 * MINUTE, 20 * MINUTE);
    expect(controller.level).toBe(8);
  });

  it('says why', () => {
    const { changes } = live(auto(), { throughput: saturatingAt(6) }, 25);
    expect(changes.map(({ from, to, cause, reason }) => ({ from, to, cause, reason }))).toEqual([
      { from: 4, to: 6, cause: 'throughput', reason: 'to see whether more goes through' },
      { from: 6, to: 8, cause: 'throughput', reason: '50 % more goes through' },
      { from: 8, to: 6, cause: 'throughput', reason: 'with 8 at once as much went through' },
    ]);
  });

  it('judges nothing while there are fewer to start than there is room for', () => {
    const controller = auto();
    for (let second = 1; second < 600; second += 1) {
      const sample = { atMs: second * 1_000, work: second * 1_000, inUse: 2 };
      expect(controller.observeWork(sample)).toBeNull();
    }
    expect(controller.level).toBe(4);
  });

  it('does not take servers that are away for a reason to change anything', () => {
    const { changes } = live(auto(), { throughput: () => 0 }, 10 * MINUTE);
    expect(changes).toEqual([]);
  });

  it('whatever the network: it stays within its bounds, goes step by step, comes to rest, and loses little', () => {
    const network = fc.record({
      best: fc.integer({ min: 1, max: 24 }),
      shape: fc.constantFrom(saturatingAt, peakingAt),
      noise: fc.double({ min: 0, max: 0.5, noNaN: true }),
      seed: fc.integer(),
      most: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(network, ({ best, shape, noise, seed, most }) => {
        const throughput = shape(best);
        const highest = Math.min(16, most);
        const { changes, levels, lateThroughput } = live(
          auto(most),
          { throughput, noise, seed },
          60 * MINUTE,
        );
        expect(Math.min(...levels)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...levels)).toBeLessThanOrEqual(highest);
        for (const { from, to } of changes) {
          expect(Math.max(from, to) / Math.min(from, to)).toBeLessThanOrEqual(2);
          expect(from).not.toBe(to);
        }
        // Each trial is two changes; more than one a minute would be restless.
        expect(changes.length).toBeLessThan(100);
        const possible = Math.max(...Array.from({ length: highest }, (_, index) => throughput(index + 1)));
        // The best may lie between two steps of the ladder.
        expect(lateThroughput).toBeGreaterThan(0.75 * possible);
      }),
      { numRuns: 300 },
    );
  });
});
