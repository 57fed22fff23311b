import { copiedChunks, copiedTables } from '../../../src/migration/copied-table.ts';
import { expect, it } from 'vitest';
import type { CopiedChunk, MigrationEvent, Recorded } from '../../../src/migration/events.ts';
import { foldEvent, initialState } from '../../../src/migration/state.ts';
import type { MigrationId } from '../../../src/migration/words.ts';

const chunk = (table: string, from: string | null, to: string | null): CopiedChunk => ({
  table,
  from,
  to,
  rows: 1,
  bytes: 1,
  checksum: '',
  sourceChecksum: '',
  changedByColumn: {},
  left: [],
});
const place = { siteId: 3 };

/** What is known of site 3 after these events. */
function fold(...events: readonly MigrationEvent[]) {
  const state = initialState('env-migrate-x' as MigrationId);
  for (const [i, event] of events.entries())
    foldEvent(state, { seq: i + 1, at: '', level: 'info', correlationId: '', ...event } as Recorded);
  const step = state.sites[3]!.steps.copy_tables;
  return {
    tables: copiedTables(step).map(table => table.table),
    chunks: copiedChunks(step).map(({ table, from }) => [table, from]),
    data: step?.data,
  };
}

const copied = (table: string, from: string | null, to: string | null): MigrationEvent => ({
  type: 'chunk.copied',
  ...place,
  chunk: chunk(table, from, to),
});
const TWO = [copied('a', null, '5'), copied('a', '5', null), copied('b', '5', null)];

it('are known until they are discarded', () => {
  expect(fold(...TWO).chunks).toEqual([
    ['a', null],
    ['a', '5'],
    ['b', '5'],
  ]);
  const gone: MigrationEvent = { type: 'chunk.discarded', ...place, table: 'a', from: '5', to: null };
  expect(fold(...TWO, gone).chunks).toEqual([
    ['a', null],
    ['b', '5'],
  ]);
});

it('give way to their table when it is complete, and leave no trace', () => {
  const { table: _, from: __, to: ___, ...result } = chunk('', null, null);
  const whole = (table: string): MigrationEvent => ({
    type: 'table.copied',
    ...place,
    copied: { table, ...result },
  });
  const one = fold(...TWO, whole('a'));
  expect(one.tables).toEqual(['a']);
  expect(one.chunks).toEqual([['b', '5']]);
  expect(fold(...TWO, whole('a'), whole('b')).data).not.toHaveProperty('chunks');
});

it('go with their table', () => {
  expect(fold(...TWO, { type: 'table.discarded', ...place, table: 'a' }).chunks).toEqual([['b', '5']]);
  const removed: MigrationEvent = {
    type: 'resource.removed',
    ...place,
    resources: [{ kind: 'staging_table', name: 'incoming.a' }],
  };
  expect(fold(...TWO, removed).chunks).toEqual([]);
});
