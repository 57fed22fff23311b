import { joinParts, type Line } from '../lib/paint.ts';
import { writeLines } from '../lib/show-lines.ts';
import type { EventType, Recorded } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import { isTrouble } from '../migration/validation.ts';
import { UNCHANGED } from '../migration/words.ts';
import { describeEvent } from './describe-event.ts';
import { Progress } from './progress.ts';
import { renderHeadline } from './progress-text.ts';
import type { Sink } from './sink.ts';
import { nameUnits } from './site-names.ts';

/** More often fills the log of a nightly job; less often looks as if the run hung. */
const PROGRESS_INTERVAL_MS = 5_000;

/** What is worth a line of its own; the rest is in migration-progress.log. */
const SHOWN = new Set<EventType>([
  'migration.started',
  'migration.draining',
  'migration.tuned',
  'migration.ended',
  'phase.started',
  'phase.failed',
  'phase.skipped',
  'task.completed',
  'task.failed',
  'task.timed_out',
  'task.aborted',
  'step.retried',
  'undo.failed',
  'rollback.started',
  'task.rolled_back',
]);

export function isWorthALine(line: Recorded, { isPlanRead = false } = {}): boolean {
  if (line.type === 'check.reported') return isNewFinding(line, isPlanRead);
  if (line.type === 'hook.ended') return line.error !== undefined;
  if (line.type === 'task.validated' || line.type === 'migration.validated')
    return line.results.some(isTrouble);
  if (line.type === 'concurrency.changed') return line.cause === 'source';
  // What the plan leaves out was said with the plan.
  if (line.type === 'task.skipped') return line.reason === UNCHANGED;
  return SHOWN.has(line.type);
}

/** What is told of a check: not that it passed, nor what was read in the plan a moment ago. */
export function isNewFinding(
  { outcome, lasting }: Pick<Extract<Recorded, { type: 'check.reported' }>, 'outcome' | 'lasting'>,
  isPlanRead: boolean,
): boolean {
  return outcome !== 'passed' && (lasting === true || !isPlanRead);
}

export interface DisplayOptions {
  readonly plan: Plan;
  readonly stream: NodeJS.WriteStream;
  /** Whoever looks has just read what the checks found. */
  readonly isPlanRead?: boolean;
  /** Milliseconds of a clock that doesn't jump. */
  readonly now?: () => number;
}

/** For pipes, files and terminals too narrow for a table: a line for each phase and each finished site, and one of
 *  progress every few seconds in between. Times are UTC, as in the journal. */
export function createPlainLines({
  plan,
  stream,
  isPlanRead = false,
  now = () => performance.now(),
}: DisplayOptions): Sink {
  const progress = new Progress(plan, now);
  const nameOf = nameUnits(plan);
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  // `| head` closes the pipe, and the reader's going away must not end a migration.
  stream.on('error', () => {
    closed = true;
  });

  const print = (at: Date, line: Line): void => {
    if (!closed) writeLines(stream, [joinParts(`${at.toISOString().slice(11, 19)}Z  `, line)]);
  };
  const printProgress = (): void => {
    const snapshot = progress.read();
    if (snapshot.inFlight.length > 0) print(new Date(), renderHeadline(snapshot));
  };

  return {
    name: 'plain-lines',
    onEvent(line, state) {
      progress.onEvent(line, state);
      timer ??= setInterval(printProgress, PROGRESS_INTERVAL_MS).unref();
      if (isWorthALine(line, { isPlanRead })) print(new Date(line.at), describeEvent(line, nameOf));
    },
    onTick: tick => progress.onTick(tick),
    async close() {
      closed = true;
      if (timer) clearInterval(timer);
    },
  };
}
