// `status --watch`: the same report again and again, until nobody works on the run any more or the user has seen
// enough. On a terminal it is repainted in place; into a pipe it is printed again when something has changed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Shown } from '../lib/show-lines.ts';
import type { StatusReport } from './status-report.ts';

const INTERVAL_MS = 1_000;

/** A screen of its own, so that the user's own lines are there again afterwards; and the cursor away. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export interface Watch {
  readonly read: () => Promise<StatusReport>;
  readonly render: (report: StatusReport) => Shown;
  /** null: show nothing, only wait. */
  readonly stream: NodeJS.WriteStream | null;
  /** Ends the watching, which is no failure. */
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
}

/** Gives the last report, which the caller shows: it stays where the repainted ones are gone. */
export async function watchStatus(watch: Watch): Promise<StatusReport> {
  const { read, signal, stream } = watch;
  let report = await read();
  using screen = stream?.isTTY ? openScreen(stream) : null;
  let shown = '';
  while (report.holder !== null && !signal.aborted) {
    if (screen) screen.paint(watch.render(report));
    else if (stream && shown !== signOf(report)) stream.write(`${watch.render(report)}\n\n`);
    shown = signOf(report);
    await sleep(watch.intervalMs ?? INTERVAL_MS, undefined, { signal }).catch(() => {});
    report = await read();
  }
  return report;
}

/** Ages change with every look; they are no news. */
function signOf({ status, updatedAt, sites }: StatusReport): string {
  return JSON.stringify([status, updatedAt, sites]);
}

interface Screen extends Disposable {
  paint(text: Shown): void;
}

function openScreen(stream: NodeJS.WriteStream): Screen {
  stream.write(ENTER);
  return {
    paint(text) {
      // Painted over, not cleared first: that would flicker. What doesn't fit is cut off at the end.
      const lines = text.split('\n').slice(0, Math.max(1, stream.rows - 1));
      stream.write(`${HOME}${lines.map(line => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
    },
    [Symbol.dispose]() {
      stream.write(LEAVE);
    },
  };
}
