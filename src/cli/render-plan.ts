// The plan as text, to be read before saying yes: what goes where, what stands against it, what isn't carried.

import type { Finding } from '../lib/finding.ts';
import { formatAddress, formatBytes, formatCount, formatDuration } from '../lib/format.ts';
import { createPaint, joinParts, type Line } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { fitSite, measureWidth, padColumn, pluralize } from '../lib/text.ts';
import { sumUnits } from '../migration/list-units.ts';
import type { ExpectedDuration, Hazard, Plan, PlanEnd } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { shortenId, type TaskId } from '../migration/words.ts';
import { renderPlannedTreatment } from './render-treatment.ts';
import {
  clampWidth,
  field,
  item,
  listSites,
  type Page,
  section,
  shorten,
  shortenItems,
} from './text-blocks.ts';

export interface RenderOptions {
  readonly colors: boolean;
  /** Columns of the screen. */
  readonly width: number;
}

export interface RenderPlanOptions extends RenderOptions {
  /** What the checks found, hazards of the plan included. Without it the hazards alone are shown. */
  readonly findings?: readonly Finding[];
  /** Default: as the plan says. */
  readonly expected?: ExpectedDuration;
  /** Of a resumed run: what is left of it. The rest of the plan was read when it began. */
  readonly left?: readonly TaskId[];
}

const LABEL_WIDTH = 9;
const MOST_HOSTS = 6;
const MOST_UNMAPPED = 10;
const MOST_TABLES = 10;
const MOST_REASONS = 10;
const BIGGEST = 5;

export function renderPlan(plan: Plan, options: RenderPlanOptions): Shown {
  const page: Page = { width: clampWidth(options.width), paint: createPaint(options.colors) };
  const { left, findings = plan.hazards.map(toFinding) } = options;
  const pair = `${plan.source.environment} → ${plan.target.environment}`;
  const title = left ? `Left of ${shortenId(plan.migrationId)}: ${pair}` : `Plan: ${pair}`;
  const wanted = left && new Set(left);
  const sites = wanted ? plan.sites.filter(({ taskId }) => wanted.has(taskId)) : plan.sites;
  return showLines([
    page.paint('bold', title),
    ...renderOverview(page, plan, options),
    ...renderFindings(page, plan, findings),
    ...(left
      ? []
      : [
          ...renderHosts(page, plan),
          ...renderPlannedTreatment(page, plan),
          ...renderLeftOut(page, plan),
          ...renderTablesNotCarried(page, plan),
        ]),
    ...renderBiggestSites(page, sites),
  ]);
}

/** The last line of a dry run: after a long plan nothing else is on the screen. */
export function renderPlanVerdict(
  {
    plan,
    findings,
    resumed,
  }: { readonly plan: Plan; readonly findings: readonly Finding[]; readonly resumed: object | null },
  { colors, width }: RenderOptions,
): Shown {
  const page: Page = { width: clampWidth(width), paint: createPaint(colors) };
  const stops = findings.filter(({ outcome }) => outcome === 'failed').length;
  const words = resumed
    ? `--resume ${shortenId(plan.migrationId)}`
    : `${plan.source.environment} ${plan.target.environment}`;
  const [mark, text] =
    stops > 0
      ? [page.paint('red', '✖'), `This run would be refused: ${pluralize(stops, 'finding')} above.`]
      : [
          page.paint('green', '✔'),
          `Ready. ${resumed ? 'Go on' : 'Start it'} with: wfuwp env-migrate ${words}`,
        ];
  return showLines(['', ...item(page, mark, text, 0)]);
}

function renderOverview(page: Page, plan: Plan, { left, expected }: RenderPlanOptions): Line[] {
  const { source, target, network } = plan;
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  const totals = left ? sumUnits(plan, left) : plan.totals;
  const isNetworkLeft = network !== null && (left?.includes(NETWORK) ?? true);
  return [
    '',
    ...line('From', describeEnd(source)),
    ...line('To', describeEnd(target)),
    ...line('', `built in ${target.staging}`),
    ...line('', `what is live now is kept in ${target.previous}`),
    ...line('What', describeScope(plan, totals.sites, isNetworkLeft, left !== undefined)),
    ...line(
      'Size',
      `${pluralize(totals.tables, 'table')}, about ${pluralize(totals.rows, 'row')}, ${formatBytes(totals.sizeBytes)} on the source's disk`,
    ),
    ...line('Takes', describeDuration(expected ?? { ms: plan.estimateMs, judgedBy: null })),
    ...(left ? [] : renderTerms(page, plan)),
  ];
}

function describeScope(plan: Plan, sites: number, hasNetwork: boolean, isRest: boolean): string {
  const all = plan.totals.sites;
  const count = isRest ? `${formatCount(sites)} of ${pluralize(all, 'site')}` : pluralize(sites, 'site');
  if (hasNetwork) return `${count} and the network tables`;
  return plan.network && isRest ? `${count}; the network tables are done` : `${count}, no network tables`;
}

function describeDuration({ ms, judgedBy }: ExpectedDuration): string {
  const time = `about ${formatDuration(ms)}`;
  return judgedBy
    ? `${time}, judging by ${shortenId(judgedBy)}`
    : `${time} or more: nothing like it was run yet`;
}

/** On which terms everything travels. */
function renderTerms(page: Page, plan: Plan): Line[] {
  const { network } = plan;
  const line = (label: string, text: string): Line[] => field(page, label, text, LABEL_WIDTH);
  return [
    ...(network
      ? line(
          'Network',
          describeNetwork(
            network.mode,
            network.tables.map(table => table.target),
          ),
        )
      : []),
    ...line('Users', describeUsers(plan)),
    ...line(
      'E-mail',
      plan.emails === 'leave' ? 'addresses stay as they are' : 'addresses are rewritten, too',
    ),
    ...(plan.skipColumns.length > 0
      ? line('Skipped', `copied as they are: ${plan.skipColumns.join(', ')}`)
      : []),
    ...(plan.base64Columns?.length
      ? line('Base64', `rewritten inside it as well: ${plan.base64Columns.join(', ')}`)
      : []),
  ];
}

function describeEnd({ environment, database, tablePrefix, serverVersion }: PlanEnd): string {
  return `${environment}: database ${database}, prefix ${tablePrefix}, server ${serverVersion}`;
}

function describeNetwork(mode: 'replace' | 'merge', tables: readonly string[]): string {
  const names = tables.join(', ');
  return mode === 'replace'
    ? `replaced as a whole: ${names}`
    : `rows of these sites are merged, all others stay: ${names}`;
}

function describeUsers({ users, network }: Plan): string {
  if (!users) return "the target's stay as they are";
  if (!users.merge) return "the source's take the place of the target's";
  const { matched, added, renumbered } = users.merge;
  const newcomers = network
    ? `${pluralize(added, 'user')} are added, of these ${formatCount(renumbered)} with another id`
    : `${pluralize(added, 'user')} are not and stay away, as the network tables do`;
  return `merged: ${pluralize(matched, 'user')} of the source are at the target already, ${newcomers}`;
}

function toFinding({ code, blocking, message, hint }: Hazard): Finding {
  return { code, outcome: blocking ? 'failed' : 'warning', message, ...(hint === undefined ? {} : { hint }) };
}

/** What stops the run comes first: nothing below it matters until it is fixed. */
function renderFindings(page: Page, { hazards }: Plan, findings: readonly Finding[]): Line[] {
  const of = (outcome: Finding['outcome']): Finding[] =>
    findings.filter(finding => finding.outcome === outcome);
  const [failed, warnings, passed] = [of('failed'), of('warning'), of('passed')];
  const render = (mark: Line) => (finding: Finding) =>
    renderFinding(page, mark, finding, findSites(finding, hazards));
  return [
    ...section(
      page,
      page.paint('red', `This stops the run (${failed.length}):`),
      failed.flatMap(render(page.paint('red', '✖'))),
    ),
    ...section(page, `Warnings (${warnings.length}):`, warnings.flatMap(render(page.paint('yellow', '!')))),
    ...(passed.length > 0
      ? ['', joinParts(page.paint('green', '✔'), ` ${pluralize(passed.length, 'check')} passed.`)]
      : []),
  ];
}

function renderFinding(page: Page, mark: Line, { code, message, hint }: Finding, sites: string): Line[] {
  return [
    ...item(page, mark, `${message} [${code}]${sites && ` (${sites})`}`),
    ...(hint ? item(page, '→', hint, 4) : []),
  ];
}

/** A finding that stems from a hazard of the plan says which sites it is about. */
function findSites({ code, message }: Finding, hazards: readonly Hazard[]): string {
  const taskIds = hazards.find(hazard => hazard.code === code && hazard.message === message)?.taskIds ?? [];
  return taskIds.length > 0 ? listSites(taskIds, 5) : '';
}

function renderHosts(page: Page, { rules, hosts }: Plan): Line[] {
  const mapped = hosts.filter(host => host.target !== null);
  const unmapped = hosts.filter(host => host.target === null);
  const examples = mapped.slice(0, MOST_HOSTS).map(host => host.source);
  const width = Math.max(0, ...[...rules.map(rule => rule.from), ...examples].map(measureWidth));
  const arrow = (from: string, to: string): string => `  ${padColumn(from, width)} → ${to}`;
  return [
    ...section(
      page,
      'Text is rewritten by these rules:',
      rules.map(rule => arrow(rule.from, rule.to)),
    ),
    ...section(
      page,
      `${pluralize(mapped.length, 'host')} of the sites so become:`,
      shorten(
        mapped.map(host => arrow(host.source, host.target ?? '')),
        MOST_HOSTS,
      ),
    ),
    ...section(
      page,
      page.paint('yellow', `${pluralize(unmapped.length, 'host')} that no rule covers, left as they are:`),
      shorten(
        unmapped.flatMap(host => item(page, host.source, `(${listSites(host.taskIds, 3)})`)),
        MOST_UNMAPPED,
      ),
    ),
  ];
}

function renderLeftOut(page: Page, { leftOut }: Plan): Line[] {
  const byReason = [...Map.groupBy(leftOut, site => site.reason)];
  const lines = byReason.flatMap(([reason, sites]) =>
    item(page, '-', `${listSites(sites.map(site => site.taskId))}: ${reason}`),
  );
  return section(page, `Left out: ${pluralize(leftOut.length, 'site')}`, lines);
}

function renderTablesNotCarried(page: Page, { tablesNotCarried }: Plan): Line[] {
  const byReason = [...Map.groupBy(tablesNotCarried, entry => entry.reason)];
  const lines = byReason.map(([reason, entries]) => {
    const names = entries.slice(0, MOST_TABLES).map(entry => entry.table);
    const more = entries.length - names.length;
    const rest = more > 0 ? ` … and ${formatCount(more)} more (see --json)` : '';
    return item(page, '-', `${names.join(', ')}${rest}: ${reason}`);
  });
  return section(
    page,
    `Tables not carried: ${formatCount(tablesNotCarried.length)}`,
    shortenItems(lines, MOST_REASONS),
  );
}

function renderBiggestSites(page: Page, sites: Plan['sites']): Line[] {
  const lines = sites.slice(0, BIGGEST).map(site => {
    const where = fitSite(`${site.taskId} ${formatAddress(site)}`, page.width - 42);
    const rows = pluralize(site.rows, 'row').padStart(18);
    return `  ${where}${pluralize(site.tables.length, 'table').padStart(11)}${rows}${formatBytes(site.sizeBytes).padStart(11)}`;
  });
  return section(page, 'The biggest sites:', lines);
}
