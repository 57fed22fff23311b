import { describe, expect, it } from 'vitest';
import { parseConcurrency } from '../../../src/cli/migrate-flags.ts';
import { highestLevel, mostAtOnce, NO_LIMITS, startPace } from '../../../src/migration/concurrency.ts';
import { levelOf, type MigrationEvent } from '../../../src/migration/events.ts';
import { SampleJournal, samplePlan } from '../../support/sample-plan.ts';

const most = (concurrency: number) => ({ ...NO_LIMITS, concurrency });

describe('--concurrency', () => {
  it('is a number or auto', () => {
    expect(['1', '64', 'auto'].map(parseConcurrency)).toEqual([1, 64, 'auto']);
  });

  it.each(['0', '65', '2.5', '-1', '', 'many', '1e1', 'AUTO'])('is not "%s"', text => {
    expect(() => parseConcurrency(text)).toThrow('a number from 1 to 64, or auto');
  });
});

describe('the beginning of a run', () => {
  it.each([
    ['auto', NO_LIMITS, 4, 16],
    ['auto', most(2), 2, 2],
    ['auto', most(40), 4, 16],
    [2, NO_LIMITS, 2, 16],
    [40, NO_LIMITS, 40, 40],
    [40, most(8), 8, 8],
  ] as const)('with %s and %o: %i at once, never more than %i', (asked, limits, level, highest) => {
    expect(startPace(asked, limits)).toEqual({ concurrency: asked, level, startsPaused: false });
    expect(mostAtOnce(asked, limits)).toBe(highest);
  });

  it('leaves auto its own highest level in a run that was opened for more', () => {
    expect(highestLevel('auto', 40)).toBe(16);
    expect(highestLevel(64, 40)).toBe(40);
  });
});

describe('the pace in the state', () => {
  const pace = { concurrency: 'auto', level: 4, startsPaused: false } as const;
  const start = (): SampleJournal => {
    const journal = new SampleJournal();
    journal.start(samplePlan(2));
    const resumed = { siteIds: [1], mode: 'continue', forced: false, pid: 1, host: 'h' } as const;
    journal.fold({ type: 'migration.resumed', ...resumed, pace });
    return journal;
  };

  it('follows what the run is told and finds out, and goes with its end', () => {
    const journal = start();
    expect(journal.state.pace).toEqual(pace);
    const events: [MigrationEvent, object | undefined][] = [
      [
        { type: 'concurrency.changed', from: 4, to: 2, cause: 'source', reason: 'busy' },
        { ...pace, level: 2, reason: 'busy' },
      ],
      [
        {
          type: 'migration.tuned',
          request: 'r',
          by: 'a',
          pace: { ...pace, startsPaused: true, pausedBy: 'a' },
        },
        { ...pace, startsPaused: true, pausedBy: 'a' },
      ],
      [{ type: 'migration.ended', status: 'completed' }, undefined],
    ];
    for (const [event, expected] of events) {
      journal.fold(event);
      expect(journal.state.pace).toEqual(expected);
    }
  });

  it('is loud where somebody may have to know', () => {
    const change = (cause: 'throughput' | 'source', to: number): MigrationEvent => ({
      type: 'concurrency.changed',
      from: 4,
      to,
      cause,
      reason: '',
    });
    expect([change('throughput', 2), change('source', 2), change('source', 6)].map(levelOf)).toEqual([
      'debug',
      'warn',
      'info',
    ]);
  });
});
