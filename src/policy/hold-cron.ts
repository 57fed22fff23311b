// H56 Nothing goes out by itself. Events are put off by a hundred years instead of being removed: a plugin that finds
// its event missing would plan it anew.

import { editKeyed, joinActions } from './keyed-tables.ts';
import { findColumn, type RowAction, type RowRule, type TreatedTable } from './row-rule.ts';
import { looksSerialized, walkSerialized } from './serialized-strings.ts';

export const holdCron: RowRule = {
  name: 'hold_cron',
  compile: table =>
    joinActions([editKeyed(table, ['options'], ['cron'], putOff), holdActions(table), pauseWebhooks(table)]),
};

const CENTURY_SECONDS = 36_525n * 86_400n;
const NO_EVENTS = Buffer.from('a:1:{s:7:"version";i:2;}');

/** WordPress's list of events, by the second in which they are due. One that PHP can't read is emptied. */
function putOff(value: Buffer): Buffer {
  if (!looksSerialized(value)) return value;
  const parts: Buffer[] = [];
  let copied = 0;
  const isSound = walkSerialized(value, {
    outerIndex(start, end) {
      const due = BigInt(value.toString('latin1', start, end)) + CENTURY_SECONDS;
      parts.push(value.subarray(copied, start), Buffer.from(String(due)));
      copied = end;
    },
  });
  if (!isSound) return NO_EVENTS;
  return parts.length === 0 ? value : Buffer.concat([...parts, value.subarray(copied)]);
}

const OPEN_ACTIONS: ReadonlySet<string> = new Set(['pending', 'in-progress']);
/** Later than anybody waits; a TIMESTAMP ends in 2038. */
const FAR_OFF = '2126-01-01 00:00:00';
const LAST_TIMESTAMP = '2037-12-31 00:00:00';
const PENDING = Buffer.from('pending');

/** Action Scheduler's: renewals, payments, webhooks that wait for delivery. */
function holdActions(table: TreatedTable): RowAction | null {
  const status = findColumn(table, 'actionscheduler_actions', 'status');
  const times = ['scheduled_date_gmt', 'scheduled_date_local']
    .map(name => findColumn(table, 'actionscheduler_actions', name))
    .filter(at => at !== null)
    .map(at => ({ at, due: table.columns[at]!.dataType === 'timestamp' ? LAST_TIMESTAMP : FAR_OFF }));
  if (status === null || times.length === 0) return null;
  return row => {
    if (row.isNull(status) || !OPEN_ACTIONS.has(row.value(status).toString('latin1'))) return 0;
    row.replace(status, PENDING);
    for (const { at, due } of times) if (!row.isNull(at)) row.replace(at, spellTime(row.value(at), due));
    return 1;
  };
}

/** With as many digits of a second as the column has. */
function spellTime(before: Buffer, due: string): Buffer {
  return Buffer.from(due + before.toString('latin1').slice(due.length).replaceAll(/\d/g, '0'));
}

const ACTIVE = Buffer.from('active');
const PAUSED = Buffer.from('paused');

/** WooCommerce's, which would tell others of orders that were never made. */
function pauseWebhooks(table: TreatedTable): RowAction | null {
  const status = findColumn(table, 'wc_webhooks', 'status');
  if (status === null) return null;
  return row => {
    if (row.isNull(status) || !row.value(status).equals(ACTIVE)) return 0;
    row.replace(status, PAUSED);
    return 1;
  };
}
