// One of each thing that the program tells people about, with something in every field: for tests of what is shown.

import type { ControlReport } from '../../src/cli/control-run.ts';
import type { ConfigCheck } from '../../src/config/check-config.ts';
import type { ErrorRecord } from '../../src/errors.ts';
import type { CleanupReport } from '../../src/migration/cleanup-report.ts';
import type { EventType, MigrationEvent } from '../../src/migration/events.ts';
import type { EnvironmentGrants } from '../../src/migration/grants-report.ts';
import type { Plan } from '../../src/migration/plan.ts';
import type { RollbackReport } from '../../src/migration/rollback-report.ts';
import type { TargetLock } from '../../src/migration/target-lock.ts';
import type { ValidationResult } from '../../src/migration/validation.ts';
import type { VerifyReport } from '../../src/migration/verify-report.ts';
import type { Explanation } from '../../src/rewrite/explain.ts';
import { MIGRATION_ID, samplePlan } from './sample-plan.ts';

const at = '2026-11-21T02:30:00.000Z';

export const SAMPLE_ERROR: ErrorRecord = {
  code: 'access',
  message: 'verifying wp_3_posts on the target: SELECT command denied',
  scope: 'site',
  hint: 'Grant the missing right.',
  details: { command: './purge.sh', failure: 'it ended with exit code 1' },
};

const failedTest: ValidationResult = {
  component: 'site 4',
  test: 'http_status',
  stage: 'after',
  passed: false,
  error: 'answered 500',
  testedAt: at,
};

const broken = samplePlan(4);

export const FULL_PLAN: Plan = {
  ...broken,
  skipColumns: ['options.mail_password'],
  base64Columns: ['options.theme'],
  source: { ...broken.source, tablePrefix: 'old_' },
  users: null,
  treatment: {
    skipData: ['postmeta'],
    skipRows: ['options.option_name=_transient_*'],
    safety: {
      rules: ['drop_sessions', 'stop_mail', 'anonymise_people'],
      staff: ['@it.example.edu'],
      staffIds: ['1'],
      columns: [],
      keyDigest: null,
    },
    refreshPermalinks: true,
  },
  sites: broken.sites.map(site => ({
    ...site,
    tables: site.tables.map(table => ({ ...table, emptiedBy: 'skip_data' })),
  })),
  hosts: [...broken.hosts, { source: 'www.history-museum.org', target: null, siteIds: [17] }],
  hazards: [
    { code: 'a', blocking: true, message: 'It stops the run.', hint: 'Fix it.', siteIds: [4] },
    { code: 'b', blocking: false, message: 'It warns.' },
  ],
  leftOut: [{ siteId: 61, reason: 'archived' }],
  tablesNotCarried: [{ table: 'wp_99_plugin', reason: 'blog 99 is not in the blogs table' }],
};

const copied = {
  ...{ table: 'wp_2_posts', rows: 1, bytes: 1, checksum: 'c', sourceChecksum: 's' },
  changedByColumn: { post_content: 12 },
  left: [
    { column: 'guid', reason: 'too_long', values: 12, keys: ['ID=7'] },
    { column: 'raw', reason: 'binary', values: 0, keys: [] },
  ],
  treated: [{ rule: 'skip_rows', rows: 12, values: 3 }],
} as const;

/** One of each kind. A new kind needs one here. */
const EVENT_OF: { readonly [Type in EventType]: Extract<MigrationEvent, { type: Type }> } = {
  'migration.started': {
    ...{ type: 'migration.started', source: 'prod', target: 'stg', planDigest: 'd', siteIds: [2, 3, 4] },
    ...{ network: true, pid: 7, host: 'admin-1' },
  },
  'migration.resumed': {
    ...{ type: 'migration.resumed', siteIds: [2], mode: 'continue', forced: true, pid: 7, host: 'admin-1' },
  },
  'migration.tuned': {
    ...{ type: 'migration.tuned', request: 'r', by: 'ann@admin-1' },
    pace: { concurrency: 'auto', level: 3, startsPaused: true, pausedBy: 'ann@admin-1', reason: 'asked' },
  },
  'concurrency.changed': {
    ...{ type: 'concurrency.changed', from: 4, to: 0, cause: 'source', reason: '61 threads running' },
  },
  'migration.draining': { type: 'migration.draining', reason: 'Ctrl-C' },
  'rollback.started': {
    ...{ type: 'rollback.started', siteIds: [2], automatic: true, pid: 7, host: 'admin-1' },
  },
  'migration.ended': { type: 'migration.ended', status: 'failed', error: SAMPLE_ERROR },
  'migration.closed': { type: 'migration.closed', by: 'ann@admin-1' },
  'cleanup.started': { type: 'cleanup.started', by: 'ann@admin-1', pid: 7, host: 'admin-1' },
  'phase.started': { type: 'phase.started', phase: 'sites' },
  'phase.completed': { type: 'phase.completed', phase: 'preflight' },
  'phase.failed': { type: 'phase.failed', phase: 'network_tables', error: SAMPLE_ERROR },
  'phase.skipped': { type: 'phase.skipped', phase: 'post_migration', reason: '--network-only' },
  'check.reported': { type: 'check.reported', code: 'space', outcome: 'failed', message: 'It is full.' },
  'site.started': { type: 'site.started', siteId: 2, attempt: 1 },
  'step.started': {
    ...{ type: 'step.started', siteId: 2, step: 'copy_tables', attempt: 1 },
    resources: [{ kind: 'staging_table', name: 'wp_stg_incoming.wp_2_posts' }],
  },
  'table.copied': { type: 'table.copied', siteId: 2, copied },
  'table.discarded': { type: 'table.discarded', siteId: 3, table: 'wp_3_posts' },
  'chunk.copied': { type: 'chunk.copied', siteId: 3, chunk: { ...copied, from: '1', to: null } },
  'chunk.discarded': { type: 'chunk.discarded', siteId: 3, table: 'wp_3_posts', from: '1', to: null },
  'step.completed': {
    ...{ type: 'step.completed', siteId: 2, step: 'find_changes', data: { changed: 'wp_2_posts is new' } },
  },
  'step.retried': {
    ...{ type: 'step.retried', siteId: 4, step: 'copy_tables', attempt: 1, waitMs: 5, error: SAMPLE_ERROR },
  },
  'step.failed': { type: 'step.failed', siteId: 4, step: 'verify_tables', error: SAMPLE_ERROR },
  'step.skipped': { type: 'step.skipped', siteId: 2, step: 'sync_media', reason: '--skip-s3' },
  'site.completed': { type: 'site.completed', siteId: 2, rows: 1, bytes: 1 },
  'site.failed': { type: 'site.failed', siteId: 4, error: SAMPLE_ERROR },
  'site.timed_out': { type: 'site.timed_out', siteId: 1, error: SAMPLE_ERROR },
  'site.aborted': { type: 'site.aborted', siteId: 3, reason: 'Ctrl-C' },
  'site.skipped': { type: 'site.skipped', siteId: 3, reason: 'it was deleted' },
  'drift.found': { type: 'drift.found', siteId: 3, kind: 'site_changed', message: 'its domain is another' },
  'site.rolled_back': { type: 'site.rolled_back', siteId: 1 },
  'site.rollback_closed': { type: 'site.rollback_closed', siteId: 1 },
  'resource.removed': {
    ...{ type: 'resource.removed', siteId: 3, resources: [{ kind: 'database', name: 'wp_stg_incoming' }] },
  },
  'migration.validated': { type: 'migration.validated', results: [{ ...failedTest, component: 'target' }] },
  'site.validated': {
    type: 'site.validated',
    siteId: 4,
    results: [failedTest, { ...failedTest, stage: 'before' }],
  },
  'hook.started': { type: 'hook.started', hook: 'before_site', siteId: 2 },
  'hook.ended': {
    ...{ type: 'hook.ended', hook: 'after_site', siteId: 2, durationMs: 5, output: ['sent', 'to 3'] },
    error: SAMPLE_ERROR,
  },
  'undo.failed': { type: 'undo.failed', siteId: 4, step: 'cut_over', error: SAMPLE_ERROR },
};

export const EVERY_EVENT: readonly MigrationEvent[] = [
  ...Object.values(EVENT_OF),
  { type: 'step.completed', siteId: 2, step: 'copy_tables' },
];

export const VERIFY_REPORT: VerifyReport = {
  migrationId: MIGRATION_ID,
  source: 'prod',
  target: 'stg',
  against: 'journal',
  startedAt: at,
  endedAt: at,
  counts: {
    ...{
      units: 5,
      proven: 0,
      different: 2,
      notVerified: 1,
      notPart: 1,
      tables: 3,
      rows: 9,
      leftovers: 2,
      left: 2,
    },
  },
  allProven: false,
  units: [
    {
      ...{ siteId: 2, address: 'art.example.edu', verdict: 'different', reason: null },
      tables: (['rows_differ', 'content_differs', 'missing', 'not_comparable', 'merged'] as const).map(
        verdict => ({
          table: `wp_2_${verdict}`,
          verdict,
          reason: 'it has no key',
          expected: { rows: 2, checksum: 'a' },
          found: { rows: 1, checksum: 'b' },
          leftovers: [{ column: 'guid', values: 9, keys: ['ID=7'] }],
          left: [{ column: 'guid', reason: 'email', values: 9, keys: ['ID=7'] }],
        }),
      ),
    },
    { siteId: 3, address: null, verdict: 'not_verified', reason: 'its tables are gone', tables: [] },
    { siteId: 4, address: null, verdict: 'not_part', reason: 'it failed', tables: [] },
  ],
  nextCommands: ['wfuwp env-migrate prod stg --include-sites 2'],
};

const units = (
  [
    ['to_roll_back', 1],
    ['rolled_back', 2],
    ['refused', 3],
    ['failed', 4],
  ] as const
).map(([status, siteId]) => ({
  ...{ siteId, address: 'art.example.edu', status, reason: 'a later run has it' },
  ...{ comesBack: ['wp_2_posts'], goesAway: ['wp_2_posts'] },
}));

export const ROLLBACK_REPORT: RollbackReport = {
  ...{ migrationId: MIGRATION_ID, source: 'prod', target: 'stg', status: 'completed' },
  ...{ carriedOut: false, rollbackAvailable: true, validationResults: [failedTest], units },
};

export const CLEANUP_REPORT: CleanupReport = {
  ...{ migrationId: MIGRATION_ID, source: 'prod', target: 'stg', carriedOut: false, closes: true },
  ...{ rollbackAvailable: true },
  ...{ stagingDatabase: 'wp_stg_incoming', previousDatabase: 'wp_stg_previous' },
  units: [
    {
      siteId: 2,
      address: 'art.example.edu',
      previous: ['wp_2_posts'],
      staging: ['wp_2_options'],
      endsRollback: true,
    },
  ],
  discarded: ['wp_stg_incoming.wp_3_posts'],
  notices: ['The previous tables stay.'],
};

export const TARGET_LOCK: TargetLock = {
  ...{ environment: 'stg', database: 'wp_stg', condition: 'process_dead', broken: false },
  holder: {
    ...{ lockId: '0b5c', fencing: 1, host: 'admin-1', pid: 7, migrationId: MIGRATION_ID },
    ...{ takenAt: at, heartbeatAt: at, expiresInMs: -5 },
  },
};

export const CONTROL_REPORT: ControlReport = {
  ...{ migrationId: MIGRATION_ID, concurrency: 'auto', level: 3, startsPaused: false },
  isTuned: false,
  nextCommands: ['wfuwp env-migrate status abc123 --watch'],
};

export const CONFIG_CHECK: ConfigCheck = {
  file: '/srv/wfuwp.config.yaml',
  fileFindings: [{ code: 'secrets_readable', outcome: 'warning' as const, message: 'It may be read.' }],
  environments: [
    {
      ...{ name: 'stg', database: 'wp@db:3306/wp_stg' },
      findings: [{ code: 'a', outcome: 'failed', message: 'No way in.', hint: 'Fix it.' }],
    },
  ],
  findings: [{ code: 'b', outcome: 'warning', message: 'They are one database.' }],
  pair: {
    ...{ source: 'prod', target: 'stg', passed: 12 },
    findings: [{ code: 'c', outcome: 'warning', message: 'It is odd.', hint: 'See to it.' }],
  },
  problems: 1,
};

export const GRANTS: readonly EnvironmentGrants[] = [
  {
    ...{ environment: 'stg', role: 'target', server: 'db:3306', account: null },
    statements: [{ sql: 'GRANT SELECT ON `wp`.* TO wp;', optional: 'To see more.' }],
  },
];

export const EXPLANATION: Pick<Explanation, 'matches' | 'stayed'> = {
  matches: [
    {
      offset: 1,
      place: 'text',
      found: 'prod.example.edu',
      text: 'stg.example.edu',
      rule: { from: 'a', to: 'b' },
    },
  ],
  stayed: [{ offset: 9, place: 'serialized["x"]', found: 'xprod.example.edu', reason: 'other_host' }],
};
