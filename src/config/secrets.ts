// Passwords never leave the process: not in logs, state, process arguments or error text. Two guards, because
// either alone has a hole: the wrapper keeps a secret out of whatever is built from our own objects, the
// registry takes it out of text that others have made (a driver's message, a stack).
import { inspect } from 'node:util';

const MASK = '***';

/** Shorter than this, a "secret" also stands in ordinary words: masking it would garble every message and
 *  hide nothing. */
const SHORTEST_MASKED = 4;

const registered = new Set<string>();

/** A value that prints as `***` everywhere. `reveal()` is for the one place that hands it to a driver. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    registerSecret(value);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** From now on `maskSecrets` hides this value, also as it reads inside JSON and URLs. */
export function registerSecret(value: string): void {
  if (value.length < SHORTEST_MASKED) return;
  registered.add(value);
  registered.add(JSON.stringify(value).slice(1, -1));
  // A lone surrogate makes encodeURIComponent throw; such a value can't stand in a URL anyway.
  if (value.isWellFormed()) registered.add(encodeURIComponent(value));
}

/** The text with every known secret replaced. For all text that leaves the process: terminal, files, webhooks. */
export function maskSecrets(text: string): string {
  let masked = text;
  // Longest first: one secret may be the beginning of another.
  for (const secret of [...registered].sort((a, b) => b.length - a.length)) {
    masked = masked.replaceAll(secret, MASK);
  }
  return masked;
}

/** Whether a key of the configuration names something secret. */
export function isSecretKey(key: unknown): boolean {
  return typeof key === 'string' && /pass(word|phrase)?$|secret|token/i.test(key);
}
