// Anything that was thrown, as the user sees it: on stderr, or as the one object of `--json`. Three kinds: a
// failure that the program understands, a wrong command line, and our own bug.
import { inspect, stripVTControlCharacters } from 'node:util';
import { EXIT_CODES, MigrationError } from '../errors.ts';
import { maskLongSecrets } from '../lib/mask-secrets.ts';
import { createPaint, joinParts, type Line, wantsColors } from '../lib/paint.ts';
import { showForeign } from '../lib/show-foreign.ts';
import { explainParserError } from './explain-parser-error.ts';

export interface ErrorDescription {
  /** A code of the catalogue, or `bug`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** `usage`: the hint of a wrong command line; `argv`: that line. */
export function describeError(
  error: unknown,
  { usage, argv }: { usage: string; argv: readonly string[] },
): ErrorDescription {
  if (error instanceof MigrationError) {
    const { code, message, hint, exitCode, details } = error;
    return { code, message, hint, exitCode, ...(Object.keys(details).length > 0 && { details }) };
  }
  if (isOclifError(error)) {
    const message = explainParserError(stripVTControlCharacters(showTyped(error.message, argv)));
    return { code: 'usage', message, hint: usage, exitCode: EXIT_CODES.usage.exitCode };
  }
  const { message, stack } = describeBug(error);
  return {
    code: 'bug',
    message,
    hint: 'This is a bug in wfuwp. Please report it, with the lines above.',
    exitCode: EXIT_CODES.bug.exitCode,
    details: { stack },
  };
}

/** The lines for stderr. With `verbose` also what caused the error, down to the first cause. */
export function renderError(
  error: unknown,
  description: ErrorDescription,
  options: { verbose: boolean },
): Line[] {
  const paint = createPaint(wantsColors(process.stderr));
  const [first = '', ...others] = listLines(error, description);
  const causes = options.verbose && error instanceof Error ? renderCauses(error) : [];
  const hint = error instanceof MigrationError ? error.hintLines : [description.hint];
  return [
    joinParts(paint('bold', paint('red', 'Error:')), ' ', first),
    ...others,
    ...causes,
    ...hint.filter(line => line !== ''),
  ];
}

function listLines(error: unknown, { code, message, details }: ErrorDescription): readonly string[] {
  if (error instanceof MigrationError) return error.lines;
  const text = code === 'bug' ? String(details?.stack) : message;
  return text.split('\n');
}

/** Shows what was typed; other line breaks and colours in the message are oclif's. */
function showTyped(message: string, argv: readonly string[]): string {
  return argv
    .flatMap(word => [word, word.replace(/=.*/s, '')])
    .filter(word => word !== showForeign(word))
    .reduce((text, word) => text.replaceAll(word, () => showForeign(word)), message);
}

/** Nobody knows who wrote its message; the stack below it is our own. */
function describeBug(error: unknown): { message: string; stack: string } {
  const message = maskLongSecrets(error instanceof Error ? error.message : inspect(error));
  if (!(error instanceof Error)) return { message, stack: message };
  const stack = error.stack?.replace(error.message, () => showForeign(message)) ?? message;
  return { message, stack };
}

const ON_ONE_LINE = { breakLength: Number.POSITIVE_INFINITY, compact: true } as const;

/** What caused it, what caused that, and so on: each with its stack, and the facts that a driver adds. */
function renderCauses({ cause }: Error): Line[] {
  if (cause === undefined) return [];
  const facts = cause instanceof Error ? Object.fromEntries(Object.entries(cause)) : {};
  return [
    ...`Caused by: ${describeBug(cause).stack}`.split('\n'),
    ...(Object.keys(facts).length > 0 ? [`    ${maskLongSecrets(inspect(facts, ON_ONE_LINE))}`] : []),
    ...(cause instanceof Error ? renderCauses(cause) : []),
  ];
}

/** oclif marks its own errors (a wrong flag, a missing argument, `this.error`) with the exit code it would use. */
function isOclifError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}
