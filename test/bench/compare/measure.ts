// What a command costs: the same ruler for every contender, ours or not.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Measurement {
  readonly wallSeconds: number;
  /** User and system time of the command and of all that it started and waited for. */
  readonly clientCpuSeconds: number;
  /** The same of the servers' processes, until the command ended. */
  readonly serverCpuSeconds: number;
  /** Resident memory of the command's processes together, sampled: a shorter peak is missed, and pages that
   *  processes share count for each. */
  readonly peakMb: number;
}

/** Bash's own stopwatch counts every child that was waited for, and prints to descriptor 3. */
const STOPWATCH = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&4 3>&- 4>&-; } 4>&2 2>&3';

const SAMPLE_INTERVAL_MS = 50;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** Rejects, with the end of what the command said, when it fails. */
export async function measure(command: Command, serverPids: readonly number[]): Promise<Measurement> {
  const serverCpuBefore = await readCpuSeconds(serverPids);
  const running = execa('bash', ['-c', STOPWATCH, 'stopwatch', command.file, ...command.args], {
    cwd: command.cwd,
    env: { NO_COLOR: '1', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    reject: false,
    maxBuffer: 16 * 1024 * 1024,
  });
  let peakBytes = 0;
  const sampler = setInterval(() => {
    if (running.pid !== undefined) peakBytes = Math.max(peakBytes, readTreeBytes(running.pid));
  }, SAMPLE_INTERVAL_MS);
  const result = await running;
  clearInterval(sampler);
  const serverCpuAfter = await readCpuSeconds(serverPids);
  if (result.failed) {
    const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`${command.file} ${command.args.join(' ')} failed (${result.exitCode}):\n${said}`);
  }
  const [wall = 0, user = 0, system = 0] = String(result.stdio[3]).trim().split(' ').map(Number);
  return {
    wallSeconds: wall,
    clientCpuSeconds: user + system,
    serverCpuSeconds: serverCpuAfter - serverCpuBefore,
    peakMb: peakBytes / 1024 ** 2,
  };
}

async function readCpuSeconds(pids: readonly number[]): Promise<number> {
  const each = pids.map(async pid => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, a name in parentheses, may contain spaces; utime and stime are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
  return (await Promise.all(each)).reduce((sum, seconds) => sum + seconds, 0);
}

/** 0 for a process that is gone: they come and go while they are counted. */
function readTreeBytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const below = children === '' ? [] : children.split(' ').map(Number);
    return below.reduce((sum, child) => sum + readTreeBytes(child), pages * PAGE_BYTES);
  } catch {
    return 0;
  }
}
