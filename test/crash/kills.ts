// Which moments the crash suite kills at.

import { KILL_POINTS, type KillPoint } from '../../src/lib/kill-points.ts';

/** What the process is there to do when it is killed. */
export type Deed = keyof typeof KILL_POINTS;

export type Kill = { readonly during: Deed } & (
  | { readonly kind: 'point'; readonly point: KillPoint; readonly count: number }
  | { readonly kind: 'moment'; readonly afterMs: number }
);

export function nameKill(kill: Kill): string {
  const when = kill.kind === 'point' ? `${kill.point} #${kill.count}` : `${kill.afterMs} ms after its start`;
  return `${kill.during}: ${when}`;
}

/** Every named point, at these occurrences. */
export function killsAtPoints(during: Deed, counts: readonly number[]): Kill[] {
  return counts.flatMap(count =>
    KILL_POINTS[during].map((point): Kill => ({ during, kind: 'point', point, count })),
  );
}

/** Moments between the loading of the program and the end of a process of that length. */
export function killsAtMoments(during: Deed, count: number, runMs: number, random: () => number): Kill[] {
  return Array.from({ length: count }, () => ({
    during,
    kind: 'moment',
    afterMs: Math.round(runMs * (0.2 + 0.8 * random())),
  }));
}

/** The same sequence for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
