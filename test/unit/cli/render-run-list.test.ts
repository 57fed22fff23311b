import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderRunList } from '../../../src/cli/render-run-list.ts';
import { selectIncomplete } from '../../../src/cli/run-list.ts';
import type { RunEntry, RunStatus } from '../../../src/migration/read-run.ts';
import { NOW, sampleRun } from '../../support/sample-run.ts';

const OPTIONS = { colors: false, width: 100, now: NOW };
const HOLDER = { pid: 4711, host: 'admin-1', since: '2026-11-21T02:30:00.000Z' };
const DAMAGE = ["migration-plan.json is missing: the run can't be resumed."];

function entryOf(status: RunStatus, end: string, changes: Partial<RunEntry> = {}): RunEntry {
  const id = `env-migrate-2026-11-21T02-30-00-${end}` as RunEntry['id'];
  return sampleRun({ id, status, ...changes }).entry;
}

describe('what is listed', () => {
  it('all that is not wholly done: what was broken off first, what goes on by itself last', () => {
    const entries = [
      entryOf('running', 'a', { holder: HOLDER }),
      entryOf('completed', 'b'),
      entryOf('paused', 'c'),
      entryOf('failed', 'd', { startedAt: '2026-11-20T02:30:00.000Z' }),
      entryOf('rolled_back', 'e'),
      entryOf('unknown', 'f', { damage: ['The directory is empty.'] }),
      entryOf('completed_with_failures', 'g', { startedAt: '2026-11-20T02:30:00.000Z' }),
      entryOf('interrupted', 'h', { startedAt: '2026-11-19T02:30:00.000Z' }),
      entryOf('completed', 'i', { damage: DAMAGE, startedAt: null }),
    ];
    const order = selectIncomplete(entries).map(run => run.id.at(-1));
    expect(order.join('')).toBe('dhcgfia');
  });

  it.each<[RunStatus, Partial<RunEntry>, string[]]>([
    ['interrupted', {}, ['--resume ID', '--resume ID --retry-failed']],
    ['failed', { sites: { ...sampleRun().entry.sites, failed: 0, timeout: 0 } }, ['--resume ID']],
    [
      'paused',
      { sites: { ...sampleRun().entry.sites, failed: 0, timeout: 0 }, network: 'failed' },
      ['--resume ID', '--resume ID --retry-failed'],
    ],
    ['completed_with_failures', {}, ['--resume ID --retry-failed']],
    ['running', { holder: HOLDER }, []],
    ['failed', { holder: HOLDER }, []],
    ['failed', { damage: DAMAGE }, []],
    [
      'interrupted',
      { path: '/srv/logs/x' },
      ['--resume ID --log-dir /srv/logs', '--resume ID --retry-failed --log-dir /srv/logs'],
    ],
    [
      'completed_with_failures',
      { path: "/srv/it's/x" },
      [`--resume ID --retry-failed --log-dir '/srv/it'\\''s'`],
    ],
  ])('%s %j is gone on with by %j', (status, changes, commands) => {
    const entry = entryOf(status, 'abc123', changes);
    const [run] = selectIncomplete([entry]);
    expect(run?.nextCommands).toEqual(
      commands.map(command => `wfuwp env-migrate ${command.replace('ID', entry.id)}`),
    );
  });
});

const render = (entries: readonly RunEntry[], options = OPTIONS): string =>
  renderRunList(selectIncomplete(entries), options);

describe('a run is superseded', () => {
  const LATER = '2026-11-22T02:30:00.000Z';
  const old = entryOf('interrupted', 'a1');
  const sites = (changes: Partial<RunEntry['sites']>) => ({ ...old.sites, ...changes });

  it.each<[string, RunStatus, Partial<RunEntry>, boolean]>([
    ['by a later one that has completed', 'completed', {}, true],
    ['not by an earlier one', 'completed', { startedAt: '2026-11-20T02:30:00.000Z' }, false],
    ['not by one that has not completed', 'completed_with_failures', {}, false],
    ['not by one of another target', 'completed', { target: 'dev' }, false],
    ['not by one of another source', 'completed', { source: 'stg2' }, false],
    ['not by one of fewer sites', 'completed', { sites: sites({ total: 19 }) }, false],
    [
      'not by one that has left sites out',
      'completed',
      { sites: sites({ skipped: old.sites.skipped + 3 }) },
      false,
    ],
  ])('%s', (_, status, changes, isSuperseded) => {
    const later = entryOf(status, 'b2', { startedAt: LATER, ...changes });
    const listed = selectIncomplete([old, later]).find(run => run.id === old.id);
    expect(listed?.supersededBy).toBe(isSuperseded ? later.id : null);
    expect(listed?.nextCommands[0]?.includes('--close')).toBe(isSuperseded);
    expect(render([old, later]).includes(`Superseded: ${later.id} has completed since.`)).toBe(isSuperseded);
  });
});

describe('as text', () => {
  it('a run with all that is known of it', () => {
    const error = {
      code: 'connection',
      message: 'The target\u001b[31m went away.',
      scope: 'migration',
      hint: '',
    } as const;
    const text = render([entryOf('failed', 'abc123', { error })], OPTIONS);
    expect(text.split('\n')).toEqual([
      '1 run not finished:',
      '',
      '✖ env-migrate-2026-11-21T02-30-00-abc123',
      '  prod → stg, stopped before its end.',
      '  2 of 20 sites done, 1 failed, 1 timed out, 1 broken off, 15 to do, in phase sites.',
      '  Started 2 h 30 min ago, last event 2 h 7 min ago.',
      '  The target\\x1b[31m went away. [connection]',
      '  wfuwp env-migrate --resume env-migrate-2026-11-21T02-30-00-abc123',
      '  wfuwp env-migrate --resume env-migrate-2026-11-21T02-30-00-abc123 --retry-failed',
    ]);
  });

  it('a running one with its process, a damaged one with what is wrong', () => {
    const blank = { source: null, target: null, startedAt: null, updatedAt: null, phase: null } as const;
    const sites = { ...sampleRun().entry.sites, total: 0 };
    const text = render(
      [
        entryOf('running', 'aaaaaa', { holder: HOLDER }),
        entryOf('unknown', 'bbbbbb', { ...blank, sites, damage: ['The directory is empty.'] }),
      ],
      OPTIONS,
    );
    expect(text).toContain('prod → stg, running (process 4711 on admin-1).');
    expect(text).toContain('1 in progress');
    expect(text).toContain('? → ?, unknown: its files tell nothing.\n  Damaged: The directory is empty.\n');
  });

  it('nothing', () => {
    expect(render([entryOf('completed', 'a')], OPTIONS)).toBe('Every run is finished.');
  });

  it('colours change no text', () => {
    const entries = [entryOf('failed', 'a'), entryOf('unknown', 'b', { damage: DAMAGE })];
    const colored = render(entries, { ...OPTIONS, colors: true });
    expect(stripVTControlCharacters(colored)).toBe(render(entries, OPTIONS));
    expect(colored).not.toBe(stripVTControlCharacters(colored));
  });
});
