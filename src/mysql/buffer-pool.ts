/** Buffers of one size that loads use one after the other. A run loads thousands of tables, most of them small: with
 *  new buffers for each, the garbage collector would be hundreds of MB behind. */
export class BufferPool {
  readonly #bufferBytes: number;
  readonly #maxFree: number;
  readonly #free: Buffer[] = [];

  /** `maxFree`: more than these are not kept. */
  constructor(bufferBytes: number, maxFree: number) {
    this.#bufferBytes = bufferBytes;
    this.#maxFree = maxFree;
  }

  /** Contains whatever it did. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bufferBytes);
  }

  /** Only for buffers from `take` that nobody reads or writes any more. Others may simply be forgotten. */
  giveBack(...buffers: readonly Buffer[]): void {
    for (const buffer of buffers) if (this.#free.length < this.#maxFree) this.#free.push(buffer);
  }
}
