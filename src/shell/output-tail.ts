import { toOneLine, truncate } from '../lib/text.ts';

const MOST_BYTES = 64 * 1024;
const MOST_LINES = 20;
const LONGEST_LINE = 500;

/** The end of what a program has printed; a chatty one doesn't fill the memory. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= 2 * MOST_BYTES) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-MOST_BYTES)];
    this.#bytes = MOST_BYTES;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-MOST_BYTES).toString('utf8');
  }

  /** The last lines that say something, safe to print. */
  lines(): string[] {
    const lines = this.text()
      .split(/\r?\n/)
      .map(line => truncate(toOneLine(line), LONGEST_LINE));
    return lines.filter(Boolean).slice(-MOST_LINES);
  }
}
