// Cuts the bytes of a connection into the protocol's packets, for results too large for the driver's own parser: that
// one keeps about three copies of a row above 16 MB until the garbage collector comes, and forgets how many frames
// such a row took when it is paused. This one keeps one copy, in a buffer that it uses again.

import { BufferPool } from './buffer-pool.ts';

/** `buffer[start..end)` is a packet's payload, its header of four bytes right before. Both are overwritten when the
 *  handler has returned, or when its promise is fulfilled: no further packet comes before. */
export type PacketHandler = (buffer: Buffer, start: number, end: number) => Promise<void> | undefined;

const HEADER_BYTES = 4;
const NO_BYTES = Buffer.alloc(0);

/** Of most packets that come in two parts. */
const PARTIAL_BYTES = 64 * 1024;
const PARTIALS = new BufferPool(PARTIAL_BYTES, 16);

/** A frame of this size is continued by the next; the last one is shorter, if need be empty. */
const MAX_FRAME_BYTES = 0xff_ff_ff;

export class PacketParser {
  /** Of the packet's last frame. */
  sequenceId = 0;
  readonly #onPacket: PacketHandler;
  /** What came while the handler was busy. */
  readonly #chunks: Buffer[] = [];
  #waiting = false;
  /** A packet that isn't whole in one chunk: its header, then its payload so far. */
  #partial: Buffer = NO_BYTES;
  #partialBytes = 0;
  /** Of the frame that is being read. */
  readonly #header = Buffer.allocUnsafe(HEADER_BYTES);
  #headerBytes = 0;
  #frameBytes = 0;
  #missingBytes = 0;

  constructor(onPacket: PacketHandler) {
    this.#onPacket = onPacket;
  }

  execute(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (!this.#waiting) this.#run();
  }

  /** For when nothing more is to come. */
  end(): void {
    if (this.#partial.length === PARTIAL_BYTES) PARTIALS.giveBack(this.#partial);
    this.#partial = NO_BYTES;
  }

  #run(): void {
    while (!this.#waiting && this.#chunks.length > 0) {
      const chunk = this.#chunks.shift()!;
      const at = this.#parse(chunk);
      if (at < chunk.length) this.#chunks.unshift(chunk.subarray(at));
    }
  }

  /** Returns how far it got: to the end, or to where the handler has to be waited for. */
  #parse(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && !this.#waiting) {
      if (this.#partialBytes === 0 && this.#headerBytes === 0) {
        const end = findEnd(chunk, at);
        if (end > 0) {
          this.sequenceId = chunk[at + 3]!;
          this.#deliver(chunk, at + HEADER_BYTES, end);
          at = end;
          continue;
        }
      }
      at = this.#headerBytes < HEADER_BYTES ? this.#takeHeader(chunk, at) : this.#takePayload(chunk, at);
      if (this.#headerBytes === HEADER_BYTES && this.#missingBytes === 0) this.#endFrame();
    }
    return at;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    this.#header[this.#headerBytes++] = chunk[at]!;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#frameBytes = this.#missingBytes = this.#header.readUIntLE(0, 3);
      this.sequenceId = this.#header[3]!;
      this.#reserve(this.#missingBytes);
    }
    return at + 1;
  }

  #takePayload(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#partial, this.#partialBytes, at, at + this.#missingBytes);
    this.#partialBytes += copied;
    this.#missingBytes -= copied;
    return at + copied;
  }

  #endFrame(): void {
    this.#headerBytes = 0;
    if (this.#frameBytes === MAX_FRAME_BYTES) return;
    const end = this.#partialBytes;
    this.#partialBytes = 0;
    this.#deliver(this.#partial, HEADER_BYTES, end);
  }

  /** Makes room for a frame; the first one's header goes before it. */
  #reserve(bytes: number): void {
    const first = this.#partialBytes === 0;
    const needed = (first ? HEADER_BYTES : this.#partialBytes) + bytes;
    if (needed > this.#partial.length) {
      const larger =
        needed <= PARTIAL_BYTES
          ? PARTIALS.take()
          : Buffer.allocUnsafe(Math.max(needed, this.#partial.length * 2));
      this.#partial.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    if (first) this.#partialBytes = this.#header.copy(this.#partial);
  }

  #deliver(buffer: Buffer, start: number, end: number): void {
    const wait = this.#onPacket(buffer, start, end);
    if (wait === undefined) return;
    this.#waiting = true;
    wait.then(
      () => {
        this.#waiting = false;
        this.#run();
      },
      // Nothing more is parsed; the handler's owner has the error.
      () => {},
    );
  }
}

/** Where the packet that begins at `at` ends, if all of it is there and it has only one frame; else 0. */
function findEnd(chunk: Buffer, at: number): number {
  if (chunk.length - at < HEADER_BYTES) return 0;
  const frameBytes = chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16);
  const end = at + HEADER_BYTES + frameBytes;
  return frameBytes < MAX_FRAME_BYTES && end <= chunk.length ? end : 0;
}
