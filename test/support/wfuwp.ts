import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const DEV = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));

/** The suite starts the program hundreds of times: stripping its types anew each time would take half of the time that
 *  its start takes. */
const COMPILE_CACHE = join(tmpdir(), 'wfuwp-compile-cache');

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program from its sources, without a terminal, and waits for its end. */
export async function wfuwp(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await startWfuwp(args, options);
  return { exitCode, stdout, stderr };
}

/** The same as a running process, for tests that send signals or watch. */
export function startWfuwp(args: readonly string[], options: { cwd: string; env?: Record<string, string> }) {
  return execa(process.execPath, [DEV, ...args], {
    cwd: options.cwd,
    env: { NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env },
    reject: false,
    stdin: 'ignore',
  });
}
