// The summary as text. The first line says what matters; then what to look at, and what to type.

import { formatBytes, formatCount, formatDuration } from '../lib/format.ts';
import { createPaint, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { fitColumn, fitSite, pluralize } from '../lib/text.ts';
import type { Summary } from '../migration/summary.ts';
import { type MigrationStatus, nameTask } from '../migration/words.ts';
import { nameLogDir, renderNextCommands, typeCommand } from './next-commands.ts';
import { renderFailures } from './render-failures.ts';
import { countLeft, renderLeftOfRun } from './render-left-values.ts';
import type { RenderOptions } from './render-plan.ts';
import { renderTreatment } from './render-treatment.ts';
import { describeProbes, hasTroubles, renderValidation } from './render-validation.ts';
import { clampWidth, field, item, type Page, section, shorten } from './text-blocks.ts';

export interface RenderSummaryOptions extends RenderOptions {
  /** Where the run's files are. */
  readonly runDirectory: string;
  /** The summary's own among them. */
  readonly isSaved: boolean;
  /** With all that was counted, and what each file is for. */
  readonly verbose: boolean;
}

const LABEL_WIDTH = 9;
const MOST_COLUMNS = 6;
const MOST_DRIFT = 12;

const FILES = [
  ['migration-summary.json', 'this, in full'],
  ['migration-progress.log', 'what happened when, for people'],
  ['migration-journal.jsonl', 'every event, for programs'],
  ['migration-plan.json', 'what was planned'],
] as const;

export function renderSummary(summary: Summary, options: RenderSummaryOptions): Shown {
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  return showLines([
    ...renderVerdict(page, summary),
    ...renderFigures(page, summary, options),
    ...renderFailures(page, summary.failures, 'migration-summary.json'),
    ...renderValidation(page, summary),
    ...renderLeftOfRun(page, summary.rewritten.left, taskId =>
      typeCommand(options.runDirectory, `status ${summary.migrationId} --site ${taskId}`),
    ),
    ...renderDrift(page, summary),
    ...(options.verbose ? renderDetails(page, summary, options) : []),
    ...renderNextCommands(
      page,
      summary.nextCommands.map(command => nameLogDir(command, options.runDirectory)),
    ),
  ]);
}

const BEGINNINGS: Partial<Record<MigrationStatus, string>> = {
  running: 'Not ended: ',
  paused: 'Stopped: ',
  failed: 'Stopped: ',
  rolled_back: 'Rolled back: ',
  closed: 'Closed: ',
};

function renderVerdict(page: Page, summary: Summary): Line[] {
  const { status, source, target, durationMs, error } = summary;
  const what = `${BEGINNINGS[status] ?? ''}${describeOutcome(summary)}, ${source} → ${target}, in ${formatDuration(durationMs)}.`;
  return [
    ...item(page, chooseMark(page, summary), capitalize(what), 0).map(line => page.paint('bold', line)),
    ...(error
      ? [...item(page, '', `${error.message} [${error.code}]`, 1), ...item(page, '→', error.hint)]
      : []),
  ];
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function chooseMark(page: Page, summary: Summary): Line {
  const { status } = summary;
  if (status === 'completed' && hasTroubles(summary)) return page.paint('yellow', '!');
  if (status === 'completed' || status === 'rolled_back') return page.paint('green', '✔');
  return status === 'paused' || status === 'running' ? page.paint('yellow', '!') : page.paint('red', '✖');
}

function describeOutcome({ sites, network }: Summary): string {
  if (sites.total === 0) return `network tables ${network?.replaceAll('_', ' ') ?? 'not part of this run'}`;
  const { total, completed, failed, timeout, pending, in_progress, rolled_back, skipped, unchanged } = sites;
  if (unchanged === total)
    return `${total === 1 ? 'the site is' : `all ${formatCount(total)} sites are`} unchanged since the last migration`;
  if (completed === total)
    return `${total === 1 ? 'the site is' : `all ${formatCount(total)} sites are`} migrated`;
  const rest = [
    [failed, 'failed'],
    [timeout, 'timed out'],
    [rolled_back, 'rolled back'],
    [pending + in_progress, 'not done yet'],
    [unchanged, 'unchanged'],
    [skipped - unchanged, 'skipped'],
  ] as const;
  const parts = rest.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  const ofNetwork = network === 'failed' || network === 'timeout' ? '; the network tables failed' : '';
  return `${formatCount(completed)} of ${pluralize(total, 'site')} migrated${parts.length > 0 ? ` (${parts.join(', ')})` : ''}${ofNetwork}`;
}

function renderFigures(
  page: Page,
  summary: Summary,
  { runDirectory, verbose }: RenderSummaryOptions,
): Line[] {
  const { rows, bytes, throughput, rewritten, leftOut, network, sites, warnings } = summary;
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  const probes = describeProbes(summary);
  const values = rewritten.columns.reduce((sum, column) => sum + column.values, 0);
  return [
    '',
    ...line('Copied', `${pluralize(rows, 'row')}, ${formatBytes(bytes)}`),
    ...line('Pace', `${throughput.sitesPerMinute} sites/min, ${formatBytes(throughput.bytesPerSecond)}/s`),
    ...line('Rewritten', `${pluralize(values, 'value')}${countLeft(rewritten.left)}`),
    ...(network ? line('Network', `tables ${network.replaceAll('_', ' ')}`) : []),
    ...(probes ? line('Pages', probes) : []),
    ...(sites.unchanged > 0
      ? line('Skipped', `${pluralize(sites.unchanged, 'site')}, unchanged since the last migration`)
      : []),
    ...(leftOut.length > 0 ? line('Left out', `${pluralize(leftOut.length, 'site')}, as planned`) : []),
    ...(warnings.length > 0 && !verbose
      ? line('Warnings', countCodes(warnings.map(({ code }) => code)))
      : []),
    ...(verbose ? [] : line('Files', runDirectory)),
  ];
}

/** `4: foreign_keys_unseen, unmapped_host (3)` */
function countCodes(codes: readonly string[]): string {
  const counts = [...Map.groupBy(codes, code => code)].map(([code, { length }]) =>
    length > 1 ? `${code} (${formatCount(length)})` : code,
  );
  return `${formatCount(codes.length)}: ${counts.join(', ')}`;
}

function renderDetails(page: Page, summary: Summary, options: RenderSummaryOptions): Line[] {
  return [
    ...renderWarnings(page, summary),
    ...renderTreatment(page, summary),
    ...renderRewritten(page, summary),
    ...renderSlowest(page, summary),
    ...renderFiles(page, options),
  ];
}

function renderDrift(page: Page, { drift }: Summary): Line[] {
  const shown = drift.slice(0, MOST_DRIFT);
  const more = drift.length - shown.length;
  return section(page, 'The source has changed since the plan was made:', [
    ...shown.flatMap(({ taskId, message }) => item(page, '!', `${nameTask(taskId)}: ${message}`)),
    ...(more > 0 ? [`  and ${formatCount(more)} more: see "drift" in migration-summary.json`] : []),
  ]);
}

function renderWarnings(page: Page, { warnings }: Summary): Line[] {
  return section(
    page,
    'The plan warned:',
    warnings.flatMap(({ code, message }) => item(page, '!', `${message} [${code}]`)),
  );
}

function renderRewritten(page: Page, { rewritten }: Summary): Line[] {
  const lines = rewritten.columns.map(({ table, column, values, sites }) => {
    const name = fitColumn(`${table}.${column}`, 36);
    return `  ${name}${pluralize(values, 'value').padStart(18)}   in ${pluralize(sites, 'site')}`;
  });
  return section(page, 'Rewritten most:', shorten(lines, MOST_COLUMNS));
}

function renderSlowest(page: Page, { slowest }: Summary): Line[] {
  const lines = slowest.map(({ taskId, address, durationMs, rows, bytes }) => {
    const where = fitSite(`${taskId} ${address}`, page.width - 46);
    return `  ${where}${formatDuration(durationMs).padStart(14)}${pluralize(rows, 'row').padStart(18)}${formatBytes(bytes).padStart(11)}`;
  });
  return section(page, 'The slowest sites:', lines);
}

function renderFiles(page: Page, { runDirectory, isSaved }: RenderSummaryOptions): Line[] {
  return section(
    page,
    `Files in ${runDirectory}:`,
    (isSaved ? FILES : FILES.slice(1)).map(([name, meaning]) => `  ${name.padEnd(25)} ${meaning}`),
  );
}
