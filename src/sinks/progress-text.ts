// The picture of progress as text. Made for a width: what matters least goes first when there is no room.

import { formatBytes, formatClock, formatCount, formatDuration } from '../lib/format.ts';
import { createPaint, joinParts, type Line, type Paint } from '../lib/paint.ts';
import { fitColumn, fitSite, truncate } from '../lib/text.ts';
import { PHASE_NAMES, STEP_NAMES } from './describe-event.ts';
import type { ProgressSnapshot, SiteInFlight } from './progress.ts';

/** A site that says nothing for this long may hang. A big table's index is built in silence for some seconds, so
 *  sooner would cry wolf. */
const QUIET_AFTER_MS = 30_000;

/** Below this, the last sites in flight decide, and the figure would only jump about. */
const SOON_MS = 10_000;

/** `212 of 450 sites · 47 % · 2 failed · 7 min left · 31 sites/min · 18.2 MB/s`, cut from the end to fit. */
export function renderHeadline(
  snapshot: ProgressSnapshot,
  width = Number.POSITIVE_INFINITY,
  paint: Paint = createPaint(false),
): Line {
  const failed = snapshot.failed > 0 ? `${formatCount(snapshot.failed)} failed` : '';
  const pieces = [
    renderPlace(snapshot),
    ...(isStill(snapshot) ? [failed] : [renderPercent(snapshot), failed, ...renderPace(snapshot)]),
  ].filter(Boolean);
  while (pieces.length > 1 && pieces.join(' · ').length > width) pieces.pop();
  const text = truncate(pieces.join(' · '), width);
  if (!failed || !text.includes(failed)) return text;
  const [before = '', ...after] = text.split(failed);
  return joinParts(before, paint('red', failed), after.join(failed));
}

const HELD_WORDS = { operator: 'Paused', source: 'Waiting for the source' } as const;

/** Of what is only still in flight no pace can be read. */
function isStill({ draining, held }: ProgressSnapshot): boolean {
  return draining || held !== null;
}

function renderPlace({ phase, draining, held, total, done, skipped, inFlight }: ProgressSnapshot): string {
  const sites = `${formatCount(done + skipped)} of ${formatCount(total)} sites`;
  const still = draining ? 'Stopping' : held && HELD_WORDS[held];
  if (still) return `${still}, ${formatCount(inFlight.length)} in flight · ${sites}`;
  if (phase === 'sites') return sites;
  return phase === null ? 'Starting' : PHASE_NAMES[phase];
}

function renderPercent({ phase, percent }: ProgressSnapshot): string {
  return phase === 'sites' ? `${percent} %` : '';
}

function renderPace({ etaMs, sitesPerMinute, bytesPerSecond, inFlight }: ProgressSnapshot): string[] {
  if (inFlight.length === 0) return [];
  const left = etaMs === null ? '' : etaMs < SOON_MS ? 'seconds left' : `${formatDuration(etaMs)} left`;
  const sites = sitesPerMinute === null ? '' : `${formatPace(sitesPerMinute)} sites/min`;
  return [left, sites, `${formatBytes(bytesPerSecond)}/s`];
}

function formatPace(sitesPerMinute: number): string {
  return sitesPerMinute < 10 ? sitesPerMinute.toFixed(1) : formatCount(sitesPerMinute);
}

/** One site in flight, in columns: name, what it does, how much, how long. */
export interface Row {
  readonly text: string;
  /** Waits for another attempt, or hasn't been heard of for a while. */
  readonly troubled: boolean;
}

const CLOCK_WIDTH = 7;
const AMOUNT_WIDTH = 15;
/** `site 12345` with the start of an address. */
const NAME_MIN_WIDTH = 16;
const NAME_MAX_WIDTH = 40;
/** Below this width the amount goes: where a site is matters more than how far. */
const AMOUNT_FROM_WIDTH = 64;

export function renderRow(site: SiteInFlight, width: number): Row {
  const withAmount = width >= AMOUNT_FROM_WIDTH;
  const rest = width - CLOCK_WIDTH - (withAmount ? AMOUNT_WIDTH : 0);
  const nameWidth = Math.min(NAME_MAX_WIDTH, Math.max(NAME_MIN_WIDTH, Math.floor(rest * 0.5)));
  // The headline says that these are sites; the number and the address have more need of the room.
  const columns = [
    fitSite(site.name.replace(/^site /, ''), nameWidth),
    ' ',
    fitColumn(renderActivity(site), rest - nameWidth - 1),
  ];
  if (withAmount) columns.push(fitColumn(renderAmount(site), AMOUNT_WIDTH, 'right'));
  columns.push(fitColumn(formatClock(site.elapsedMs), CLOCK_WIDTH, 'right'));
  return { text: columns.join(''), troubled: site.retrying !== null || isQuiet(site) };
}

function renderActivity(site: SiteInFlight): string {
  if (site.retrying !== null) return `waiting to try again (${site.retrying})`;
  if (site.step === null) return 'starting';
  if (isQuiet(site)) return `${STEP_NAMES[site.step]}: quiet for ${formatDuration(site.quietMs)}`;
  // The table says what is copied; the verb alone leaves it more room.
  return site.table ? `${STEP_NAMES[site.step].split(' ')[0]} ${site.table}` : STEP_NAMES[site.step];
}

/** The plan's size is the server's guess; when more has landed than that, it is not shown any more. */
function renderAmount({ step, bytes, sizeBytes }: SiteInFlight): string {
  if (bytes === 0) return '';
  const landed = formatBytes(bytes);
  return step === 'copy_tables' && bytes < sizeBytes
    ? `${Math.floor((bytes / sizeBytes) * 100)} %  ${landed}`
    : landed;
}

function isQuiet({ quietMs }: SiteInFlight): boolean {
  return quietMs >= QUIET_AFTER_MS;
}
