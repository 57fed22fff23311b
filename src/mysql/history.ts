// F11 The history of a system-versioned table of MariaDB: its rows of all times, with the two columns of its period, which
// say from when to when each of them was there.

import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import type { Column } from './read-columns.ts';

/** When the rows end that are there now. Servers don't agree on it: MariaDB since 11.5, and some before, have later times. */
export const USUAL_END_OF_TIME = '2038-01-19 03:14:07.999999';
export const LATE_END_OF_TIME = '2106-02-07 06:28:15.999999';

export interface EndsOfTime {
  readonly source: string;
  readonly target: string;
}

/** Of a table whose history travels: its columns with those of its period, as values like all others. A definition that
 *  doesn't name them has two that the server shows nowhere. `ends`: rows that are present at the source are to be present
 *  at the target; absent where rows are read that the target has stored. */
export function addPeriod(columns: readonly Column[], ends?: EndsOfTime): Column[] {
  const isNamed = columns.some(column => column.period !== undefined);
  const hasKey = columns.some(column => column.isKey);
  const all = isNamed
    ? columns
    : [...columns, unnamed('row_start', 'start', false), unnamed('row_end', 'end', hasKey)];
  return all.map(column => {
    if (column.period === undefined) return column;
    const moves = column.period === 'end' && ends !== undefined && ends.source !== ends.target;
    return { ...column, isGenerated: false, ...(moves ? { endsOfTime: refuseOthers(ends) } : {}) };
  });
}

/** A plan says so; nothing else may get into a statement. */
function refuseOthers(ends: EndsOfTime): EndsOfTime {
  for (const time of [ends.source, ends.target])
    if (!/^[\d-]+ [\d:.]+$/.test(time)) throw new Error(`Not the end of time: ${time}`);
  return ends;
}

const unnamed = (name: string, period: 'start' | 'end', isKey: boolean): Column => ({
  name,
  dataType: 'timestamp',
  columnType: 'timestamp(6)',
  charset: null,
  isNullable: false,
  isGenerated: true,
  period,
  isAutoIncrement: false,
  isTouched: false,
  isKey,
  isBinary: false,
  isText: false,
  isRewritable: false,
  maxLength: null,
  warnsWhenEmpty: false,
});

/** Those of the period, where the table's history travels. */
export const listPeriod = (columns: readonly Column[]): Column[] =>
  columns.filter(column => column.period !== undefined && !column.isGenerated);

/** Has the session take rows of the past. */
export async function takeHistory(target: DatabaseConnection): Promise<void> {
  try {
    await target.execute('SET SESSION system_versioning_insert_history = ON');
  } catch (error) {
    throw classifyDatabaseError(error, `preparing ${target.label} for rows of the past`);
  }
}
