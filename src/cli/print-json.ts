import { maskUnmistakable } from '../lib/mask-secrets.ts';
import { escapeInJson } from '../lib/show-foreign.ts';

/** Prints the one value of `--json` on stdout: a program reads it exactly, and a terminal obeys nothing in it. */
export function printJson(value: unknown): void {
  printExactJson(value, (_key, part: unknown) => (typeof part === 'string' ? maskUnmistakable(part) : part));
}

/** The same for what is data and not a report: masking would change it, when a password reads like a part of it. */
export function printExactJson(value: unknown, replacer?: (key: string, part: unknown) => unknown): void {
  process.stdout.write(`${escapeInJson(JSON.stringify(value, replacer, 2))}\n`);
}
