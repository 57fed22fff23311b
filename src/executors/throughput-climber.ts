// Looks for the level of concurrency at which throughput stops growing, by trying: one step of the ladder up; if clearly
// more goes through, stay and try the next; if not, go back and rest. Now and then one step down as well: if as much
// goes through with fewer sites at once, fewer it is. Pure: all time and all figures come in through `observe`.

import { stepDown, stepUp } from './ladder.ts';

export interface WorkSample {
  /** Milliseconds of a clock that doesn't jump. */
  readonly atMs: number;
  /** All that has gone through so far, in any unit. */
  readonly work: number;
  readonly inUse: number;
}

export interface LevelChange {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Less gain than this is not worth the connections; a smaller figure also climbs on noise alone. */
const WORTHWHILE_GAIN = 0.08;

/** With fewer sites at once this much may be lost. */
const TOLERABLE_LOSS = 0.03;

/** A mean is good enough when its standard error is below this share of it. Smaller makes every trial longer. */
const GOOD_ERROR = 0.04;
const FEWEST_SAMPLES = 5;
/** In a bursty network a mean of these has to do: fewer mislead, more make the climb take most of the night. */
const MOST_SAMPLES = 15;

/** After each trial in vain the next one is twice as far away: what doesn't change need not be tried for ever. */
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;

interface Trial {
  readonly direction: 'up' | 'down';
  /** Where to go back to. */
  readonly from: number;
  /** Throughput to be held against. On a way down it is that of its beginning: many small losses are a big one. */
  readonly baseline: number;
}

export class ThroughputClimber {
  #level: number;
  #most: number;
  #trial: Trial | null = null;
  #next: Trial['direction'] = 'up';
  #restUntilMs = 0;
  #restMs = FIRST_REST_MS;
  #last: WorkSample | null = null;
  /** Work per millisecond between two samples, at this level. */
  #rates: number[] = [];

  constructor(level: number, most: number) {
    this.#most = most;
    this.#level = Math.min(level, most);
  }

  /** From 1 to `most`. */
  get level(): number {
    return this.#level;
  }

  /** Begins anew at this level: what was learnt doesn't hold any more. */
  restart(level: number, most: number): void {
    this.#most = most;
    this.#level = Math.min(level, most);
    this.#trial = null;
    this.#next = 'up';
    this.#restUntilMs = 0;
    this.#restMs = FIRST_REST_MS;
    this.#forget();
  }

  /** To be told of every second or so. Answers a change of level, if this sample is the reason for one. */
  observe(sample: WorkSample): LevelChange | null {
    const last = this.#last;
    this.#last = sample;
    // With more in flight (the level was lowered) or fewer (nothing is left to start) the level isn't measured. Nor
    // by the first sample after a change, when much has only just begun.
    if (sample.inUse !== this.#level) this.#forget();
    else if (last?.inUse === this.#level) {
      this.#rates.push((sample.work - last.work) / Math.max(1, sample.atMs - last.atMs));
    }
    if (!this.#trial && sample.atMs < this.#restUntilMs) {
      this.#rates = [];
      return null;
    }
    const throughput = this.#measure();
    if (throughput === null) return null;
    return this.#trial ? this.#judge(this.#trial, throughput, sample.atMs) : this.#try(throughput);
  }

  /** The mean, once it can be relied on. */
  #measure(): number | null {
    const count = this.#rates.length;
    if (count < FEWEST_SAMPLES) return null;
    const mean = this.#rates.reduce((sum, rate) => sum + rate, 0) / count;
    const variance = this.#rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (count - 1);
    const isGood = Math.sqrt(variance / count) <= GOOD_ERROR * mean;
    if (!isGood && count < MOST_SAMPLES) return null;
    this.#rates = [];
    // Nothing at all goes through: the servers are away, and that is no matter of concurrency.
    return mean > 0 ? mean : null;
  }

  #try(throughput: number): LevelChange | null {
    const from = this.#level;
    const direction = from >= this.#most ? 'down' : from === 1 ? 'up' : this.#next;
    const to = direction === 'up' ? stepUp(from, this.#most) : stepDown(from);
    if (to === from) return null;
    this.#trial = { direction, from, baseline: throughput };
    return this.#moveTo(to, `to see whether ${direction === 'up' ? 'more' : 'as much'} goes through`);
  }

  #judge({ direction, from, baseline }: Trial, throughput: number, atMs: number): LevelChange | null {
    const gain = throughput / baseline - 1;
    const isKept = gain >= (direction === 'up' ? WORTHWHILE_GAIN : -TOLERABLE_LOSS);
    if (!isKept) {
      const reason = `with ${this.#level} at once ${describeGain(gain)} went through`;
      this.#rest(direction, atMs);
      return this.#moveTo(from, reason);
    }
    this.#restMs = FIRST_REST_MS;
    const next = direction === 'up' ? stepUp(this.#level, this.#most) : stepDown(this.#level);
    if (next === this.#level) {
      this.#rest(direction, atMs);
      return null;
    }
    this.#trial = { direction, from: this.#level, baseline: direction === 'up' ? throughput : baseline };
    return this.#moveTo(next, `${describeGain(gain)} goes through`);
  }

  #rest(tried: Trial['direction'], atMs: number): void {
    this.#trial = null;
    this.#next = tried === 'up' ? 'down' : 'up';
    this.#restUntilMs = atMs + this.#restMs;
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS);
  }

  #moveTo(to: number, reason: string): LevelChange {
    const from = this.#level;
    this.#level = to;
    this.#forget();
    return { from, to, reason };
  }

  #forget(): void {
    this.#last = null;
    this.#rates = [];
  }
}

/** `12 % more`, `3 % less`, `as much`. */
function describeGain(gain: number): string {
  const percent = Math.round(Math.abs(gain) * 100);
  return percent === 0 ? 'as much' : `${percent} % ${gain > 0 ? 'more' : 'less'}`;
}
