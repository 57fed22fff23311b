// Passwords never leave the process: not in logs, state, process arguments or error text. Two guards, because either
// alone has a hole: the wrapper keeps a secret out of whatever is built from our own objects, and masking
// (lib/mask-secrets.ts) takes it out of text that others have made (a driver's message, a hook's output).
import { inspect } from 'node:util';
import { registerSecret } from '../lib/mask-secrets.ts';

const MASK = '***';

/** Where a secret is that doesn't stand in the configuration itself. */
export type SecretOrigin = { readonly file: string } | { readonly command: readonly string[] };

/** What is wrong with a secret's value, without quoting it; undefined: nothing. */
type Judge = (value: string) => string | undefined;

/** A value that prints as `***` everywhere. `reveal()` is for the one place that hands it to a driver. */
export class Secret {
  /** Absent: it stands in the configuration. */
  readonly origin: SecretOrigin | undefined;
  readonly #judge: Judge;
  #value: string | undefined;

  constructor(value: string | SecretOrigin, judge: Judge = () => undefined) {
    this.#judge = judge;
    if (typeof value === 'string') this.#keep(value);
    else this.origin = value;
  }

  /** One that stands elsewhere has to be fetched before (fetch-secrets.ts). */
  reveal(): string {
    if (this.#value === undefined) throw new Error('A secret is used before it was fetched.');
    return this.#value;
  }

  get isFetched(): boolean {
    return this.#value !== undefined;
  }

  /** Keeps what was found where it stands, or says what is wrong with that. */
  fetched(value: string): string | undefined {
    this.#keep(value);
    return this.#judge(value);
  }

  #keep(value: string): void {
    this.#value = value;
    registerSecret(value);
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

/** Whether an environment variable is named as secrets are: `STG_DB_PW`, `CACHE_TOKEN`. */
export function isSecretVariable(name: string): boolean {
  return /password|passphrase|secret|token|credential|(?:^|_)(?:pass|passwd|pwd?|key)$/i.test(name);
}

/** Whether a key of the configuration names something secret. */
export function isSecretKey(key: unknown): boolean {
  return typeof key === 'string' && /pass(word|phrase)?$|secret|token/i.test(key);
}

/** Whether what stands at this place of the configuration lets somebody in: a header or a URL may, and may not. */
export function letsSomebodyIn(path: readonly PropertyKey[], value: string): boolean {
  const key = String(path.at(-1));
  if (path.includes('headers'))
    return /^(?:proxy-)?authorization$|^cookie$/i.test(key) || isSecretVariable(key.replaceAll('-', '_'));
  if (key !== 'flushUrl') return true;
  const url = URL.parse(value);
  return url !== null && (url.password !== '' || url.searchParams.keys().some(isSecretVariable));
}

export interface PlacedSecret {
  readonly path: readonly PropertyKey[];
  readonly secret: Secret;
}

/** Every secret of what was validated. */
export function listSecrets(value: unknown, path: readonly PropertyKey[] = []): PlacedSecret[] {
  if (value instanceof Secret) return [{ path, secret: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => listSecrets(inner, [...path, key]));
}
