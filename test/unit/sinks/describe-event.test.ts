import { describe, expect, it } from 'vitest';
import type { ErrorRecord } from '../../../src/errors.ts';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { describeEvent, explainEvent } from '../../../src/sinks/describe-event.ts';
import { nameUnits } from '../../../src/sinks/site-names.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const nameOf = nameUnits(samplePlan(4));
const error: ErrorRecord = { code: 'access', message: 'SELECT denied', scope: 'site', hint: 'Grant SELECT.' };

const copied = {
  ...{ table: 'wp_2_log', rows: 5000, bytes: 1500, checksum: 'c', sourceChecksum: 's' },
  ...{ changedByColumn: {}, left: [] },
};

const tried = { component: 'site 2', stage: 'after', testedAt: '2026-11-21T03:00:00.000Z' } as const;
const passedTest = { ...tried, test: 'http_status', passed: true, error: null } as const;
const failedTest = { ...tried, test: 'http_login', passed: false, error: 'answered 500' } as const;

const SENTENCES: [MigrationEvent, string][] = [
  [
    { type: 'table.copied', siteId: 2, copied: { ...copied, rowsInside: 4900 } },
    'site 2 art2.prod.example.edu: wp_2_log copied, 5,000 rows, 1.5 kB, 4,900 rows of these inside the server.',
  ],
  [
    { type: 'table.copied', siteId: 2, copied: { ...copied, againTravelled: 1 } },
    'site 2 art2.prod.example.edu: wp_2_log copied, 5,000 rows, 1.5 kB; what was to be copied inside the server travelled, as the source was written to meanwhile.',
  ],
  [
    {
      type: 'migration.started',
      source: 'prod',
      target: 'stg',
      planDigest: 'd',
      siteIds: [1, 2],
      network: true,
      pid: 7,
      host: 'admin-1',
    },
    'Migration from prod to stg started: the network tables and 2 sites (process 7 on admin-1).',
  ],
  [
    {
      type: 'migration.resumed',
      siteIds: [1],
      mode: 'continue',
      forced: false,
      pid: 7,
      host: 'admin-1',
      pace: { concurrency: 8, level: 2, startsPaused: false },
    },
    'Resumed with 1 site (process 7 on admin-1). At most 2 sites at once (limits.concurrency of the configuration).',
  ],
  [
    {
      type: 'migration.tuned',
      request: 'r',
      by: 'ann@admin-1',
      pace: { concurrency: 'auto', level: 3, startsPaused: false },
    },
    'Tuned by ann@admin-1: 3 sites at once (auto).',
  ],
  [
    {
      type: 'migration.tuned',
      request: 'r',
      by: 'ann@admin-1',
      pace: { concurrency: 40, level: 16, startsPaused: false },
    },
    'Tuned by ann@admin-1: 16 sites at once (asked for 40).',
  ],
  [
    {
      type: 'migration.tuned',
      request: 'r',
      by: 'ann@admin-1',
      pace: { concurrency: 4, level: 4, startsPaused: true, pausedBy: 'ann@admin-1' },
    },
    'Paused by ann@admin-1: what is in flight finishes, nothing new is started.',
  ],
  [
    {
      ...{ type: 'migration.tuned', request: 'r', by: 'bob@admin-1', change: 'concurrency' },
      pace: { concurrency: 2, level: 2, startsPaused: true, pausedBy: 'ann@admin-1' },
    },
    'Tuned by bob@admin-1: 2 sites at once, as soon as it is continued.',
  ],
  [
    {
      ...{ type: 'migration.tuned', request: 'r', by: 'bob@admin-1', change: 'continue' },
      pace: { concurrency: 2, level: 2, startsPaused: false },
    },
    'Continued by bob@admin-1: 2 sites at once.',
  ],
  [
    { type: 'concurrency.changed', from: 4, to: 2, cause: 'source', reason: '61 threads running' },
    'Concurrency 4 → 2: 61 threads running.',
  ],
  [
    { type: 'concurrency.changed', from: 2, to: 0, cause: 'source', reason: '101 threads running' },
    'Concurrency 2 → 0: 101 threads running. Nothing new is started until it is better.',
  ],
  [{ type: 'migration.draining', reason: 'Ctrl-C' }, 'Stopping: Ctrl-C. Nothing new is started.'],
  [{ type: 'migration.ended', status: 'completed' }, 'Migration completed.'],
  [
    { type: 'migration.ended', status: 'failed', error },
    'Migration stopped before its end; it can be resumed. SELECT denied [access] Next: Grant SELECT.',
  ],
  [{ type: 'phase.started', phase: 'network_tables' }, 'Network tables: started.'],
  [{ type: 'phase.completed', phase: 'sites' }, 'Sites: completed.'],
  [
    { type: 'phase.failed', phase: 'preflight', error },
    'Preflight: FAILED. SELECT denied [access] Next: Grant SELECT.',
  ],
  [{ type: 'phase.skipped', phase: 'sites', reason: '--network-only' }, 'Sites: skipped (--network-only).'],
  [
    { type: 'check.reported', code: 'free_space', outcome: 'passed', message: '12 GB free.' },
    'Check free_space: passed. 12 GB free.',
  ],
  [
    { type: 'check.reported', code: 'free_space', outcome: 'warning', message: 'Little.' },
    'Check free_space: WARNING. Little.',
  ],
  [{ type: 'site.started', siteId: 4, attempt: 1 }, 'site 4 chemistry4.prod.example.edu: started.'],
  [
    { type: 'site.started', siteId: 4, attempt: 2 },
    'site 4 chemistry4.prod.example.edu: started again (attempt 2).',
  ],
  [{ type: 'site.completed', siteId: 0, rows: 1, bytes: 1_500 }, 'network tables: completed, 1 row, 1.5 kB.'],
  [
    { type: 'site.failed', siteId: 4, error },
    'site 4 chemistry4.prod.example.edu: FAILED. SELECT denied [access] Next: Grant SELECT.',
  ],
  [
    { type: 'site.timed_out', siteId: 4, error },
    'site 4 chemistry4.prod.example.edu: TIMED OUT. SELECT denied [access] Next: Grant SELECT.',
  ],
  [
    { type: 'site.aborted', siteId: 4, reason: 'Ctrl-C' },
    'site 4 chemistry4.prod.example.edu: stopped before its end (Ctrl-C); a resume takes it up again.',
  ],
  [{ type: 'site.skipped', siteId: 99, reason: 'archived' }, 'site 99: skipped (archived).'],
  [{ type: 'step.started', siteId: 99, step: 'copy_tables', attempt: 1 }, 'site 99: copying tables.'],
  [
    { type: 'step.started', siteId: 99, step: 'copy_tables', attempt: 3 },
    'site 99: copying tables, attempt 3.',
  ],
  [{ type: 'step.completed', siteId: 99, step: 'cut_over' }, 'site 99: cutting over: done.'],
  [
    { type: 'step.retried', siteId: 99, step: 'copy_tables', attempt: 1, waitMs: 2_000, error },
    'site 99: copying tables failed, attempt 2 in 2.0 s. SELECT denied [access]',
  ],
  [
    { type: 'step.failed', siteId: 99, step: 'inspect', error },
    'site 99: inspecting failed for good. SELECT denied [access]',
  ],
  [
    { type: 'step.skipped', siteId: 99, step: 'sync_media', reason: '--skip-s3' },
    'site 99: copying media: skipped (--skip-s3).',
  ],
  [
    {
      type: 'resource.removed',
      siteId: 99,
      resources: [
        { kind: 'staging_table', name: 'a.b' },
        { kind: 'staging_table', name: 'a.c' },
        { kind: 'database', name: 'a' },
      ],
    },
    'site 99: removed 2 staging tables, 1 database.',
  ],
  [
    { type: 'site.validated', siteId: 2, results: [passedTest, passedTest] },
    'site 2 art2.prod.example.edu: 2 tests passed after the run.',
  ],
  [
    { type: 'site.validated', siteId: 2, results: [passedTest, failedTest] },
    'site 2 art2.prod.example.edu: FAILED after the run: http_login: answered 500',
  ],
  [
    { type: 'site.validated', siteId: 2, results: [{ ...failedTest, brokenBefore: true }] },
    'site 2 art2.prod.example.edu: failed after the run: http_login: answered 500 (as before the run)',
  ],
  [
    { type: 'migration.validated', results: [{ ...failedTest, stage: 'before' }] },
    'failed before the run: http_login: answered 500',
  ],
  [
    { type: 'hook.started', hook: 'before_site', siteId: 2 },
    'site 2 art2.prod.example.edu: running the before_site hook.',
  ],
  [
    { type: 'hook.ended', hook: 'after_run', durationMs: 1200, output: ['sent', 'to 3'] },
    'after_run hook done in 1.2 s. It printed: sent | to 3.',
  ],
  [
    { type: 'hook.ended', hook: 'after_site', siteId: 2, durationMs: 1200, output: [], error },
    'site 2 art2.prod.example.edu: HOOK FAILED. SELECT denied [access] Next: Grant SELECT.',
  ],
  [
    { type: 'undo.failed', siteId: 99, step: 'cut_over', error },
    'site 99: COULD NOT BE CLEANED UP after cutting over. SELECT denied [access] Next: Grant SELECT.',
  ],
];

describe('describeEvent', () => {
  it.each(SENTENCES)('$type: %s', (event, sentence) => {
    expect(describeEvent(event, nameOf)).toBe(sentence);
  });

  it('says all in one line that no terminal obeys, whatever a server or a site name says', () => {
    const hostile = { ...error, message: 'near\n  \u001b[2J', hint: 'one\ntwo' };
    const sites = [{ ...samplePlan(1).sites[0]!, siteId: 4, domain: 'a\u001b]0;x\u0007b' }];
    const text = describeEvent({ type: 'site.failed', siteId: 4, error: hostile }, nameUnits({ sites }));
    expect(text).toBe(String.raw`site 4 a\x1b]0;x\x07b: FAILED. near\n  \x1b[2J [access] Next: one\ntwo`);
  });
});

it('explainEvent keeps apart what to do', () => {
  expect(explainEvent({ type: 'site.failed', siteId: 4, error })).toEqual({
    text: 'site 4: FAILED. SELECT denied [access]',
    next: 'Grant SELECT.',
  });
});
