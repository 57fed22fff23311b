/** The right to be in flight. Disposing of it gives it back; twice is once. */
export type Slot = Disposable;

/** A semaphore whose limit may be changed at any time. Lowering it takes no slot away: what is in flight finishes. */
export class Slots {
  #limit: number;
  #inUse = 0;
  /** First come, first served. */
  readonly #waiting = new Set<(slot: Slot | null) => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** 0: nobody gets one. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#serve();
  }

  /** May be more than the limit, after that was lowered. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Whoever holds one beside its work should give it back soon. */
  get isScarce(): boolean {
    return this.#waiting.size > 0 || this.#inUse > this.#limit;
  }

  /** Waits for its turn; null: `signal` has aborted first. */
  async take(signal?: AbortSignal): Promise<Slot | null> {
    if (signal?.aborted) return null;
    const free = this.tryTake();
    if (free) return free;
    const { promise, resolve } = Promise.withResolvers<Slot | null>();
    const giveUp = (): void => {
      this.#waiting.delete(resolve);
      resolve(null);
    };
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** A slot that nobody waits for, if there is one: as long as somebody waits, none is free. */
  tryTake(): Slot | null {
    return this.#inUse < this.#limit ? this.#hand() : null;
  }

  #serve(): void {
    for (const resolve of this.#waiting) {
      if (this.#inUse >= this.#limit) return;
      this.#waiting.delete(resolve);
      resolve(this.#hand());
    }
  }

  #hand(): Slot {
    this.#inUse += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#inUse -= 1;
        this.#serve();
      },
    };
  }
}
