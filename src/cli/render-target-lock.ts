import { formatDuration } from '../lib/format.ts';
import { type Shown, showLine, showLines } from '../lib/show-lines.ts';
import type { TargetHolder, TargetLock } from '../migration/target-lock.ts';

/** What `env-migrate unlock` prints. `command`: how to call it again, without `--id`. */
export function renderTargetLock(lock: TargetLock, command: string): Shown {
  const { environment, database, condition, holder, broken } = lock;
  const target = `${environment} (database ${database})`;
  if (holder === null) return showLine(`Nobody holds ${target}.`);
  const facts = renderHolder(holder);
  if (broken) {
    return showLines([
      `The lease of ${target} is broken; that run can't swap in anything any more.`,
      ...facts,
    ]);
  }
  if (condition === 'living') {
    const rest = formatDuration(holder.expiresInMs);
    return showLines([
      `A run holds ${target}, and it is alive.`,
      ...facts,
      `If its process is dead, its lease expires in ${rest}; the next run takes over then.`,
    ]);
  }
  const why =
    condition === 'process_dead'
      ? 'its process is gone'
      : `it expired ${formatDuration(-holder.expiresInMs)} ago`;
  return showLines([
    `A dead run has left its lease of ${target}: ${why}. The next run takes over.`,
    ...facts,
    `To break it now: ${command} ${environment} --id ${holder.lockId}`,
  ]);
}

function renderHolder({ migrationId, pid, host, takenAt, heartbeatAt, lockId }: TargetHolder): string[] {
  return [
    `  run        ${migrationId}`,
    `  process    ${pid} on ${host}`,
    `  since      ${takenAt}`,
    `  heartbeat  ${heartbeatAt}`,
    `  lock id    ${lockId}`,
  ];
}
