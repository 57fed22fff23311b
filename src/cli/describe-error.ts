// Anything that was thrown, as the user sees it: on stderr, or as the one object of `--json`. Three kinds: a
// failure that the program understands, a wrong command line, and our own bug.
import { inspect, styleText } from 'node:util';
import { EXIT_CODES, MigrationError } from '../errors.ts';
import { maskUnmistakable } from '../lib/mask-secrets.ts';

export interface ErrorDescription {
  /** A code of the catalogue, or `bug`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Never holds a secret, whoever wrote the message. */
export function describeError(error: unknown, hints: { usage: string }): ErrorDescription {
  return maskValue(classifyError(error, hints.usage)) as ErrorDescription;
}

function classifyError(error: unknown, usageHint: string): ErrorDescription {
  if (error instanceof MigrationError) {
    const { code, message, hint, exitCode, details } = error;
    return { code, message, hint, exitCode, ...(Object.keys(details).length > 0 && { details }) };
  }
  if (isOclifError(error)) {
    const message = error.message.replace(/\nSee more help with --help$/, '');
    return { code: 'usage', message, hint: usageHint, exitCode: EXIT_CODES.usage.exitCode };
  }
  return {
    code: 'bug',
    message: error instanceof Error ? error.message : inspect(error),
    hint: 'This is a bug in wfuwp. Please report it, with the lines above.',
    exitCode: EXIT_CODES.bug.exitCode,
    details: { stack: (error instanceof Error && error.stack) || inspect(error) },
  };
}

/** The lines for stderr. With `verbose` also what caused the error, down to the first cause. */
export function renderError(
  error: unknown,
  description: ErrorDescription,
  options: { verbose: boolean },
): string {
  const { code, message, hint, details } = description;
  const label = styleText(['red', 'bold'], 'Error:', { stream: process.stderr });
  const text = code === 'bug' ? (details?.stack as string) : message;
  const causes =
    options.verbose && error instanceof Error && error.cause !== undefined ? [inspect(error.cause)] : [];
  return maskUnmistakable([`${label} ${text}`, ...causes, ...(hint === '' ? [] : [hint]), ''].join('\n'));
}

/** oclif marks its own errors (a wrong flag, a missing argument, `this.error`) with the exit code it would use. */
function isOclifError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}

function maskValue(value: unknown): unknown {
  return JSON.parse(maskUnmistakable(JSON.stringify(value)));
}
