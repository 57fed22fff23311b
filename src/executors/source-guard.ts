// Backs off when the source is in trouble: half as many sites at once, again and again as long as it lasts, and none
// when it is grave; then, after a time of calm, a step at a time back. Pure: time and figures come in.

import { stepUp } from './ladder.ts';

export interface SourceLoad {
  readonly threadsRunning: number;
  /** null: it is no replica, or we may not ask. */
  readonly replicaLagSeconds: number | null;
}

/** Above `soft` the run backs off, above `hard` it starts nothing more until the source is back below `soft`. */
export interface LoadLimit {
  readonly soft: number;
  readonly hard: number;
}

export interface LoadLimits {
  /** null: doesn't matter. */
  readonly threadsRunning: LoadLimit | null;
  readonly replicaLagSeconds: LoadLimit | null;
}

export interface CapChange {
  /** The most sites at once from now on; Infinity: as many as anybody likes. */
  readonly cap: number;
  readonly reason: string;
}

/** A backoff needs this long to be felt; sooner, one spike would be answered three times. */
const FELT_AFTER_MS = 6_000;

/** Calm before each step back up. It doubles when a step has led back into trouble, or the run would swing: up, down,
 *  and up again. Forgotten after as long a calm as it can get. */
const FIRST_CALM_MS = 30_000;
const LONGEST_CALM_MS = 600_000;

/** Where nothing is started, the first site is sooner tried: this share of the calm. */
const FIRST_SITE = 1 / 5;

/** Without a figure for this long nobody knows of any trouble, and a run must not stand still for a figure that never
 *  comes. */
const STALE_AFTER_MS = 15_000;

export class SourceGuard {
  #cap = Number.POSITIVE_INFINITY;
  #calmMs = FIRST_CALM_MS;
  /** When there last was trouble, or a step after it. */
  #unsettledAtMs = Number.NEGATIVE_INFINITY;
  #backedOffAtMs = Number.NEGATIVE_INFINITY;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #hasStepped = false;

  get cap(): number {
    return this.#cap;
  }

  /** `load` null: it couldn't be read. `level`: of this moment, `most`: what it may be at the highest. Answers a change
   *  of the cap. */
  observe(
    atMs: number,
    load: SourceLoad | null,
    limits: LoadLimits,
    { level, most, inUse }: { level: number; most: number; inUse: number },
  ): CapChange | null {
    if (!load) {
      const isStale = atMs - this.#heardAtMs > STALE_AFTER_MS;
      return this.#cap === 0 && isStale ? this.#step(1, atMs, 'how the source is now can not be read') : null;
    }
    this.#heardAtMs = atMs;
    const trouble = judgeLoad(load, limits);
    if (!trouble) return this.#recover(atMs, most);
    if (atMs - this.#unsettledAtMs > LONGEST_CALM_MS) this.#calmMs = FIRST_CALM_MS;
    this.#unsettledAtMs = atMs;
    if (trouble.isGrave) return this.#cap === 0 ? null : this.#backOff(0, atMs, trouble.reason);
    // What is still in flight from before the last backoff says nothing about it.
    const isFelt = atMs - this.#backedOffAtMs >= FELT_AFTER_MS && inUse <= level;
    return level > 1 && isFelt ? this.#backOff(Math.floor(level / 2), atMs, trouble.reason) : null;
  }

  #backOff(cap: number, atMs: number, reason: string): CapChange {
    if (this.#hasStepped) this.#calmMs = Math.min(2 * this.#calmMs, LONGEST_CALM_MS);
    this.#hasStepped = false;
    this.#backedOffAtMs = atMs;
    this.#cap = cap;
    return { cap, reason };
  }

  #recover(atMs: number, most: number): CapChange | null {
    if (this.#cap === Number.POSITIVE_INFINITY) return null;
    const calmMs = this.#cap === 0 ? FIRST_SITE * this.#calmMs : this.#calmMs;
    if (atMs - this.#unsettledAtMs < calmMs) return null;
    const next = stepUp(this.#cap, most);
    return this.#step(next >= most ? Number.POSITIVE_INFINITY : next, atMs, 'the source is calm again');
  }

  #step(cap: number, atMs: number, reason: string): CapChange {
    this.#hasStepped = true;
    this.#unsettledAtMs = atMs;
    this.#cap = cap;
    return { cap, reason };
  }
}

function judgeLoad(load: SourceLoad, limits: LoadLimits): { reason: string; isGrave: boolean } | null {
  const { threadsRunning, replicaLagSeconds } = load;
  const troubles = [
    judge(
      threadsRunning,
      limits.threadsRunning,
      ({ soft }) => `${threadsRunning} threads running on the source (limit ${soft})`,
    ),
    judge(
      replicaLagSeconds,
      limits.replicaLagSeconds,
      ({ soft }) => `the source is ${replicaLagSeconds} s behind its primary (limit ${soft} s)`,
    ),
  ].filter(trouble => trouble !== null);
  return troubles.find(trouble => trouble.isGrave) ?? troubles[0] ?? null;
}

function judge(
  value: number | null,
  limit: LoadLimit | null,
  say: (limit: LoadLimit) => string,
): { reason: string; isGrave: boolean } | null {
  if (value === null || !limit || value <= limit.soft) return null;
  return { reason: say(limit), isGrave: value > limit.hard };
}
