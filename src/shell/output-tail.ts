import { maskSecrets } from '../lib/mask-secrets.ts';

const MOST_BYTES = 64 * 1024;
const MOST_LINES = 20;
const LONGEST_LINE = 500;

/** The end of what a program has printed; a chatty one doesn't fill the memory. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= 2 * MOST_BYTES) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-MOST_BYTES)];
    this.#bytes = MOST_BYTES;
    this.#isCut = true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-MOST_BYTES).toString('utf8');
  }

  /** The last lines that say something, as they came, but for secrets. */
  lines(): string[] {
    const lines = maskSecrets(this.text()).split(/\r\n|\r|\n/);
    // What is left of a line may begin in the middle of a secret, which nobody would recognize any more.
    if (this.#isCut || this.#bytes > MOST_BYTES) lines.shift();
    return lines
      .map(line => cut(line.trim()))
      .filter(Boolean)
      .slice(-MOST_LINES);
  }
}

function cut(line: string): string {
  const characters = Array.from(line);
  return characters.length <= LONGEST_LINE ? line : `${characters.slice(0, LONGEST_LINE - 1).join('')}…`;
}
