import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { initialState, siteOf } from '../../../src/migration/state.ts';
import type { Blog } from '../../../src/mysql/catalog.ts';
import { findSiteDrift, lookForDrift } from '../../../src/phases/look-for-drift.ts';
import type { PhaseContext } from '../../../src/phases/phase.ts';
import { aBlog } from '../../support/facts.ts';
import { MIGRATION_ID, samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan(3, { leftOut: [{ siteId: 4, reason: 'archived' }] });
const state = initialState(MIGRATION_ID);
for (const { siteId } of plan.sites) siteOf(state, siteId).status = siteId === 3 ? 'failed' : 'completed';

/** As the plan knows it. */
const blogOf = (siteId: number, over: Partial<Blog> = {}): Blog =>
  aBlog(siteId, { ...plan.sites.find(site => site.siteId === siteId), ...over });
const now = [1, 2, 3, 4].map(siteId => blogOf(siteId));

const find = (source: readonly Blog[], target: readonly Blog[] | null = now): string[] =>
  findSiteDrift(plan, state, source, target).map(({ siteId, kind }) => `${siteId} ${kind}`);

describe('H43 the sites of the source at the end of a run', () => {
  it('are those of the plan: nothing is told', () => expect(find(now)).toEqual([]));

  it('a new one is told; one that the plan has left out is none', () =>
    expect(find([...now, aBlog(7)])).toEqual(['7 site_created']));

  it('one that is gone is told only if the target has it from this run', () =>
    expect(find([blogOf(1), blogOf(4)])).toEqual(['2 site_deleted']));

  it('another address or flag is told of sites of the run, and flags only where it brought the rows', () => {
    const source = [
      blogOf(1, { archived: true }),
      blogOf(2, { path: '/x/' }),
      blogOf(3),
      blogOf(4, { spam: true }),
    ];
    expect(find(source)).toEqual(['1 site_changed', '2 site_changed']);
    expect(find(source, null)).toEqual(['2 site_changed']);
    const [one] = findSiteDrift(plan, state, now, [blogOf(1, { deleted: true })]);
    expect(one?.message).toContain('no longer deleted');
  });

  it('that can no longer be asked are told as unseen, and the run goes on', async () => {
    const told: MigrationEvent[] = [];
    await lookForDrift({
      plan,
      recorder: { state, record: async (event: MigrationEvent) => void told.push(event) },
      signal: new AbortController().signal,
      onSource: () => Promise.reject(new MigrationError('connection', 'The source is away.')),
      onTarget: () => Promise.resolve(now),
    } as unknown as PhaseContext);
    expect(told).toMatchObject([
      { type: 'check.reported', code: 'drift_unseen', outcome: 'warning', message: 'The source is away.' },
    ]);
  });
});
