import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { CACHE } from './cache.ts';

/** The program as its users have it, from `dist/`, which the global set-up has built: it starts four times as fast as
 *  from its sources, and the suite starts it some thousand times. */
export const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Spares each start a tenth of its time. */
const COMPILE_CACHE = join(CACHE, 'compiled');

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program, without a terminal, and waits for its end. */
export async function wfuwp(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await startWfuwp(args, options);
  return { exitCode, stdout, stderr };
}

/** The same as a running process, for tests that send signals or watch. */
export function startWfuwp(args: readonly string[], options: { cwd: string; env?: Record<string, string> }) {
  return execa(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd,
    env: { NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env },
    reject: false,
    stdin: 'ignore',
  });
}
