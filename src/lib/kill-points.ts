// The points at which a crash is the most interesting. The crash suite dies exactly there; in any other process a
// point costs one comparison and does nothing.

/** By what a process is there to do, in the order in which it first passes them. */
export const KILL_POINTS = {
  migrate: [
    'before lock',
    'lease taken',
    'journal copied',
    'before journal write',
    'after migration.started',
    'phase begins',
    'before step.started',
    'after step.started',
    'mid table',
    'after chunk.copied',
    'after table.copied',
    'before step.completed',
    'before rename',
    'after rename, before its record',
    'before task.completed',
    'before migration.ended',
    'before summary',
    'mid journal append',
    'mid snapshot',
  ],
  rollback: [
    'before lock',
    'lease taken',
    'journal copied',
    'before journal write',
    'before step.started',
    'after step.started',
    'before rollback rename',
    'after rollback rename, before its record',
    'before step.completed',
    'before summary',
    'mid journal append',
    'mid snapshot',
  ],
  cleanup: [
    'lease taken',
    'journal copied',
    'before journal write',
    'before removal',
    'before summary',
    'mid journal append',
    'mid snapshot',
  ],
} as const;

export type KillPoint = (typeof KILL_POINTS)[keyof typeof KILL_POINTS][number];

/** `WFUWP_KILL_AT="before rename#3"`: die the third time that this point is reached. */
const [armedPoint, armedCount] = (process.env.WFUWP_KILL_AT ?? '').split('#');
let reached = 0;

/** `WFUWP_STOP_AT`, in the same form: be stopped there, as by SIGSTOP from outside, and go on at SIGCONT. */
const [stopPoint, stopCount] = (process.env.WFUWP_STOP_AT ?? '').split('#');
let reachedStop = 0;

/** Dies here when this is the point that was asked for: SIGKILL, as by the kernel, so that nothing is tidied up. */
export function passKillPoint(point: KillPoint): void {
  if (isKillDue(point)) process.kill(process.pid, 'SIGKILL');
  if (stopPoint !== point) return;
  reachedStop += 1;
  if (reachedStop === Number(stopCount ?? 1)) process.kill(process.pid, 'SIGSTOP');
}

/** For points in the middle of a deed: the caller does half of it and then calls `dieNow`. Counts as reached. */
export function isKillDue(point: KillPoint): boolean {
  if (armedPoint !== point) return false;
  reached += 1;
  return reached === Number(armedCount ?? 1);
}

export function dieNow(): void {
  process.kill(process.pid, 'SIGKILL');
}
