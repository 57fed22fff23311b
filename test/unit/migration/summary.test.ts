import { describe, expect, it } from 'vitest';
import type { ErrorRecord } from '../../../src/errors.ts';
import type { CopiedTable, LeftValues } from '../../../src/migration/events.ts';
import type { Plan } from '../../../src/migration/plan.ts';
import { type Summary, summarize } from '../../../src/migration/summary.ts';
import { NETWORK, type SiteId, type StepName } from '../../../src/migration/words.ts';
import type { RuleCount } from '../../../src/policy/row-rule.ts';
import { MIGRATION_ID, SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const denied = (message: string): ErrorRecord => ({
  code: 'access',
  message,
  scope: 'site',
  hint: 'Grant it.',
});

class Run extends SampleJournal {
  readonly plan: Plan;

  constructor(plan: Plan) {
    super();
    this.plan = plan;
    this.start(plan);
  }

  complete(siteId: SiteId, ms = 1_000, tables: readonly CopiedTable[] = []): this {
    this.fold({ type: 'site.started', siteId, attempt: 1 });
    this.fold({ type: 'step.started', siteId, step: 'copy_tables', attempt: 1 });
    this.wait(ms);
    for (const copied of tables) this.fold({ type: 'table.copied', siteId, copied });
    this.fold({ type: 'step.completed', siteId, step: 'copy_tables' });
    this.fold({ type: 'step.completed', siteId, step: 'cut_over' });
    this.fold({ type: 'site.completed', siteId, rows: 10, bytes: 500 });
    return this;
  }

  fail(siteId: SiteId, message: string, step: StepName = 'verify_tables'): this {
    this.fold({ type: 'site.started', siteId, attempt: 1 });
    this.fold({ type: 'step.started', siteId, step, attempt: 1 });
    this.fold({ type: 'step.failed', siteId, step, error: denied(message) });
    this.fold({ type: 'site.failed', siteId, error: denied(message) });
    return this;
  }

  end(status: 'completed' | 'completed_with_failures' | 'paused' | 'failed'): Summary {
    this.fold({ type: 'migration.ended', status });
    return summarize(this.plan, this.state);
  }
}

describe('figures', () => {
  it('count sites, rows and bytes, and the time in which something was in flight', () => {
    const run = new Run(samplePlan(3))
      .complete(NETWORK)
      .complete(1)
      .complete(2)
      .wait(8 * 3_600_000)
      .complete(3);
    const summary = run.end('completed');
    expect(summary).toMatchObject({
      migrationId: MIGRATION_ID,
      source: 'prod',
      target: 'stg',
      status: 'completed',
      error: null,
      startedAt: '2026-11-21T02:30:00.000Z',
      endedAt: '2026-11-21T10:30:04.000Z',
      durationMs: 8 * 3_600_000 + 4_000,
      network: 'completed',
      rows: 40,
      bytes: 2_000,
      throughput: { sitesPerMinute: 45, bytesPerSecond: 500 },
    });
    expect(summary.sites).toMatchObject({ total: 3, completed: 3, failed: 0 });
  });

  it('keep what the plan leaves out apart from the sites of the run', () => {
    const run = new Run(samplePlan(2, { leftOut: [{ siteId: 9, reason: 'archived (--active-only)' }] }));
    run.fold({ type: 'site.skipped', siteId: 9, reason: 'archived (--active-only)' });
    const summary = run.complete(1).complete(2).end('completed');
    expect(summary.sites).toMatchObject({ total: 2, completed: 2, skipped: 0 });
    expect(summary.leftOut).toEqual([{ siteId: 9, reason: 'archived (--active-only)' }]);
  });

  it('name the sites that were skipped as nothing had changed, and leave their time out of the pace', () => {
    const run = new Run(samplePlan(2)).complete(1);
    const { sitesPerMinute } = run.end('completed').throughput;
    run.fold({ type: 'site.started', siteId: 2, attempt: 1 });
    run.wait(60_000);
    run.fold({ type: 'site.skipped', siteId: 2, reason: 'unchanged' });
    const summary = run.end('completed');
    expect(summary.unchanged).toEqual([2]);
    expect(summary.sites).toMatchObject({ total: 2, completed: 1, skipped: 1, unchanged: 1, failed: 0 });
    expect(summary.throughput.sitesPerMinute).toBe(sitesPerMinute);
  });

  it('name the five slowest sites', () => {
    const run = new Run(samplePlan(7));
    for (const siteId of [1, 2, 3, 4, 5, 6, 7]) run.complete(siteId, siteId * 1_000);
    const { slowest } = run.end('completed');
    expect(slowest.map(site => site.siteId)).toEqual([7, 6, 5, 4, 3]);
    expect(slowest[4]).toEqual({
      siteId: 3,
      address: 'biology3.prod.example.edu',
      durationMs: 3_000,
      rows: 10,
      bytes: 500,
    });
  });

  it('are zero, not nothing, before anything has happened', () => {
    const { throughput, durationMs, slowest } = new Run(samplePlan(1)).end('failed');
    expect({ throughput, durationMs, slowest }).toEqual({
      throughput: { sitesPerMinute: 0, bytesPerSecond: 0 },
      durationMs: 0,
      slowest: [],
    });
  });
});

describe('failures', () => {
  it('of one kind are one group, whatever the table, host, value or number', () => {
    const run = new Run(samplePlan(50))
      .fail(4, "verifying wp_4_posts: denied to 'u4'@'10.0.0.4' on chemistry4.prod.example.edu (1142)")
      .fail(43, "verifying wp_43_postmeta: denied to 'u43'@'10.0.0.5' on biology43.prod.example.edu (1143)")
      .fail(1, "verifying wp_posts: denied to 'u 1'@'10.0.0.6' on prod.example.edu (1142)");
    const { failures } = run.end('completed_with_failures');
    expect(failures).toEqual([
      {
        signature: 'access | verify_tables | verifying <table>: denied to <value>@<value> on <host> (<n>)',
        code: 'access',
        step: 'verify_tables',
        count: 3,
        siteIds: [1, 4, 43],
        network: false,
        example: {
          site: 'site 1',
          message: "verifying wp_posts: denied to 'u 1'@'10.0.0.6' on prod.example.edu (1142)",
        },
        hint: 'Grant it.',
      },
    ]);
  });

  it('differ by column, step and code; the most frequent kind comes first', () => {
    const run = new Run(samplePlan(9))
      .fail(2, "wp_2_posts: Data too long for column 'post_title'")
      .fail(3, "wp_3_posts: Data too long for column 'guid'")
      .fail(4, "wp_4_posts: Data too long for column 'guid'")
      .fail(5, "wp_5_posts: Data too long for column 'guid'", 'copy_tables');
    const { failures } = run.end('completed_with_failures');
    expect(failures.map(group => [group.count, group.siteIds])).toEqual([
      [2, [3, 4]],
      [1, [2]],
      [1, [5]],
    ]);
  });

  it('of the network tables are counted, and name no site', () => {
    const { failures, network } = new Run(samplePlan(1)).fail(NETWORK, 'wp_blogs is gone').end('failed');
    expect(network).toBe('failed');
    expect(failures[0]).toMatchObject({
      count: 1,
      siteIds: [],
      network: true,
      example: { site: 'network tables' },
    });
  });

  it('of a deadline name the step that was going on', () => {
    const run = new Run(samplePlan(2));
    run.fold({ type: 'site.started', siteId: 2, attempt: 1 });
    run.fold({ type: 'step.started', siteId: 2, step: 'copy_tables', attempt: 1 });
    const error: ErrorRecord = {
      code: 'timeout',
      message: 'site 2 took too long',
      scope: 'site',
      hint: 'Wait.',
    };
    run.fold({ type: 'site.timed_out', siteId: 2, error });
    expect(run.end('completed_with_failures').failures[0]).toMatchObject({
      code: 'timeout',
      step: 'copy_tables',
    });
  });

  it('that a later attempt made good are none', () => {
    const run = new Run(samplePlan(1)).fail(1, 'no').complete(1);
    expect(run.end('completed').failures).toEqual([]);
  });
});

describe('rewriting', () => {
  const copied = (
    table: string,
    changedByColumn: Record<string, number>,
    left: readonly LeftValues[] = [],
  ): CopiedTable[] => [
    { table, rows: 1, bytes: 1, checksum: 'c', sourceChecksum: 's', changedByColumn, left },
  ];
  const broken = (values: number, ...keys: string[]): LeftValues => ({
    column: 'post_content',
    reason: 'broken_serialized',
    values,
    keys,
  });

  it('is added up by the tables as WordPress knows them', () => {
    const { rewritten } = new Run(samplePlan(43))
      .complete(NETWORK, 1, copied('wp_blogs', { domain: 43 }))
      .complete(1, 1, copied('wp_posts', { guid: 2, post_content: 1 }))
      .complete(43, 1, copied('wp_43_posts', { guid: 5 }, [broken(4_000_000, 'ID=1', 'ID=2')]))
      .complete(4, 1, copied('wp_4_posts', {}, [broken(1, 'ID=9')]))
      .end('completed');
    expect(rewritten).toEqual({
      columns: [
        { table: 'blogs', column: 'domain', values: 43, sites: 1 },
        { table: 'posts', column: 'guid', values: 7, sites: 2 },
        { table: 'posts', column: 'post_content', values: 1, sites: 1 },
      ],
      leftTotal: 4_000_001,
      left: [
        {
          table: 'posts',
          column: 'post_content',
          reason: 'broken_serialized',
          values: 4_000_001,
          siteIds: [4, 43],
          examples: [
            { siteId: 4, table: 'wp_4_posts', key: 'ID=9' },
            { siteId: 43, table: 'wp_43_posts', key: 'ID=1' },
            { siteId: 43, table: 'wp_43_posts', key: 'ID=2' },
          ],
        },
      ],
      untouched: [],
    });
  });

  it('gives examples of as many sites as possible, ten at most', () => {
    const keys = Array.from({ length: 10 }, (_, i) => `ID=${i}`);
    const examplesOf = (siteCount: number) => {
      const run = new Run(samplePlan(siteCount + 1));
      for (let id = 2; id <= siteCount + 1; id++) {
        run.complete(id, 1, copied(`wp_${id}_posts`, {}, [broken(10, ...keys)]));
      }
      return run.end('completed').rewritten.left[0]?.examples ?? [];
    };
    expect(examplesOf(1).map(example => example.key)).toEqual(keys);
    for (const [siteCount, sites] of [
      [2, 2],
      [4, 4],
      [30, 10],
    ] as const) {
      expect(examplesOf(siteCount)).toHaveLength(10);
      expect(new Set(examplesOf(siteCount).map(example => example.siteId)).size).toBe(sites);
    }
  });

  it('keeps reasons apart, and names the columns that were never rewritten', () => {
    const binary = (values: number, ...keys: string[]): LeftValues => ({
      column: 'post_content',
      reason: 'binary',
      values,
      keys,
    });
    const { left, untouched } = new Run(samplePlan(4))
      .complete(2, 1, copied('wp_2_posts', {}, [broken(1, 'ID=1'), binary(0)]))
      .complete(3, 1, copied('wp_3_posts', {}, [binary(5, 'ID=5')]))
      .complete(4, 1, copied('wp_4_log', {}, [{ ...binary(0), column: 'raw' }]))
      .end('completed').rewritten;
    expect(left).toMatchObject([
      { reason: 'binary', values: 5, siteIds: [3] },
      { reason: 'broken_serialized', values: 1, siteIds: [2] },
    ]);
    expect(untouched).toEqual([{ table: 'log', column: 'raw', reason: 'binary' }]);
  });

  it('counts what a journal of an older version lists one by one', () => {
    const single = (column: string, key: string) => ({ column, key, reason: 'too_long' });
    const [table] = copied('wp_2_posts', {});
    const old = { ...table, left: [single('guid', 'ID=1'), single('url', 'ID=2'), single('guid', 'ID=3')] };
    const run = new Run(samplePlan(2)).complete(2, 1, [{ ...old, leftTotal: 3 } as unknown as CopiedTable]);
    expect(run.end('completed').rewritten.left).toMatchObject([
      { column: 'guid', values: 2, examples: [{ key: 'ID=1' }, { key: 'ID=3' }] },
      { column: 'url', values: 1 },
    ]);
  });

  it("takes no number of site 1's own table names for a blog id", () => {
    const run = new Run(samplePlan(404)).complete(1, 1, copied('wp_404_to_301', { url: 1 }));
    expect(run.end('paused').rewritten.columns[0]?.table).toBe('404_to_301');
  });
});

describe('what does not arrive as it is', () => {
  const treatment = {
    ...{ skipData: ['postmeta'], skipRows: ['options.option_name=_transient_*'] },
    safety: { rules: ['stop_mail', 'blank_keys'], staff: [], staffIds: [], columns: [], keyDigest: null },
  } as const;
  const plan = samplePlan(3, { treatment });
  const emptied = plan.sites.map(site => ({
    ...site,
    tables: site.tables.map(table =>
      table.target.endsWith('postmeta') ? { ...table, emptiedBy: 'skip_data' } : table,
    ),
  }));
  const copied = (table: string, ...treated: RuleCount[]): CopiedTable => ({
    ...{ table, rows: 1, bytes: 1, checksum: 'c', sourceChecksum: 's', changedByColumn: {}, left: [] },
    treated,
  });
  const options = (prefix: string): CopiedTable =>
    copied(
      `${prefix}options`,
      { rule: 'skip_rows', rows: 3, values: 0 },
      { rule: 'blank_keys', rows: 0, values: 2 },
      { rule: 'stop_mail', rows: 0, values: 1 },
    );

  it('H52 is added up by rule and table, of what has been copied', () => {
    const summary = new Run({ ...plan, sites: emptied })
      .complete(NETWORK, 1, [copied('wp_sitemeta', { rule: 'blank_keys', rows: 0, values: 9 })])
      .complete(2, 1, [options('wp_2_')])
      .complete(3, 1, [options('wp_3_')])
      .fail(1, 'no')
      .end('completed_with_failures');
    expect(summary.treatment).toEqual({
      safetyRules: ['stop_mail', 'blank_keys'],
      treated: [
        { rule: 'skip_rows', table: 'options', rows: 6, values: 0, sites: 2 },
        { rule: 'stop_mail', table: 'options', rows: 0, values: 2, sites: 2 },
        { rule: 'blank_keys', table: 'sitemeta', rows: 0, values: 9, sites: 1 },
        { rule: 'blank_keys', table: 'options', rows: 0, values: 4, sites: 2 },
      ],
      emptied: [
        {
          ...{ rule: 'skip_data', table: 'postmeta', sites: 2 },
          rows: emptied[1]!.tables[1]!.rows + emptied[2]!.tables[1]!.rows,
          sizeBytes: emptied[1]!.tables[1]!.sizeBytes + emptied[2]!.tables[1]!.sizeBytes,
        },
      ],
    });
  });

  it('is nothing for a plan of an older version', () => {
    const { treatment: none } = new Run(samplePlan(1)).complete(1).end('completed');
    expect(none).toEqual({ safetyRules: null, treated: [], emptied: [] });
  });
});

describe('next commands', () => {
  const [resume, retry, rollback, cleanup] = [
    `wfuwp env-migrate --resume ${MIGRATION_ID}`,
    `wfuwp env-migrate --resume ${MIGRATION_ID} --retry-failed`,
    `wfuwp env-migrate rollback ${MIGRATION_ID}`,
    `wfuwp env-migrate cleanup ${MIGRATION_ID}`,
  ];

  it('of a whole migration undo it or make it final', () => {
    expect(new Run(samplePlan(1)).complete(1).end('completed').nextCommands).toEqual([rollback, cleanup]);
  });

  it('of one with failures try those again first', () => {
    const run = new Run(samplePlan(2)).complete(1).fail(2, 'no');
    expect(run.end('completed_with_failures').nextCommands).toEqual([retry, rollback]);
  });

  it('of an interrupted one resume it; nothing changed, nothing to roll back', () => {
    expect(new Run(samplePlan(2)).end('paused').nextCommands).toEqual([resume]);
  });
});

it('keeps the warnings of the plan; what blocked it never came this far', () => {
  const hazards = [
    { code: 'target_view', blocking: true, message: 'views' },
    { code: 'unmapped_host', blocking: false, message: 'hosts' },
  ];
  const { warnings } = new Run(samplePlan(1, { hazards })).end('completed');
  expect(warnings.map(warning => warning.code)).toEqual(['unmapped_host']);
});
