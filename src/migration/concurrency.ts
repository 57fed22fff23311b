// How many sites may be in flight at once: what is asked for, what is allowed, and what holds at the moment.

/** A number fixes it; `auto` looks for the level at which no more goes through. */
export type Concurrency = number | 'auto';

/** Of `auto`. Where the throughput of a first night is usually near its best; a run of seconds ends before it is
 *  changed, and must not be slower for having been looked at. */
const AUTO_START = 4;

/** Of `auto`: beyond it, a server that takes more is rare, and one that is troubled by so many isn't. */
const AUTO_MOST = 16;

/** What a number may be. */
export const MOST_CONCURRENCY = 64;

/** `limits` of the configuration, of both ends together; null: not set. */
export interface ConcurrencyLimits {
  /** Never more sites at once, whatever is asked for. */
  readonly concurrency: number | null;
  /** Of the source. */
  readonly threadsRunning: number | null;
  /** Of the source, when it is a replica. */
  readonly replicaLagSeconds: number | null;
}

export const NO_LIMITS: ConcurrencyLimits = {
  concurrency: null,
  threadsRunning: null,
  replicaLagSeconds: null,
};

/** The concurrency of a run at one moment. */
export interface Pace {
  /** What was asked for. */
  readonly concurrency: Concurrency;
  /** Sites that may be in flight; 0: nothing is started until the source is better. */
  readonly level: number;
  /** Why it was changed, if it was. */
  readonly reason?: string;
  /** An operator has said so: nothing is started until one says otherwise. (A run whose status is `paused` is another
   *  thing: it has ended, and can be resumed.) */
  readonly startsPaused: boolean;
  /** `user@host`. */
  readonly pausedBy?: string;
}

export function isConcurrency(value: unknown): value is Concurrency {
  if (value === 'auto') return true;
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_CONCURRENCY;
}

/** What no change of the running process goes beyond: what it makes beforehand for each site in flight is enough. */
export function mostAtOnce(asked: Concurrency, { concurrency: limit }: ConcurrencyLimits): number {
  const wanted = asked === 'auto' ? AUTO_MOST : Math.max(asked, AUTO_MOST);
  return limit === null ? wanted : Math.min(limit, wanted);
}

/** The highest level that was asked for, as far as `most` allows. */
export function highestLevel(asked: Concurrency, most: number): number {
  return Math.min(asked === 'auto' ? AUTO_MOST : asked, most);
}

export function startPace(asked: Concurrency, limits: ConcurrencyLimits): Pace {
  const level = Math.min(asked === 'auto' ? AUTO_START : asked, mostAtOnce(asked, limits));
  return { concurrency: asked, level, startsPaused: false };
}
