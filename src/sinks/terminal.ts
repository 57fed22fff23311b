// The live display: the picture of progress.ts a few times a second, whatever happens in between, and what went wrong.

import { createPaint, joinParts, type Line, type Paint, wantsColors } from '../lib/paint.ts';
import { wrap } from '../lib/text.ts';
import type { Recorded } from '../migration/events.ts';
import type { TaskId } from '../migration/words.ts';
import { type EventDescription, explainEvent } from './describe-event.ts';
import { createPlainLines, type DisplayOptions, isNewFinding } from './plain-lines.ts';
import { Progress } from './progress.ts';
import { renderHeadline, renderRow } from './progress-text.ts';
import { seatSites } from './seat-sites.ts';
import type { Sink } from './sink.ts';
import { nameUnits } from './site-names.ts';
import { SlotScreen } from './terminal/slot-screen.ts';

/** More starve the run: drawing costs the same event loop that copies. */
const MAX_ROWS = 25;
const FRAME_MS = 200;
/** Narrower, a row has no room for a name and what is done with it. */
const MIN_COLUMNS = 40;
/** The headline, the line that counts what isn't shown, and the one the cursor stands on. */
const OTHER_LINES = 3;
/** What listr2 needs of the width: an icon, a space and two free columns; for a row two of indentation, too. */
const HEADLINE_MARGIN = 4;
const ROW_MARGIN = 6;

/** Rows of sites in flight below a headline; what went wrong stays above them for good. Falls back to plain lines
 *  where there is no terminal or it is too narrow. Draws nothing before the first event and nothing after `close`. */
export function createTerminal(options: DisplayOptions): Sink {
  const { plan, stream, isPlanRead = false, now = () => performance.now() } = options;
  if (!stream.isTTY || stream.columns < MIN_COLUMNS) return createPlainLines(options);

  const paint = createPaint(wantsColors(stream));
  const progress = new Progress(plan, now);
  const nameOf = nameUnits(plan);
  let seats: (TaskId | null)[] = [];
  let trouble: Line[] = [];
  let screen: SlotScreen | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  // The terminal may go away (a lost connection); the migration must not go with it.
  stream.on('error', () => {});

  const drawFrame = (): void => {
    screen?.print(trouble);
    trouble = [];
    const snapshot = progress.read();
    const places = Math.max(1, Math.min(MAX_ROWS, stream.rows - OTHER_LINES));
    const sites = new Map(snapshot.inFlight.map(site => [site.taskId, site]));
    seats = seatSites(seats, [...sites.keys()], places);
    const rows = seats.map((taskId): Line => {
      const site = taskId === null ? undefined : sites.get(taskId);
      if (!site) return '';
      const { text, troubled } = renderRow(site, stream.columns - ROW_MARGIN);
      return troubled ? paint('yellow', text) : text;
    });
    if (sites.size > places) rows.push(paint('dim', `… and ${sites.size - places} more in flight`));
    screen?.draw(paint('bold', renderHeadline(snapshot, stream.columns - HEADLINE_MARGIN, paint)), rows);
  };

  return {
    name: 'terminal',
    onEvent(line, state) {
      if (closed) return;
      progress.onEvent(line, state);
      if (isTrouble(line, isPlanRead))
        trouble.push(...renderTrouble(line, explainEvent(line, nameOf), stream.columns, paint));
      screen ??= new SlotScreen(stream, paint, MAX_ROWS + 1);
      timer ??= setInterval(drawFrame, FRAME_MS).unref();
    },
    onTick: tick => progress.onTick(tick),
    async close() {
      closed = true;
      if (timer) clearInterval(timer);
      screen?.print(trouble);
      await screen?.close();
      screen = null;
    },
  };
}

/** Worth staying on the screen. A failed step is told again as its failed site. */
function isTrouble(line: Recorded, isPlanRead: boolean): boolean {
  if (line.type === 'migration.draining' || line.type === 'migration.tuned') return true;
  if (line.type === 'rollback.started') return true;
  if (line.type === 'concurrency.changed') return line.cause === 'source';
  if (line.type === 'check.reported') return isNewFinding(line, isPlanRead);
  return line.level === 'error' && line.type !== 'step.failed';
}

function renderTrouble(
  line: Recorded,
  { text, next }: EventDescription,
  columns: number,
  paint: Paint,
): Line[] {
  const mark = line.level === 'error' ? paint('red', '✖') : paint('yellow', '!');
  const [first = '', ...others] = wrap(text, columns - 3);
  const hint = next === null ? [] : wrap(`→ ${next}`, columns - 3).map(part => paint('dim', part));
  return [joinParts(mark, ` ${first}`), ...[...others, ...hint].map(part => joinParts('  ', part))];
}
