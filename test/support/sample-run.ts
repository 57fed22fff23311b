// A run as it stands on a disk: for tests of what people are shown of it.

import type { MigrationEvent } from '../../src/migration/events.ts';
import type { KnownRun, RunEntry } from '../../src/migration/read-run.ts';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { countSites } from '../../src/migration/state.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from './sample-plan.ts';

export const NOW = new Date('2026-11-21T05:00:00.000Z');
export const SAMPLE_PLAN = samplePlan(20, { leftOut: [{ siteId: 99, reason: 'archived (--active-only)' }] });

/** Twenty sites: 1 and 2 are done, 3 was refused twice, 4 took too long, 5 is being copied. */
export function sampleRun(changes: Partial<RunEntry> = {}, more: readonly MigrationEvent[] = []): KnownRun {
  const journal = new SampleJournal();
  const denied = {
    code: 'access',
    message: "verifying wp_3_posts on the target: SELECT command denied to user 'wp'@'10.0.0.5' (1142)",
    scope: 'site',
    hint: 'Grant the missing right (wfuwp config check lists what is needed).',
  } as const;
  const late = {
    code: 'timeout',
    message: 'Site 4 took longer than 20 min.',
    scope: 'site',
    hint: 'Give it more.',
  } as const;
  const tables = ['posts', 'options'].map(name => `wp_stg_previous.wp_2_${name}`);
  const previous = tables.map(name => ({ kind: 'previous_table' as const, name }));
  journal.start(SAMPLE_PLAN);
  const events: MigrationEvent[] = [
    { type: 'site.skipped', siteId: 99, reason: 'archived (--active-only)' },
    { type: 'phase.started', phase: 'preflight' },
    { type: 'phase.completed', phase: 'preflight' },
    { type: 'phase.skipped', phase: 'network_tables', reason: '--sites-only' },
    { type: 'phase.started', phase: 'sites' },
    { type: 'site.started', siteId: 1, attempt: 1 },
    { type: 'site.completed', siteId: 1, rows: 1_200, bytes: 340_000 },
    { type: 'site.started', siteId: 2, attempt: 1 },
    { type: 'step.started', siteId: 2, step: 'inspect', attempt: 1 },
    { type: 'step.completed', siteId: 2, step: 'inspect' },
    { type: 'step.started', siteId: 2, step: 'copy_tables', attempt: 2 },
    { type: 'step.completed', siteId: 2, step: 'copy_tables' },
    { type: 'step.started', siteId: 2, step: 'cut_over', attempt: 1, resources: previous },
    { type: 'step.completed', siteId: 2, step: 'cut_over' },
    { type: 'site.completed', siteId: 2, rows: 10, bytes: 500 },
    { type: 'site.started', siteId: 3, attempt: 2 },
    { type: 'step.started', siteId: 3, step: 'verify_tables', attempt: 1 },
    { type: 'step.failed', siteId: 3, step: 'verify_tables', error: denied },
    { type: 'site.failed', siteId: 3, error: denied },
    { type: 'site.started', siteId: 4, attempt: 1 },
    { type: 'site.timed_out', siteId: 4, error: late },
    { type: 'site.started', siteId: 5, attempt: 1 },
    { type: 'step.started', siteId: 5, step: 'copy_tables', attempt: 1 },
    ...more,
  ];
  for (const event of events) journal.wait(60_000).fold(event);
  const { state } = journal;
  const entry: RunEntry = {
    id: MIGRATION_ID,
    path: `${process.cwd()}/logs/${MIGRATION_ID}`,
    source: 'prod',
    target: 'stg',
    status: state.status === 'running' ? 'interrupted' : state.status,
    holder: null,
    phase: 'sites',
    sites: countSites(state),
    network: null,
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    endedAt: state.endedAt ?? null,
    ageMs: 0,
    error: state.error ?? null,
    damage: [],
    ...changes,
  };
  return { entry, directory: new RunDirectory(entry.path), state };
}
