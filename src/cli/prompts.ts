// Questions to a person at a terminal. They are all asked before anything starts or the live display is up. Without
// a terminal nobody would answer: each prompt then fails with `usage` and names the flag that answers it. Ctrl-C
// in a prompt is `interrupted`. Prompts are drawn on stderr, so that stdout stays the result.
import { MigrationError } from '../errors.ts';
import { showLine } from '../lib/show-lines.ts';
import { isAscii } from '../lib/spell-marks.ts';
import { openTerminalInput } from './terminal-input.ts';

export interface Question {
  readonly message: string;
  /** What to pass on the command line instead of answering: "--yes", "--confirm prod". */
  readonly flag: string;
}

export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

export function confirm(question: Question & { readonly initial?: boolean }): Promise<boolean> {
  const { initial = false } = question;
  return ask<boolean>(question, { type: 'confirm', initial });
}

export interface SelectChoice<T extends string> {
  readonly value: T;
  readonly label: string;
}

export function select<T extends string>(
  question: Question & { readonly choices: readonly SelectChoice<T>[] },
): Promise<T> {
  const choices = question.choices.map(({ value, label }) => ({ name: value, message: showLine(label) }));
  return ask<T>(question, { type: 'select', choices });
}

export interface TextQuestion extends Question {
  readonly initial?: string;
  /** What is wrong with the answer, or undefined. Asked again until it is sound. */
  readonly explain?: (answer: string) => string | undefined;
}

export function askText(question: TextQuestion): Promise<string> {
  const { initial = '', explain } = question;
  return ask<string>(question, { type: 'input', initial, validate: answer => explain?.(answer) ?? true });
}

/** The answer is shown as asterisks. The caller wraps it into a Secret before anything else. */
export function askPassword(question: Question): Promise<string> {
  return ask<string>(question, { type: 'password' });
}

const ASCII_SYMBOLS = {
  ...{ pointer: '>', pointerSmall: '>', check: '+', cross: 'x', ellipsis: '...', middot: '-' },
  prefix: { pending: '?', submitted: '+', cancelled: 'x' },
  separator: { pending: '>', submitted: '-', cancelled: '-' },
};

interface PromptOptions {
  readonly type: 'confirm' | 'select' | 'input' | 'password';
  readonly initial?: boolean | string;
  readonly choices?: readonly { name: string; message: string }[];
  readonly validate?: (answer: string) => true | string;
}

async function ask<T>({ message, flag }: Question, options: PromptOptions): Promise<T> {
  if (!isInteractive()) {
    throw new MigrationError('usage', `There is no terminal to ask: ${message}`, { hint: `Pass ${flag}.` });
  }
  const { default: Enquirer } = await import('enquirer');
  const session = new Enquirer<{ answer: T }>();
  let cancel = (): void => {};
  session.on('prompt', (prompt: { cancel(): Promise<void> }) => {
    cancel = () => void prompt.cancel();
  });
  using input = openTerminalInput(() => cancel());
  // enquirer's types can't tell one kind of prompt from another here.
  const prompt = {
    name: 'answer',
    message: showLine(message),
    stdin: input.stream,
    stdout: process.stderr,
    // enquirer's colours don't know of NO_COLOR; the terminal does.
    styles: { enabled: process.stderr.hasColors() },
    ...(isAscii ? { symbols: ASCII_SYMBOLS } : {}),
    ...options,
  } as Parameters<typeof session.prompt>[0];
  try {
    const { answer } = await session.prompt(prompt);
    return answer;
  } catch (error) {
    // A cancelled prompt (Ctrl-C, Escape) rejects with nothing, an empty string; anything else is a real failure.
    if (error instanceof Error) throw error;
    throw new MigrationError('interrupted', 'Interrupted at a question; nothing was done.', { hint: '' });
  }
}
