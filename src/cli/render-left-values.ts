// What was not rewritten, for people: why, whether it does harm, where it is, what to do about it.

import { formatCount } from '../lib/format.ts';
import type { Line } from '../lib/paint.ts';
import { pluralize } from '../lib/text.ts';
import type { LeftColumn, LeftInTable } from '../migration/rewrite-counts.ts';
import type { LeftReason, TaskId } from '../migration/words.ts';
import { item, listTasks, type Page, section, shortenItems } from './text-blocks.ts';

interface ReasonText {
  /** Asked for, so nobody has to look. */
  readonly onPurpose?: true;
  readonly name: string;
  /** After "14 values: ". */
  readonly meaning: string;
  readonly advice: string;
}

/** The most harmful first: the order in which they are shown. */
const REASONS: Record<LeftReason, ReasonText> = {
  too_long: {
    name: 'too long',
    meaning: 'the new text does not fit the column, so the old one stays and still names the source.',
    advice: 'Widen the column at the source and migrate the site again, or shorten the value on the target.',
  },
  charset: {
    name: 'character set',
    meaning: 'text in a character set that is never rewritten (utf16, utf32, ucs2) still names the source.',
    advice: 'Convert the column to utf8mb4 at the source and migrate the site again.',
  },
  enum: {
    name: 'enum',
    meaning: "members of an ENUM or SET still name the source; they are part of the table's definition.",
    advice: "Change the column's definition at the source and migrate the site again.",
  },
  hash: {
    name: 'hash',
    meaning:
      'they look like hashes of what was rewritten beside them, and are none that is known: they stay.',
    advice: 'If a plugin finds its rows by them, have it build its index anew on the target.',
  },
  json_type: {
    name: 'type in JSON',
    meaning:
      'JSON with a DECIMAL, DATETIME or BLOB in it, or a number of more digits than a double has, which text can not carry: it has become a string or a double.',
    advice: 'Usually nobody minds. Otherwise set these values anew on the target.',
  },
  binary: {
    name: 'binary',
    meaning: 'binary columns are never touched, and these values hold a source host.',
    advice: 'If a plugin keeps addresses there, save its settings anew on the target.',
  },
  key_collision: {
    name: 'key collision',
    meaning: 'an array, or an object of JSON, has both the old and the new host as keys: the old key stays.',
    advice: 'Usually a cache, which fixes itself. Otherwise delete one of the two entries.',
  },
  broken_serialized: {
    name: 'broken serialized data',
    meaning: 'serialized data that was broken at the source already; left as it is, byte for byte.',
    advice: 'Nothing is worse than before: PHP reads it on neither side. Fix or delete it at the source.',
  },
  too_deep: {
    name: 'too deep',
    meaning:
      'nested deeper than PHP itself would read, or escaped over and over; left as it is, byte for byte.',
    advice: 'Nothing that WordPress writes is like that. See what it is with wfuwp rewrite --explain.',
  },
  email: {
    onPurpose: true,
    name: 'e-mail address',
    meaning: 'e-mail addresses at a source host, left on purpose.',
    advice: 'With "emails: rewrite" under "rewrite" in the configuration they change, too.',
  },
  skipped_column: {
    onPurpose: true,
    name: 'skipped column',
    meaning: 'values with a source host in a column of "rewrite.skipColumns", left on purpose.',
    advice: 'Take the column out of that list if they are to change.',
  },
};

const ORDER = Object.keys(REASONS) as LeftReason[];

/** Values of one column, left for one reason. */
interface LeftLine {
  readonly reason: LeftReason;
  readonly values: number;
  readonly column: string;
  readonly where: string;
}

/** `, 14 could not be, 40 left on purpose`; empty when nothing was left. */
export function countLeft(left: readonly { readonly reason: LeftReason; readonly values: number }[]): string {
  const sum = (onPurpose: boolean): number =>
    left
      .filter(({ reason }) => (REASONS[reason].onPurpose ?? false) === onPurpose)
      .reduce((total, { values }) => total + values, 0);
  const [wanted, unwanted] = [sum(true), sum(false)];
  return [
    unwanted > 0 ? `, ${formatCount(unwanted)} could not be` : '',
    wanted > 0 ? `, ${formatCount(wanted)} left on purpose` : '',
  ].join('');
}

/** One paragraph for each reason, with at most so many columns in it. `more`: how to see what isn't shown. */
function renderLeftLines(
  page: Page,
  lines: readonly LeftLine[],
  most: number,
  more: readonly Line[] = [],
): Line[] {
  const groups = Map.groupBy(lines, line => line.reason);
  const paragraphs = ORDER.flatMap(reason => {
    const members = groups.get(reason);
    return members ? renderReason(page, REASONS[reason], members, most) : [];
  });
  return section(page, 'Not rewritten:', paragraphs.length > 0 ? [...paragraphs, ...more] : []);
}

function renderReason(page: Page, text: ReasonText, lines: readonly LeftLine[], most: number): Line[] {
  const values = lines.reduce((sum, line) => sum + line.values, 0);
  const mark = text.onPurpose ? page.paint('dim', '·') : page.paint('yellow', '!');
  const hidden = lines.length - most;
  return [
    ...item(page, mark, `${pluralize(values, 'value')}: ${text.meaning}`),
    ...lines
      .slice(0, most)
      .flatMap(line =>
        item(page, '', `${line.column}: ${pluralize(line.values, 'value')}, ${line.where}`, 5),
      ),
    ...(hidden > 0 ? item(page, '', `… and ${pluralize(hidden, 'more column')}`, 5) : []),
    ...item(page, '→', text.advice, 4),
  ];
}

const COLUMNS_PER_REASON = 4;

/** Of all sites together. `showSite` gives the command that shows the keys of a site. */
export function renderLeftOfRun(
  page: Page,
  left: readonly LeftColumn[],
  showSite: (taskId: TaskId) => string,
): Line[] {
  const lines = left.map(group => ({
    reason: group.reason,
    values: group.values,
    column: `${group.table}.${group.column}`,
    where: locate(group),
  }));
  const [taskId] = left[0]?.taskIds ?? [];
  if (taskId === undefined) return [];
  const more = ['  Which rows, one site at a time:', `    ${showSite(taskId)}`];
  return renderLeftLines(page, lines, COLUMNS_PER_REASON, more);
}

function locate({ taskIds, examples }: LeftColumn): string {
  const sites = listTasks(taskIds, 5);
  const [example] = examples;
  return example ? `${sites}, e.g. ${example.key} of ${example.table}` : sites;
}

const COLUMNS_OF_SITE = 20;

/** Of one site, with all keys that are known. */
export function renderLeftOfSite(page: Page, left: readonly LeftInTable[]): Line[] {
  const lines = left
    .filter(({ values }) => values > 0)
    .map(({ table, column, reason, values, keys }) => {
      const others = values - keys.length;
      const rest = others > 0 ? `; and ${formatCount(others)} more` : '';
      return { reason, values, column: `${table}.${column}`, where: `${keys.join('; ')}${rest}` };
    });
  const untouched = left
    .filter(({ values }) => values === 0)
    .map(({ table, column, reason }) => item(page, '', `${table}.${column} (${REASONS[reason].name})`, 1));
  return [
    ...renderLeftLines(page, lines, COLUMNS_OF_SITE),
    ...section(
      page,
      'Columns that are never rewritten, no source host seen in them:',
      shortenItems(untouched, COLUMNS_OF_SITE),
    ),
  ];
}
