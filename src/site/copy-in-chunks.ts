// A big table, range by range of its key. The site's own connections copy from its snapshot; when the run has slots to
// spare, further pairs of connections copy other ranges at the same time. Their snapshots are later ones, so what they
// copied counts only when the server proves that in the site's snapshot the range's rows were the same; otherwise, and
// whenever anything fails there, the site's own connections copy the range anew.

import { addCopies } from '../mysql/add-copies.ts';
import type { CopyResult } from '../mysql/copy-table.ts';
import { byStart, type KeyRange } from '../mysql/key-ranges.ts';
import type { ConnectionPair, FurtherPair } from './site-connections.ts';
import type { SpareSlots } from './step.ts';

/** More pairs than these beside the site's own wait for each other in the table's one tree of keys, and scatter what the
 *  server writes. */
const MOST_HELPERS = 3;

export interface CopiedRange {
  readonly range: KeyRange;
  readonly result: CopyResult;
}

export interface ChunkedCopy {
  /** The source's is in the site's snapshot. */
  readonly own: ConnectionPair;
  /** What is in the target's table already and proven to be what the site's snapshot has. */
  readonly proven: readonly CopiedRange[];
  /** The other ranges; the target's table has none of their rows. */
  readonly ranges: readonly KeyRange[];
  /** null: several pairs would be in each other's way. */
  readonly help: Help | null;
  /** Copies the rows of a range. `besideOthers`: others load the same table. */
  copy(
    pair: ConnectionPair,
    range: KeyRange,
    options: { besideOthers: boolean; signal: AbortSignal },
  ): Promise<CopyResult>;
  /** Are these the range's rows in the site's snapshot? */
  isTrue(copied: CopiedRange): Promise<boolean>;
  /** Deletes what the target's table has of the range. */
  remove(range: KeyRange): Promise<void>;
  /** A range is copied and proven. */
  onCopied(copied: CopiedRange): void;
  readonly signal: AbortSignal;
}

export interface Help {
  readonly spareSlots: SpareSlots;
  openPair(): Promise<FurtherPair>;
}

/** Resolves with the whole table's result. Once it has settled, no further pair is open and each slot is given back.
 *  Rejects with what befell the site's own connections, or with the signal's reason. */
export async function copyInChunks(options: ChunkedCopy): Promise<CopyResult> {
  return await new Chunks(options).run();
}

class Chunks {
  readonly #options: ChunkedCopy;
  readonly #waiting: KeyRange[];
  /** What helpers have copied. */
  readonly #unproven: CopiedRange[] = [];
  /** What helpers have begun in vain. */
  readonly #spoilt: KeyRange[] = [];
  readonly #done: CopiedRange[];
  readonly #helpers = new Set<Promise<void>>();
  /** Aborts when the helpers' work is wanted no more. */
  readonly #stop = new AbortController();
  #isHelpOver = false;
  /** Wakes whoever waits for a helper. */
  #heard = Promise.withResolvers<void>();

  constructor(options: ChunkedCopy) {
    this.#options = options;
    this.#waiting = options.ranges.toSorted(byStart);
    this.#done = [...options.proven];
  }

  async run(): Promise<CopyResult> {
    try {
      await this.#copyAll();
    } finally {
      this.#stop.abort(new Error('Nobody waits for this copy any more.'));
      await Promise.all(this.#helpers);
    }
    const inOrder = this.#done.toSorted((a, b) => byStart(a.range, b.range));
    return addCopies(inOrder.map(({ result }) => result));
  }

  /** What the site's own connections do. */
  async #copyAll(): Promise<void> {
    const { own, signal, copy, remove, isTrue } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      this.#callHelpers();
      const unproven = this.#unproven.shift();
      if (unproven) {
        if (await isTrue(unproven)) this.#settle(unproven);
        else this.#spoilt.push(unproven.range);
        continue;
      }
      const next = this.#waiting.shift();
      if (next) {
        const result = await copy(own, next, { besideOthers: this.#helpers.size > 0, signal });
        this.#settle({ range: next, result });
        continue;
      }
      if (this.#helpers.size > 0) {
        await this.#hear();
        continue;
      }
      // Alone: to delete rows, the server locks the row behind them too, which may be another's.
      const spoilt = this.#spoilt.shift();
      if (!spoilt) return;
      await remove(spoilt);
      const result = await copy(own, spoilt, { besideOthers: false, signal });
      this.#settle({ range: spoilt, result });
    }
  }

  #settle(copied: CopiedRange): void {
    this.#done.push(copied);
    this.#options.onCopied(copied);
  }

  /** As many as there are spare slots and work for, but not too many. Only between two ranges of one's own: each knows
   *  from its beginning whether it is alone. */
  #callHelpers(): void {
    const { help } = this.#options;
    // One range is for the site's own connections.
    const most = Math.min(MOST_HELPERS, this.#waiting.length - 1);
    while (help && !this.#isHelpOver && this.#helpers.size < most) {
      const slot = help.spareSlots.tryTake();
      if (!slot) return;
      const helper = this.#help(help, slot).finally(() => {
        this.#helpers.delete(helper);
        this.#tell();
      });
      this.#helpers.add(helper);
    }
  }

  /** Never rejects: what fails here is done again by the site's own connections, and if it fails there as well, that is
   *  told. Failing once is enough: nobody else tries after that. */
  async #help(help: Help, held: Disposable): Promise<void> {
    // Given back when the connections are gone: there are never more than slots.
    using _slot = held;
    let pair: FurtherPair | null = null;
    try {
      pair = await help.openPair();
      await pair.source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      await this.#copySome(pair, help.spareSlots);
      await pair[Symbol.asyncDispose]();
    } catch {
      this.#isHelpOver = true;
      await pair?.discard();
    }
  }

  async #copySome(pair: FurtherPair, spareSlots: SpareSlots): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal]);
    while (!signal.aborted && !spareSlots.isScarce) {
      const range = this.#waiting.shift();
      if (!range) return;
      try {
        const result = await this.#options.copy(pair, range, { besideOthers: true, signal });
        this.#unproven.push({ range, result });
        this.#tell();
      } catch (error) {
        this.#spoilt.push(range);
        throw error;
      }
    }
  }

  #tell(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers<void>();
  }

  async #hear(): Promise<void> {
    const { signal } = this.#options;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#heard.promise, aborted]);
    signal.removeEventListener('abort', onAbort);
  }
}
