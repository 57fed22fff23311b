// Whether a process id of somebody else's record can be looked up here.

import { readFileSync, readlinkSync } from 'node:fs';

/** Names the space in which this process's id is unique, as far as the system tells; two processes with the same host
 *  name and the same space see each other's ids. The host name alone doesn't say so: containers may share the name of
 *  their host but not its processes, and after a reboot the ids begin anew. */
export function readProcessSpace(): string {
  const read = (readIt: () => string): string => {
    try {
      return readIt().trim();
    } catch {
      return '';
    }
  };
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return `${boot} ${namespace}`.trim();
}

/** In doubt (another user's process) it is alive. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

export interface ProcessFacts {
  /** When it was started, in the kernel's own count: tells it from a later process of the same number. */
  readonly start: string;
  /** It exists, and does nothing until it is told to go on. */
  readonly isStopped: boolean;
}

/** null: there is no such process, or this system doesn't tell. */
export function readProcess(pid: number): ProcessFacts | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Its name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = ''] = fields;
    return { start: fields[STARTED_AT] ?? '', isStopped: /^[Tt]$/.test(state) };
  } catch {
    return null;
  }
}

/** Behind the name; see proc(5). */
const STARTED_AT = 19;
