// A source and its network, as a curve: how much goes through with so many sites at once.

import type { PaceChange, PaceController } from '../../../src/executors/pace-controller.ts';
import type { SourceLoad } from '../../../src/executors/source-guard.ts';

export interface World {
  /** Work per second. */
  throughput(level: number): number;
  /** The same for the same argument; default: nothing happens on the source. */
  load?(second: number, inUse: number): SourceLoad | null;
  /** Share of the throughput by which a second may be off, up and down. */
  readonly noise?: number;
  readonly seed?: number;
}

export interface Lived {
  readonly changes: readonly (PaceChange & { readonly second: number })[];
  /** Work per second over the last half. */
  readonly lateThroughput: number;
  readonly levels: readonly number[];
}

/** So many seconds with the controller: observed each second, the source every two, as the real one does it. What is in
 *  flight takes a moment to follow a lower level. `after`: seconds that it has lived already. */
export function live(controller: PaceController, world: World, seconds: number, after = 0): Lived {
  const { noise = 0, seed = 1, load = () => CALM } = world;
  const random = createRandom(seed);
  const changes: (PaceChange & { second: number })[] = [];
  const levels: number[] = [];
  let work = 0;
  let inUse = controller.level;
  let workAtHalf = 0;
  const note = (change: PaceChange | null, second: number): void => {
    if (change) changes.push({ ...change, second });
  };
  for (let second = 1; second <= seconds; second += 1) {
    work += inUse === 0 ? 0 : world.throughput(inUse) * (1 + noise * (2 * random() - 1));
    const atMs = (after + second) * 1_000;
    note(controller.observeWork({ atMs, work, inUse }), second);
    if (second % 2 === 0) note(controller.observeSource(atMs, load(second, inUse), inUse), second);
    levels.push(controller.level);
    inUse = controller.level < inUse ? inUse - 1 : controller.level;
    if (second === Math.floor(seconds / 2)) workAtHalf = work;
  }
  return { changes, levels, lateThroughput: (work - workAtHalf) / Math.ceil(seconds / 2) };
}

export const CALM: SourceLoad = { threadsRunning: 1, replicaLagSeconds: null };

/** Grows up to `best` sites at once, and stays. */
export const saturatingAt =
  (best: number) =>
  (level: number): number =>
    (1_000_000 * Math.min(level, best)) / best;

/** The same everywhere. */
export const flat = (): number => 1_000_000;

/** Grows up to `best` and falls again: they are in each other's way. */
export const peakingAt =
  (best: number) =>
  (level: number): number =>
    level <= best ? (1_000_000 * level) / best : 1_000_000 * (best / level);

/** Always the same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
