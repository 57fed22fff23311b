import type { TableName } from './loader.ts';

/** Hands out fences, each to one deed at a time. */
export class FencePool {
  readonly #lost: AbortSignal;
  readonly #free: TableName[] = [];
  #waiting: PromiseWithResolvers<TableName>[] = [];

  constructor(lost: AbortSignal) {
    this.#lost = lost;
    lost.addEventListener('abort', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(lost.reason);
    });
  }

  fill(fences: readonly TableName[]): void {
    for (const fence of fences) this.#giveBack(fence);
  }

  async use<T>(deed: (fence: TableName) => Promise<T>): Promise<T> {
    this.#lost.throwIfAborted();
    const fence = this.#free.pop() ?? (await this.#wait());
    try {
      // It may have been lost in the moment since the fence was handed over.
      this.#lost.throwIfAborted();
      return await deed(fence);
    } finally {
      this.#giveBack(fence);
    }
  }

  #wait(): Promise<TableName> {
    const turn = Promise.withResolvers<TableName>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  #giveBack(fence: TableName): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(fence);
    else this.#free.push(fence);
  }
}
