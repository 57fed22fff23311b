import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderStatus } from '../../../src/cli/render-status.ts';
import { reportStatus, type StatusReport } from '../../../src/cli/status-report.ts';
import type { RunEntry } from '../../../src/migration/read-run.ts';
import { NETWORK, type SiteId } from '../../../src/migration/words.ts';
import { NOW, SAMPLE_PLAN, sampleRun } from '../../support/sample-run.ts';

const OPTIONS = { colors: false, width: 100, now: NOW };
const HOLDER = { pid: 4711, host: 'admin-1', since: '2026-11-21T02:30:00.000Z' };

function statusOf(changes: Partial<RunEntry> = {}, siteId?: SiteId): StatusReport {
  return reportStatus(sampleRun(changes), SAMPLE_PLAN, siteId);
}

const show = (report: StatusReport): string => renderStatus(report, OPTIONS);

describe('the report', () => {
  it('has phases in order, what is in flight, failures by kind, and the next commands', () => {
    expect(statusOf()).toMatchObject({
      status: 'interrupted',
      phases: [
        { phase: 'preflight', status: 'completed' },
        { phase: 'network_tables', status: 'skipped', reason: '--sites-only' },
        { phase: 'sites', status: 'in_progress' },
        { phase: 'post_migration', status: 'pending' },
        { phase: 'cleanup', status: 'pending' },
      ],
      inFlight: [{ siteId: 5, address: 'law5.prod.example.edu', step: 'copy_tables' }],
      failures: [
        { code: 'access', step: 'verify_tables', siteIds: [3] },
        { code: 'timeout', siteIds: [4] },
      ],
      nextCommands: [/--resume \S+$/, /--retry-failed$/, /rollback \S+$/].map(pattern =>
        expect.stringMatching(pattern),
      ),
    });
  });

  it.each<[string, Partial<RunEntry>, RegExp[]]>([
    ['goes on', { status: 'running', holder: HOLDER }, [/ status \S+ --watch$/]],
    ['is done', { status: 'completed' }, [/ rollback /, / cleanup /]],
    ['is damaged', { damage: ['The journal is damaged.'] }, [/ log \S+ --last 20$/]],
    ['is empty', { damage: ['The directory is empty.'], updatedAt: null }, []],
  ])('a run that %s', (_, changes, commands) => {
    expect(statusOf(changes).nextCommands).toEqual(commands.map(pattern => expect.stringMatching(pattern)));
  });

  it('of a site: its steps in order and what was created for it', () => {
    expect(statusOf({}, 2).site).toMatchObject({
      siteId: 2,
      status: 'completed',
      rows: 10,
      steps: [
        { step: 'inspect', status: 'completed', attempts: 1, durationMs: 60_000 },
        { step: 'copy_tables', attempts: 2 },
        { step: 'cut_over', status: 'completed' },
      ],
      resources: [
        { kind: 'previous_table', name: 'wp_stg_previous.wp_2_posts' },
        { kind: 'previous_table', name: 'wp_stg_previous.wp_2_options' },
      ],
    });
  });

  it('a site that waits has no steps; one that is not in the run is a wrong flag', () => {
    expect(statusOf({}, 20).site).toMatchObject({ status: 'pending', steps: [], resources: [] });
    expect(() => statusOf({}, 4_000)).toThrow('has no site 4000');
    expect(() => reportStatus({ ...sampleRun(), state: null }, null, NETWORK)).toThrow('network tables');
  });

  it('without a plan the addresses are missing, without a state nearly all', () => {
    expect(reportStatus(sampleRun(), null).inFlight).toMatchObject([{ siteId: 5, address: null }]);
    const blank = reportStatus({ ...sampleRun({ status: 'unknown' }), state: null }, null);
    expect(blank).toMatchObject({ phases: [], inFlight: [], failures: [] });
    expect(show(blank)).toContain('unknown: its files tell nothing');
  });
});

describe('the pace', () => {
  const running = { status: 'running', holder: HOLDER } as const;
  const paced = (more: object): StatusReport => {
    const pace = { concurrency: 'auto', level: 4, startsPaused: false, ...more } as const;
    return reportStatus(
      sampleRun(running, [{ type: 'migration.tuned', request: 'r', by: 'ann', pace }]),
      null,
    );
  };

  it.each([
    [{}, '4 sites at once (auto)'],
    [{ level: 2, reason: '61 threads running' }, '2 sites at once (auto): 61 threads running'],
    [{ level: 0, reason: '101 threads running' }, 'nothing new is started: 101 threads running'],
    [{ startsPaused: true, pausedBy: 'ann@a' }, 'paused by ann@a: nothing new is started'],
  ])('of a run that goes on: %o', (more, text) => {
    expect(show(paced(more))).toContain(`  Pace      ${text}\n`);
  });

  it('when an operator has paused it, has what to type to go on', () => {
    const commands = [/ continue \S+$/, / --watch$/].map(pattern => expect.stringMatching(pattern));
    expect(paced({ startsPaused: true }).nextCommands).toEqual(commands);
  });

  it('of a run that nobody works on is none', () => {
    expect(statusOf().pace).toBeNull();
    expect(show(statusOf())).not.toContain('  Pace ');
  });
});

describe('what was not rewritten', () => {
  const copied = {
    ...{ table: 'wp_2_posts', rows: 1, bytes: 1, checksum: 'c', sourceChecksum: 's', changedByColumn: {} },
    left: [
      {
        column: 'guid',
        reason: 'too_long',
        values: 12,
        keys: Array.from({ length: 10 }, (_, i) => `ID=${i}`),
      },
      { column: 'meta', reason: 'email', values: 2, keys: ['ID=7', 'row 1 (no primary key)\u001b[2J'] },
      { column: 'raw', reason: 'binary', values: 0, keys: [] },
    ],
  } as const;
  const run = sampleRun({}, [{ type: 'table.copied', siteId: 2, copied }]);

  it('of a site: with all keys that are known', () => {
    const report = reportStatus(run, SAMPLE_PLAN, 2);
    expect(report.site?.left).toEqual(copied.left.map(left => ({ table: 'wp_2_posts', ...left })));
    const text = show(report);
    for (const line of [
      'Not rewritten:',
      '      wp_2_posts.guid: 12 values, ID=0; ID=1; ID=2; ID=3; ID=4; ID=5; ID=6; ID=7; ID=8; ID=9; and 2',
      '      more',
      '      wp_2_posts.meta: 2 values, ID=7; row 1 (no primary key)\\x1b[2J',
      'Columns that are never rewritten, no source host seen in them:',
      '  wp_2_posts.raw (binary)',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('of a run: by column, and which site to look at; not while it goes on', () => {
    const report = reportStatus(run, SAMPLE_PLAN);
    expect(report.rewritten).toMatchObject({ leftTotal: 14, untouched: [{ table: 'posts', column: 'raw' }] });
    expect(show(report)).toContain('posts.guid: 12 values, site 2, e.g. ID=0 of wp_2_posts');
    expect(show(report)).toMatch(/one site at a time:\n {4}wfuwp env-migrate status \S+ --site 2\n/);
    const running = { ...run, entry: { ...run.entry, holder: HOLDER } };
    expect(show(reportStatus(running, SAMPLE_PLAN))).not.toContain('Not rewritten');
  });

  it('of a site without any: nothing', () => {
    expect(show(statusOf({}, 2))).not.toContain('rewritten');
  });
});

describe('as text', () => {
  it('an interrupted run: nothing in it is in progress, and no time runs on', () => {
    const text = show(statusOf());
    for (const line of [
      '✖ env-migrate-2026-11-21T02-30-00-abc123',
      '  Status    interrupted: nobody works on it',
      '  Sites     2 of 20 sites done, 1 failed, 1 timed out, 1 broken off, 15 to do',
      '  Left out  1 site, as planned',
      '  ✔ Preflight: completed, 1 min',
      '  - Network tables: skipped (--sites-only)',
      '  ▸ Sites: broken off, 18 min',
      'Broken off:',
      '  ✖ access in verify_tables: site 3',
      '    → Grant the missing right (wfuwp config check lists what is needed).',
      '  wfuwp env-migrate --resume env-migrate-2026-11-21T02-30-00-abc123',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/site 5 law5\.prod\.example\.edu +copying tables, 1 min/);
  });

  it('a running one', () => {
    const text = show(statusOf({ status: 'running', holder: HOLDER }));
    expect(text).toContain('running (process 4711 on admin-1)');
    expect(text).toContain('▸ Sites: in progress, 2 h 25 min');
    expect(text).toContain('In progress:');
  });

  it('a site that failed, with its error at the site and at its step', () => {
    const text = show(statusOf({}, 3));
    expect(text).toContain('✖ site 3 biology3.prod.example.edu\n  Status    failed, attempt 2\n');
    expect(text).toMatch(
      /Steps:\n {2}✖ verify_tables: failed, 1 min, at \d\d:\d\d:\d\dZ\n {4}verifying wp_3_posts/,
    );
    expect(text).not.toContain('Phases:');
  });

  it('a site that is done, with what was created', () => {
    expect(show(statusOf({}, 2))).toContain(
      'Created on the target:\n  previous table wp_stg_previous.wp_2_posts\n',
    );
  });

  it('damage, in words', () => {
    expect(show(statusOf({ damage: ['The journal is missing.'] }))).toContain(
      '  Damaged   The journal is missing.',
    );
  });

  it('colours change no text, and no line is too long', () => {
    for (const report of [statusOf(), statusOf({}, 3)]) {
      const colored = renderStatus(report, { ...OPTIONS, colors: true });
      expect(stripVTControlCharacters(colored)).toBe(show(report));
      const lines = show(report)
        .split('\n')
        .filter(line => !line.includes(process.cwd()));
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(100);
    }
  });
});
