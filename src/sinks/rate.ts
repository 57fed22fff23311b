/** How fast a growing number grows, over the last stretch of time. Sampled by whoever reads it, at any pace: it keeps
 *  a bounded number of samples. */
export class Rate {
  readonly #windowMs: number;
  readonly #spacingMs: number;
  #samples: { readonly at: number; readonly value: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#spacingMs = windowMs / 100;
  }

  restart(at: number, value: number): void {
    this.#samples = [{ at, value }];
  }

  /** Growth per millisecond up to now; null as long as there is nothing to compare with. */
  measure(at: number, value: number): number | null {
    const latest = this.#samples.at(-1);
    if (!latest || at - latest.at >= this.#spacingMs) this.#samples.push({ at, value });
    // One sample at or before the window's edge stays, or the window would shrink to what was read last.
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - this.#windowMs) this.#samples.shift();
    const first = this.#samples[0]!;
    // A step that starts over takes its bytes back: that is no negative speed.
    return at > first.at ? Math.max(0, value - first.value) / (at - first.at) : null;
  }
}
