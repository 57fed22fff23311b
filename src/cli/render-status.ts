// The state of a run as text: how it stands, what it is at, what failed, what to type. With a site: that site instead.

import { formatBytes, formatDuration } from '../lib/format.ts';
import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { fitSite, pluralize } from '../lib/text.ts';
import type { Pace } from '../migration/concurrency.ts';
import type { StateProgress } from '../migration/measure-state.ts';
import { nameTask } from '../migration/words.ts';
import { describePace, PHASE_NAMES, STEP_NAMES } from '../sinks/describe-event.ts';
import { renderNextCommands, typeCommand } from './next-commands.ts';
import { renderFailures } from './render-failures.ts';
import { renderLeftOfRun, renderLeftOfSite } from './render-left-values.ts';
import type { RenderOptions } from './render-plan.ts';
import { describeProbes, hasTroubles, renderResult, renderValidation } from './render-validation.ts';
import { chooseRunMark, describeAge, describeCounts, describePair, describeStatus } from './run-words.ts';
import type { InFlight, PhaseReport, SiteReport, StatusReport, StepReport } from './status-report.ts';
import { clampWidth, field, item, type Page, section, shorten } from './text-blocks.ts';

export interface RenderStatusOptions extends RenderOptions {
  readonly now: Date;
}

interface StatusPage extends Page {
  readonly now: Date;
  /** Where what has no end is measured to: now, or the last event of a run that nobody works on. */
  readonly until: Date;
  readonly isAlive: boolean;
}

const LABEL_WIDTH = 9;
const MOST_IN_FLIGHT = 16;
const MOST_RESOURCES = 20;

export function renderStatus(report: StatusReport, options: RenderStatusOptions): Shown {
  const { now, width, colors } = options;
  const isAlive = report.holder !== null;
  const until = isAlive || !report.updatedAt ? now : new Date(report.updatedAt);
  const page: StatusPage = { now, until, isAlive, width: clampWidth(width), paint: createPaint(colors) };
  const parts = report.site
    ? renderSite(page, report.site)
    : [
        ...section(
          page,
          'Phases:',
          report.phases.flatMap(phase => renderPhase(page, phase)),
        ),
        ...renderInFlight(page, report),
        ...renderFailures(page, report.failures),
        ...renderValidation(page, report),
        ...renderLeft(page, report),
      ];
  return showLines([...renderRun(page, report), ...parts, ...renderNextCommands(page, report.nextCommands)]);
}

function renderRun(page: StatusPage, report: StatusReport): Line[] {
  const { paint, now } = page;
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  const ended = report.endedAt ? `, ended ${describeAge(report.endedAt, now)}` : '';
  const isDoubtful = report.status === 'completed' && hasTroubles(report);
  const probes = describeProbes(report);
  const leftOut = report.sites.skipped - report.sites.unchanged;
  const last =
    report.updatedAt && !report.endedAt ? `, last event ${describeAge(report.updatedAt, now)}` : '';
  return [
    ...item(page, isDoubtful ? paint('yellow', '!') : chooseRunMark(report, paint), report.id, 0).map(line =>
      paint('bold', line),
    ),
    ...line('Pair', describePair(report)),
    ...line('Status', `${describeStatus(report)}${isDoubtful ? ', but not all works: see below' : ''}`),
    ...(report.error ? line('', `${report.error.message} [${report.error.code}]`) : []),
    ...(report.error ? line('', `→ ${report.error.hint}`) : []),
    ...(report.startedAt
      ? line('Started', `${showTime(report.startedAt)}, ${describeAge(report.startedAt, now)}${ended}${last}`)
      : []),
    ...(report.sites.total > 0 ? line('Sites', describeCounts(report)) : []),
    ...(report.progress ? line('Progress', tellProgress(report.progress)) : []),
    ...(report.pace ? line('Pace', tellPace(report.pace)) : []),
    ...(leftOut > 0 ? line('Left out', `${pluralize(leftOut, 'site')}, as planned`) : []),
    ...(probes ? line('Pages', probes) : []),
    ...(report.network ? line('Network', `tables ${report.network.replaceAll('_', ' ')}`) : []),
    ...tellWayBack(report).flatMap(text => line('Way back', text)),
    ...line('Files', report.path),
    ...report.damage.flatMap(text => item(page, paint('red', 'Damaged  '), text)),
  ];
}

/** Of a run that has swapped anything in. */
function tellWayBack({ wayBack: { open, closed }, status }: StatusReport): string[] {
  if (status === 'rolled_back') return ['taken: the run is rolled back'];
  if (open > 0 && closed > 0)
    return [`open for ${open} of ${open + closed}; of the others cleanup has removed the previous tables`];
  if (open > 0) return ['open, until cleanup'];
  return closed > 0 ? ['closed: cleanup has removed the previous tables'] : [];
}

function tellProgress({ percent, etaMs, sitesPerMinute, bytesPerSecond }: StateProgress): string {
  const parts = [
    `${percent} %`,
    ...(etaMs === null ? [] : [`about ${formatDuration(etaMs)} left`]),
    ...(sitesPerMinute === null ? [] : [`${sitesPerMinute.toFixed(1)} sites/min`]),
    ...(bytesPerSecond === null ? [] : [`${formatBytes(bytesPerSecond)}/s`]),
  ];
  return parts.join(', ');
}

function tellPace(pace: Pace): string {
  const { level, reason, startsPaused, pausedBy } = pace;
  if (startsPaused) return `paused by ${pausedBy ?? 'an operator'}: nothing new is started`;
  if (level === 0) return `nothing new is started: ${reason}`;
  return `${describePace(pace)}${reason ? `: ${reason}` : ''}`;
}

const MARKS = {
  pending: ['dim', '·'],
  in_progress: ['yellow', '▸'],
  completed: ['green', '✔'],
  failed: ['red', '✖'],
  timeout: ['red', '✖'],
  skipped: ['dim', '-'],
  rolled_back: ['green', '↶'],
} as const;

function mark(page: Page, status: keyof typeof MARKS): Line {
  const [style, sign] = MARKS[status];
  return page.paint(style, sign);
}

function renderPhase(
  page: StatusPage,
  { phase, status, startedAt, endedAt, reason, error }: PhaseReport,
): Line[] {
  const words = [
    `${error?.code === 'interrupted' ? 'stopped' : nameStatus(page, status)}${reason ? ` (${reason})` : ''}`,
    startedAt ? measure(page, startedAt, endedAt) : '',
    error ? `${error.message} [${error.code}]` : '',
  ];
  return item(page, mark(page, status), `${PHASE_NAMES[phase]}: ${words.filter(Boolean).join(', ')}`);
}

function renderInFlight(page: StatusPage, { inFlight }: StatusReport): Line[] {
  const lines = inFlight.map(unit => renderUnit(page, unit));
  return section(page, page.isAlive ? 'In progress:' : 'Broken off:', shorten(lines, MOST_IN_FLIGHT));
}

/** A running one has its screen full, and may yet find more. */
function renderLeft(page: StatusPage, { id, path, rewritten }: StatusReport): Line[] {
  if (page.isAlive) return [];
  return renderLeftOfRun(page, rewritten.left, taskId => typeCommand(path, `status ${id} --site ${taskId}`));
}

function renderUnit(page: StatusPage, { taskId, address, step, startedAt }: InFlight): string {
  const name = fitSite([nameTask(taskId), address].filter(Boolean).join(' '), page.width - 34);
  const since = startedAt ? `, ${measure(page, startedAt, null)}` : '';
  return `  ${name}  ${step ? STEP_NAMES[step] : 'between two steps'}${since}`;
}

function renderSite(page: StatusPage, site: SiteReport): Line[] {
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  const title = [nameTask(site.taskId), site.address].filter(Boolean).join(' ');
  const attempts = site.attempts > 1 ? `, attempt ${site.attempts}` : '';
  const amount = site.rows === null ? '' : `${pluralize(site.rows, 'row')}, ${formatBytes(site.bytes ?? 0)}`;
  return [
    '',
    ...item(page, mark(page, site.status), title, 0).map(line => page.paint('bold', line)),
    ...line('Status', `${nameStatus(page, site.status)}${attempts}${site.reason ? ` (${site.reason})` : ''}`),
    ...(site.startedAt
      ? line('Started', `${showTime(site.startedAt)}, ${measure(page, site.startedAt, site.endedAt)}`)
      : []),
    ...(amount ? line('Copied', amount) : []),
    ...(site.error ? line('Error', `${site.error.message} [${site.error.code}]`) : []),
    ...(site.error ? line('', `→ ${site.error.hint}`) : []),
    ...section(
      page,
      'Steps:',
      site.steps.flatMap(step => renderStep(page, step)),
    ),
    ...section(
      page,
      'Tried:',
      site.validationResults.flatMap(result => renderResult(page, result)),
    ),
    ...renderLeftOfSite(page, site.left),
    ...section(
      page,
      'Created on the target:',
      shorten(
        site.resources.map(({ kind, name }) => `  ${kind.replaceAll('_', ' ')} ${name}`),
        MOST_RESOURCES,
      ),
    ),
  ];
}

function renderStep(page: StatusPage, step: StepReport): Line[] {
  const words = [
    nameStatus(page, step.status),
    step.startedAt ? measure(page, step.startedAt, step.endedAt) : '',
    step.startedAt ? `at ${showTime(step.startedAt).slice(11)}` : '',
    step.attempts > 1 ? `attempt ${step.attempts}` : '',
  ];
  return [
    ...item(page, mark(page, step.status), `${step.step}: ${words.filter(Boolean).join(', ')}`),
    ...(step.error ? item(page, '', `${step.error.message} [${step.error.code}]`, 3) : []),
  ];
}

/** Of a site, a step or a phase. In a run that nobody works on nothing is in progress. */
function nameStatus({ isAlive }: StatusPage, status: keyof typeof MARKS): string {
  return status === 'in_progress' && !isAlive ? 'broken off' : status.replaceAll('_', ' ');
}

/** From start to end. */
function measure(page: StatusPage, startedAt: string, endedAt: string | null | undefined): string {
  const end = endedAt ? Date.parse(endedAt) : page.until.getTime();
  return formatDuration(Math.max(0, end - Date.parse(startedAt)));
}

/** `2026-11-21 02:30:04Z`: UTC, as in the journal. */
function showTime(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')}Z`;
}
