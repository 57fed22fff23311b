// A journal never tells an impossible story: an event that doesn't follow from the state is an error and is not written.

import { describe, expect, it } from 'vitest';
import type { MigrationEvent, Recorded } from '../../../src/migration/events.ts';
import { Recorder } from '../../../src/migration/recorder.ts';
import { initialState } from '../../../src/migration/state.ts';
import { MIGRATION_ID } from '../../support/sample-plan.ts';

const error = { code: 'data', message: 'No.', scope: 'site', hint: 'Look.' } as const;
const started: MigrationEvent = {
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: 'd',
  siteIds: [4],
  network: false,
  pid: 1,
  host: 'h',
};
const phase = (what: 'started' | 'completed'): MigrationEvent => ({ type: `phase.${what}`, phase: 'sites' });
const begun: MigrationEvent = { type: 'site.started', siteId: 4, attempt: 1 };
const completed: MigrationEvent = { type: 'site.completed', siteId: 4, rows: 1, bytes: 1 };
const rolledBack: MigrationEvent = { type: 'site.rolled_back', siteId: 4 };
const resumed = (forced: boolean): MigrationEvent => ({
  type: 'migration.resumed',
  siteIds: [4],
  mode: 'continue',
  forced,
  pid: 2,
  host: 'h',
});

function openRecorder(): { recorder: Recorder; written: Recorded[] } {
  const written: Recorded[] = [];
  const journal = { append: async (text: string) => void written.push(JSON.parse(text) as Recorded) };
  return { recorder: new Recorder({ journal, state: initialState(MIGRATION_ID), sinks: [] }), written };
}

describe('is refused, and leaves journal and state as they were', () => {
  it.each<[what: string, before: MigrationEvent[], event: MigrationEvent, told: string]>([
    [
      'a phase that ends before it began',
      [],
      phase('completed'),
      'phase.completed of sites, which is pending',
    ],
    ['a phase that begins twice', [phase('started')], phase('started'), 'which is in_progress'],
    [
      'a phase that begins after its end',
      [phase('started'), phase('completed')],
      phase('started'),
      'which is completed',
    ],
    [
      'a phase that is skipped in its middle',
      [phase('started')],
      { type: 'phase.skipped', phase: 'sites', reason: 'x' },
      'which is in_progress',
    ],
    [
      'a phase that fails after its end',
      [phase('started'), phase('completed')],
      { type: 'phase.failed', phase: 'sites', error },
      'which is completed',
    ],
    ['a site that is completed before it began', [], completed, 'site.completed of site 4, which is pending'],
    ['a site that begins after its end', [begun, completed], begun, 'which is completed'],
    [
      'a site that fails after its end',
      [begun, completed],
      { type: 'site.failed', siteId: 4, error },
      'completed',
    ],
    ['a site that is rolled back twice', [begun, completed, rolledBack], rolledBack, 'which is rolled_back'],
  ])('%s', async (_, before, event, told) => {
    const { recorder, written } = openRecorder();
    for (const each of [started, ...before]) await recorder.record(each);
    const state = structuredClone(recorder.state);
    await expect(recorder.record(event)).rejects.toThrow(told);
    expect(written).toHaveLength(before.length + 1);
    expect(recorder.state).toEqual(state);
  });
});

it.each([true, false])(
  'a resume opens ended phases and sites again, and says whether it was forced: %s',
  async forced => {
    const { recorder, written } = openRecorder();
    const failed: MigrationEvent[] = [
      begun,
      { type: 'site.failed', siteId: 4, error },
      { type: 'phase.failed', phase: 'sites', error },
      { type: 'migration.ended', status: 'failed', error },
    ];
    for (const each of [started, phase('started'), ...failed]) await recorder.record(each);
    await recorder.record(resumed(forced));
    expect(written.at(-1)).toMatchObject({ type: 'migration.resumed', forced });
    await recorder.record(phase('started'));
    await recorder.record({ ...begun, attempt: 2 });
    expect(recorder.state).toMatchObject({
      status: 'running',
      sites: { 4: { status: 'in_progress', attempts: 2 } },
    });
  },
);

it('what to type has the id of the run, wherever it is written down', async () => {
  const { recorder, written } = openRecorder();
  await recorder.record(started);
  const hint = 'Free space, then --resume ID --retry-failed.';
  await recorder.record({ type: 'migration.ended', status: 'failed', error: { ...error, hint } });
  const told = { hint: `Free space, then --resume ${MIGRATION_ID.slice(-6)} --retry-failed.` };
  expect(written.at(-1)).toMatchObject({ error: told });
  expect(recorder.state.error).toMatchObject(told);
});
