import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderSummary } from '../../../src/cli/render-summary.ts';
import type { LeftValues } from '../../../src/migration/events.ts';
import { type Summary, summarize } from '../../../src/migration/summary.ts';
import type { EndStatus } from '../../../src/migration/words.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from '../../support/sample-plan.ts';

/** What each site has left: nearly all addresses, few anything else. */
function left(siteId: number): LeftValues[] {
  const all: LeftValues[] = [
    { column: 'post_content', reason: 'email', values: 3, keys: ['ID=4', 'ID=8', 'ID=9'] },
  ];
  if (siteId === 3)
    all.push({ column: 'post_content', reason: 'broken_serialized', values: 1, keys: ['ID=12'] });
  if (siteId === 5 || siteId === 6)
    all.push({ column: 'guid', reason: 'too_long', values: 40, keys: ['ID=1', 'ID=2'] });
  return [...all, { column: 'raw', reason: 'binary', values: 0, keys: [] }];
}

const OPTIONS = {
  ...{ isSaved: true, verbose: true, colors: false, width: 100 },
  runDirectory: `logs/${MIGRATION_ID}`,
};
const SHORT = { ...OPTIONS, verbose: false };

/** A night on which the sites `bad` are refused, and the sites `lost` are still to come when the run ends. */
function summaryOf(
  options: { bad?: number[]; lost?: number[]; status?: EndStatus | 'running' } = {},
): Summary {
  const { bad = [], lost = [], status = 'completed' } = options;
  const plan = samplePlan(20, {
    hazards: [{ code: 'unmapped_host', blocking: false, message: 'No rule covers www.history-museum.org.' }],
    leftOut: [{ siteId: 99, reason: 'archived (--active-only)' }],
    treatment: {
      ...{ skipData: [], skipRows: ['options.option_name=_transient_*'] },
      safety: { rules: ['anonymise_people'], staff: [], staffIds: [], columns: [], keyDigest: null },
    },
  });
  const journal = new SampleJournal();
  journal.start(plan);
  journal.fold({ type: 'site.started', siteId: 0, attempt: 1 });
  journal.wait(1_500).fold({ type: 'site.completed', siteId: 0, rows: 240, bytes: 70_000 });
  for (const { siteId, rows, sizeBytes, tables } of plan.sites.filter(site => !lost.includes(site.siteId))) {
    journal.fold({ type: 'site.started', siteId, attempt: 1 });
    journal.fold({ type: 'step.started', siteId, step: 'copy_tables', attempt: 1 });
    journal.wait(2_000 + 100 * siteId);
    const copied = {
      ...{ table: tables[0]!.target, rows, bytes: sizeBytes, checksum: 'c', sourceChecksum: 's' },
      changedByColumn: { post_content: 1_000, guid: 50 },
      left: left(siteId),
      treated: [
        { rule: 'skip_rows', rows: 12, values: 0 },
        { rule: 'anonymise_people', rows: 0, values: 3 },
      ],
    };
    journal.fold({ type: 'table.copied', siteId, copied });
    journal.fold({ type: 'step.completed', siteId, step: 'copy_tables' });
    if (bad.includes(siteId)) {
      const error = {
        code: 'access',
        message: `verifying wp_${siteId}_posts on the target: SELECT command denied to user 'wp'@'10.0.0.5' (1142)`,
        scope: 'site',
        hint: 'Grant the missing right (wfuwp config check lists what is needed).',
      } as const;
      journal.fold({ type: 'step.started', siteId, step: 'verify_tables', attempt: 1 });
      journal.fold({ type: 'step.failed', siteId, step: 'verify_tables', error });
      journal.fold({ type: 'site.failed', siteId, error });
    } else {
      journal.fold({ type: 'step.completed', siteId, step: 'cut_over' });
      journal.fold({ type: 'site.completed', siteId, rows, bytes: sizeBytes });
    }
  }
  if (status !== 'running') journal.fold({ type: 'migration.ended', status });
  return summarize(plan, journal.state);
}

describe('renderSummary', () => {
  it('is short when all went well', async () => {
    await expect(renderSummary(summaryOf(), SHORT)).toMatchFileSnapshot(
      '../../cases/rendering/summary-completed.txt',
    );
  });

  it('tells all that was counted with --verbose', async () => {
    await expect(renderSummary(summaryOf(), OPTIONS)).toMatchFileSnapshot(
      '../../cases/rendering/summary-verbose.txt',
    );
  });

  it('groups what failed and says what to do', async () => {
    const summary = summaryOf({ bad: [4, 7, 8], status: 'completed_with_failures' });
    await expect(renderSummary(summary, { ...OPTIONS, width: 80 })).toMatchFileSnapshot(
      '../../cases/rendering/summary-with-failures.txt',
    );
  });

  it.each([
    [summaryOf(), '✔ All 20 sites are migrated, prod → stg, in 1 min 3 s.'],
    [
      summaryOf({ bad: [4], status: 'completed_with_failures' }),
      '✖ 19 of 20 sites migrated (1 failed), prod → stg, in 1 min 3 s.',
    ],
    [
      summaryOf({ lost: [18, 19, 20], status: 'paused' }),
      '! Stopped: 17 of 20 sites migrated (3 not done yet), prod → stg, in 51 s.',
    ],
    [
      summaryOf({ bad: [4], lost: [20], status: 'failed' }),
      '✖ Stopped: 18 of 20 sites migrated (1 failed, 1 not done yet), prod → stg, in 59 s.',
    ],
  ])('says what matters in the first line', (summary, line) => {
    expect(renderSummary(summary, OPTIONS).split('\n')[0]).toBe(line);
  });

  it('explains why a run stopped right below', () => {
    const error = {
      code: 'space',
      message: 'The disk is full.',
      scope: 'migration',
      hint: 'Free space.',
    } as const;
    const lines = renderSummary({ ...summaryOf({ lost: [20], status: 'failed' }), error }, OPTIONS).split(
      '\n',
    );
    expect(lines.slice(1, 3)).toEqual(['  The disk is full. [space]', '  → Free space.']);
  });

  it('ends with what to type', () => {
    const summary = summaryOf({ lost: [20], status: 'paused' });
    expect(renderSummary(summary, OPTIONS).split('\n').slice(-5)).toEqual([
      'Next:',
      `  wfuwp env-migrate --resume ${MIGRATION_ID}`,
      '      goes on where it stopped',
      `  wfuwp env-migrate rollback ${MIGRATION_ID}`,
      '      swaps back what was live before',
    ]);
  });

  it('speaks of the network tables when there are no sites', () => {
    const none = {
      total: 0,
      pending: 0,
      in_progress: 0,
      completed: 0,
      failed: 0,
      timeout: 0,
      skipped: 0,
      rolled_back: 0,
      unchanged: 0,
    };
    expect(renderSummary({ ...summaryOf(), sites: none }, OPTIONS)).toMatch(
      /^✔ Network tables completed, prod → stg/,
    );
  });

  it('says the same with and without colours', () => {
    const summary = summaryOf({ bad: [4], status: 'completed_with_failures' });
    const colored = renderSummary(summary, { ...OPTIONS, colors: true });
    expect(stripVTControlCharacters(colored)).toBe(renderSummary(summary, OPTIONS));
  });
});
