import { formatDuration } from '../lib/format.ts';
import type { TargetHolder, TargetLock } from '../migration/target-lock.ts';

/** What `env-migrate unlock` prints. `command`: how to call it again, without `--id`. */
export function renderTargetLock(lock: TargetLock, command: string): string {
  const { environment, database, condition, holder, broken } = lock;
  const target = `${environment} (database ${database})`;
  if (holder === null) return `Nobody holds ${target}.`;
  const facts = renderHolder(holder);
  if (broken) {
    return [`The lease of ${target} is broken; that run can't swap in anything any more.`, ...facts].join(
      '\n',
    );
  }
  if (condition === 'living') {
    const rest = formatDuration(holder.expiresInMs);
    return [
      `A run holds ${target}, and it is alive.`,
      ...facts,
      `If its process is dead, its lease expires in ${rest}; the next run takes over then.`,
    ].join('\n');
  }
  const why =
    condition === 'process_dead'
      ? 'its process is gone'
      : `it expired ${formatDuration(-holder.expiresInMs)} ago`;
  return [
    `A dead run has left its lease of ${target}: ${why}. The next run takes over.`,
    ...facts,
    `To break it now: ${command} ${environment} --id ${holder.lockId}`,
  ].join('\n');
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
