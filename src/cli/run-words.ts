// How a run and its sites are spoken of, wherever they are shown.

import type { ErrorRecord } from '../errors.ts';
import { formatCount, formatDuration } from '../lib/format.ts';
import type { Line, Paint } from '../lib/paint.ts';
import type { RunEntry, RunStatus } from '../migration/read-run.ts';
import { type MigrationId, nameRunIn, shortenId } from '../migration/words.ts';

const STATUS_WORDS: Record<RunStatus, string> = {
  running: 'running',
  paused: 'stopped, and can be resumed',
  completed: 'completed',
  completed_with_failures: 'ended, some sites are not migrated',
  failed: 'stopped before its end',
  rolled_back: 'rolled back',
  closed: 'closed: not to be resumed',
  interrupted: 'interrupted: nobody works on it',
  unknown: 'unknown: its files tell nothing',
};

/** `interrupted: nobody works on it`, `running (process 4711 on admin-1)`. */
export function describeStatus({ status, holder }: RunEntry): string {
  const words = STATUS_WORDS[status];
  return holder ? `${words} (process ${holder.pid || 'unknown'} on ${holder.host})` : words;
}

export function describePair({ source, target }: RunEntry): string {
  return `${source ?? '?'} → ${target ?? '?'}`;
}

/** `120 of 450 sites done, 3 failed, 1 timed out, 4 in progress, 322 to do`. What the plan leaves out isn't counted. */
export function describeCounts({ sites, status }: RunEntry): string {
  const { total, completed, failed, timeout, pending, in_progress, rolled_back, skipped, unchanged } = sites;
  const isOver = status !== 'running';
  const rest = [
    [failed, 'failed'],
    [timeout, 'timed out'],
    [rolled_back, 'rolled back'],
    [in_progress, isOver ? 'broken off' : 'in progress'],
    [pending, 'to do'],
    [unchanged, 'unchanged'],
  ] as const;
  const planned = total - (skipped - unchanged);
  const parts = rest.filter(([count]) => count > 0).map(([count, word]) => `, ${formatCount(count)} ${word}`);
  return `${formatCount(completed)} of ${formatCount(planned)} ${planned === 1 ? 'site' : 'sites'} done${parts.join('')}`;
}

export function chooseRunMark({ status, damage }: RunEntry, paint: Paint): Line {
  if (damage.length > 0) return paint('red', '✖');
  if (status === 'completed' || status === 'rolled_back') return paint('green', '✔');
  if (status === 'closed') return paint('dim', '-');
  return status === 'running' || status === 'paused' ? paint('yellow', '!') : paint('red', '✖');
}

/** `2 h 14 min ago`; null when nobody knows. A clock that went back doesn't make it the future. */
export function describeAge(at: string | null, now: Date): string | null {
  return at === null ? null : `${formatDuration(Math.max(0, now.getTime() - Date.parse(at)))} ago`;
}

/** Said when a run begins: what to type of it, and where its files are. */
export function describePlace(id: MigrationId, path: string): string {
  return `Run ${shortenId(id)} · ${path}`;
}

/** Why a run has ended, as `--json` has it. */
export function describeEnding(
  { code, message, hint }: Pick<ErrorRecord, 'code' | 'message' | 'hint'>,
  id: MigrationId,
): Pick<ErrorRecord, 'code' | 'message' | 'hint'> {
  return { code, message, hint: nameRunIn(hint, id) };
}
