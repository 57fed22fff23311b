import { MigrationError } from '../errors.ts';

/** Aborts when nothing has moved for a while. Apart from the deadline: a huge site that makes progress is left to go
 *  on, and one that stands still need not use up its whole time. */
export class Stall implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(stallMs: number, doing: string) {
    const stop = (): void => {
      const seconds = Math.round(stallMs / 1000);
      this.#controller.abort(new MigrationError('stalled', `${doing} made no progress for ${seconds} s.`));
    };
    this.#timer = setTimeout(stop, stallMs).unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something moved. */
  reset(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
