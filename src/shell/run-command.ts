// Runs a command of the configuration, without a shell, and says how it ended. The only place that starts another
// program. It has a time limit; at the end of that it goes with all that it has started.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { maskSecrets } from '../lib/mask-secrets.ts';
import { OutputTail } from './output-tail.ts';

export interface Command {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Besides what this process has inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Aborts: the command is ended. */
  readonly signal?: AbortSignal;
}

export interface CommandEnd {
  /** Why it counts as failed, in words; null: it ended with 0. */
  readonly failure: string | null;
  readonly durationMs: number;
  /** The last lines of stdout and stderr, as they came but for secrets. */
  readonly output: readonly string[];
  /** The last of its stdout, as it is. */
  readonly stdout: string;
  /** As `output`, of stderr alone. */
  readonly stderr: readonly string[];
}

/** Between TERM and KILL. */
const GRACE_MS = 2_000;

/** A program that goes on in the background may keep the pipe open for ever; what the command itself has printed is
 *  there by then. */
const DRAIN_MS = 500;

/** Never rejects. */
export async function runCommand({ argv, env, timeoutMs, signal }: Command): Promise<CommandEnd> {
  const { execa } = await import('execa');
  const startedAt = performance.now();
  const [all, stdout, stderr] = [new OutputTail(), new OutputTail(), new OutputTail()];
  const [file = '', ...args] = argv;
  const child = execa(file, args, {
    env: { ...env },
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    timeout: timeoutMs,
    killDescendants: true,
    forceKillAfterDelay: GRACE_MS,
    ...(signal ? { cancelSignal: signal } : {}),
  });
  child.all.on('data', (chunk: Buffer) => all.add(chunk));
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const { nodeChildProcess: started } = child;
  const left = once(started, 'exit').then(
    () => sleep(DRAIN_MS, null),
    // It could not be started: execa knows why.
    () => child,
  );
  const result = await Promise.race([child, left]);
  child.all.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  const durationMs = Math.round(performance.now() - startedAt);
  const failure = explain(
    result ?? { exitCode: started.exitCode ?? undefined, signal: started.signalCode ?? undefined },
    { timeoutMs, isCancelled: signal?.aborted === true, isLate: durationMs >= timeoutMs },
  );
  return { failure, durationMs, output: all.lines(), stdout: stdout.text(), stderr: stderr.lines() };
}

interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
}

function explain(
  { exitCode, signal, code, originalMessage }: Ending,
  why: { readonly timeoutMs: number; readonly isCancelled: boolean; readonly isLate: boolean },
): string | null {
  if (exitCode === 0) return null;
  if (why.isCancelled) return 'it was ended early, as its site or the run was';
  if (why.isLate) return `it took longer than its ${why.timeoutMs / 1000} s and was ended`;
  if (code === 'ENOENT') return 'there is no such program';
  if (exitCode !== undefined) return `it ended with exit code ${exitCode}`;
  if (signal !== undefined) return `it was ended by ${signal}`;
  return maskSecrets(originalMessage ?? 'it could not be started');
}
