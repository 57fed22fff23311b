import { MigrationError } from '../errors.ts';

/** Aborts when nothing has moved for a while. Apart from the deadline: a huge site that makes progress is left to go
 *  on, and one that stands still need not use up its whole time. */
export class Stall implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | null;

  /** `stallMs` null: never. */
  constructor(stallMs: number | null, doing: string) {
    this.#timer =
      stallMs === null
        ? null
        : setTimeout(() => {
            const seconds = Math.round(stallMs / 1000);
            this.#controller.abort(
              new MigrationError('stalled', `${doing} made no progress for ${seconds} s.`),
            );
          }, stallMs).unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something moved. */
  reset(): void {
    this.#timer?.refresh();
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
}
