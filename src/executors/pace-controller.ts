// How many sites may be in flight at this moment: what was asked for or found to be best, held down by the state of the
// source and by the most that is allowed. Pure: time and figures come in, a level and what changed it come out.

import {
  type Concurrency,
  type ConcurrencyLimits,
  highestLevel,
  mostAtOnce,
  startPace,
} from '../migration/concurrency.ts';
import { type LoadLimit, type LoadLimits, SourceGuard, type SourceLoad } from './source-guard.ts';
import { type LevelChange, ThroughputClimber, type WorkSample } from './throughput-climber.ts';

export interface PaceChange extends LevelChange {
  readonly cause: 'throughput' | 'source';
}

/** A server that runs more than this at once is busy, whatever its size; a replica so late is falling behind. Only as
 *  rough guesses: where no limit is configured the run gets slower above them, and never stands still. */
const USUAL_THREADS_RUNNING = 50;
const USUAL_REPLICA_LAG_SECONDS = 30;

/** Grave is so many times what was configured. */
const GRAVE = 2;

export class PaceController {
  readonly #limits: ConcurrencyLimits;
  /** Of the whole run: what it was opened for. */
  readonly #most: number;
  #guard = new SourceGuard();
  #asked: Concurrency;
  #climber: ThroughputClimber | null;

  constructor(asked: Concurrency, limits: ConcurrencyLimits) {
    this.#limits = limits;
    this.#asked = asked;
    this.#most = mostAtOnce(asked, limits);
    this.#climber = this.#climbFrom(startPace(asked, limits).level);
  }

  /** What was asked for. */
  get asked(): Concurrency {
    return this.#asked;
  }

  /** 0: nothing may be started. */
  get level(): number {
    return Math.min(this.#climber?.level ?? this.#highest, this.#guard.cap);
  }

  /** Is there anything for which the source's load must be known? */
  get watchesSource(): boolean {
    const { threadsRunning, replicaLagSeconds } = this.#loadLimits();
    return threadsRunning !== null || replicaLagSeconds !== null;
  }

  /** An operator asks for something else. What the configuration limits stays limited. */
  ask(concurrency: Concurrency): void {
    const { level } = this;
    this.#asked = concurrency;
    if (!this.watchesSource) this.#guard = new SourceGuard();
    this.#climber = this.#climbFrom(Math.max(1, level));
  }

  observeWork(sample: WorkSample): PaceChange | null {
    // Held at 0 nothing is measured.
    if (!this.#climber || this.level !== this.#climber.level) return null;
    const change = this.#climber.observe(sample);
    return change && { ...change, cause: 'throughput' };
  }

  /** `load` null: it couldn't be read. */
  observeSource(atMs: number, load: SourceLoad | null, inUse: number): PaceChange | null {
    const from = this.level;
    const most = this.#highest;
    const change = this.#guard.observe(atMs, load, this.#loadLimits(), { level: from, most, inUse });
    if (!change) return null;
    this.#climber?.restart(
      Math.max(1, Math.min(this.#climber.level, change.cap)),
      Math.min(most, Math.max(1, change.cap)),
    );
    const to = this.level;
    return to === from ? null : { from, to, reason: change.reason, cause: 'source' };
  }

  get #highest(): number {
    return highestLevel(this.#asked, this.#most);
  }

  #climbFrom(level: number): ThroughputClimber | null {
    if (this.#asked !== 'auto') return null;
    return new ThroughputClimber(level, Math.min(this.#highest, Math.max(1, this.#guard.cap)));
  }

  /** A number that was asked for is not held down by what we merely guess. */
  #loadLimits(): LoadLimits {
    const usual = (value: number): LoadLimit | null =>
      this.#asked === 'auto' ? { soft: value, hard: Number.POSITIVE_INFINITY } : null;
    const limit = (configured: number | null, guess: number): LoadLimit | null =>
      configured === null ? usual(guess) : { soft: configured, hard: GRAVE * configured };
    return {
      threadsRunning: limit(this.#limits.threadsRunning, USUAL_THREADS_RUNNING),
      replicaLagSeconds: limit(this.#limits.replicaLagSeconds, USUAL_REPLICA_LAG_SECONDS),
    };
  }
}
