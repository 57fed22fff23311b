import { beforeEach, describe, expect, it } from 'vitest';
import type { MigrationEvent } from '../../../src/migration/events.ts';
import { NETWORK, type SiteId } from '../../../src/migration/words.ts';
import { Progress } from '../../../src/sinks/progress.ts';
import { SampleJournal, samplePlan, sampleSite } from '../../support/sample-plan.ts';

const MB = 1_000_000;
const plan = samplePlan(0, { sites: [1, 2, 3, 4].map(siteId => sampleSite(siteId, 10 * MB)), network: null });

let now = 0;
let journal: SampleJournal;
let progress: Progress;

beforeEach(() => {
  now = 0;
  journal = new SampleJournal();
  progress = new Progress(plan, () => now);
});

function tell(event: MigrationEvent): void {
  progress.onEvent(journal.fold(event), journal.state);
}

function begin(): void {
  progress.onEvent(journal.start(plan), journal.state);
  tell({ type: 'phase.started', phase: 'sites' });
}

function takeOff(siteId: SiteId): void {
  tell({ type: 'site.started', siteId, attempt: 1 });
  tell({ type: 'step.started', siteId, step: 'copy_tables', attempt: 1 });
}

function copy(siteId: SiteId, bytes: number): void {
  progress.onTick({ siteId, step: 'copy_tables', table: `wp_${siteId}_posts`, rows: 1, bytes });
}

const land = (siteId: SiteId): void => tell({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
const error = { code: 'connection', message: 'lost', scope: 'attempt', hint: '' } as const;

describe('what is done', () => {
  it('counts sites and planned bytes', () => {
    begin();
    takeOff(1);
    takeOff(2);
    takeOff(3);
    copy(3, 4 * MB);
    land(1);
    tell({ type: 'site.timed_out', siteId: 2, error });
    expect(progress.read()).toMatchObject({
      phase: 'sites',
      total: 4,
      done: 1,
      failed: 1,
      skipped: 0,
      bytesDone: 24 * MB,
      bytesTotal: 40 * MB,
      percent: 57,
      draining: false,
    });
  });

  it('is 100 percent only when nothing is left', () => {
    begin();
    for (const siteId of [1, 2, 3, 4]) takeOff(siteId);
    for (const siteId of [1, 2, 3, 4]) copy(siteId, 99 * MB);
    for (const siteId of [1, 2, 3]) land(siteId);
    expect(progress.read().percent).toBe(92);
    land(4);
    expect(progress.read()).toMatchObject({ percent: 100, bytesDone: 40 * MB, etaMs: null, inFlight: [] });
  });

  it('starts with what an earlier run settled, and takes back what is tried again', () => {
    journal.start(plan);
    journal.fold({ type: 'site.completed', siteId: 1, rows: 1, bytes: 1 });
    journal.fold({ type: 'site.failed', siteId: 2, error });
    begin();
    expect(progress.read()).toMatchObject({ done: 1, failed: 1, bytesDone: 20 * MB });
    takeOff(2);
    expect(progress.read()).toMatchObject({ done: 1, failed: 0, bytesDone: 10 * MB });
  });

  it('of a resume starts with what the run settled before', () => {
    journal.start(plan);
    journal.fold({ type: 'site.completed', siteId: 1, rows: 1, bytes: 1 });
    journal.fold({ type: 'site.completed', siteId: 2, rows: 1, bytes: 1 });
    journal.fold({ type: 'site.failed', siteId: 3, error });
    tell({ type: 'migration.resumed', siteIds: [3, 4], mode: 'continue', forced: false, pid: 1, host: 'a' });
    tell({ type: 'phase.started', phase: 'sites' });
    expect(progress.read()).toMatchObject({ total: 4, done: 2, failed: 0, bytesDone: 20 * MB });
    for (const siteId of [3, 4]) {
      takeOff(siteId);
      land(siteId);
    }
    expect(progress.read()).toMatchObject({ done: 4, percent: 100, etaMs: null });
  });

  it('leaves out sites that are not in the plan, and the network tables', () => {
    progress = new Progress(samplePlan(2), () => now);
    tell({ type: 'site.skipped', siteId: 77, reason: 'archived' });
    tell({ type: 'site.started', siteId: NETWORK, attempt: 1 });
    expect(progress.read().inFlight[0]?.name).toBe('network tables');
    land(NETWORK);
    expect(progress.read()).toMatchObject({ total: 2, done: 0, skipped: 0 });
  });

  it('puts an aborted site back', () => {
    begin();
    takeOff(1);
    copy(1, MB);
    tell({ type: 'migration.draining', reason: 'Ctrl-C' });
    tell({ type: 'site.aborted', siteId: 1, reason: 'Ctrl-C' });
    expect(progress.read()).toMatchObject({ draining: true, done: 0, failed: 0, bytesDone: 0, inFlight: [] });
  });
});

describe('what is in flight', () => {
  it('says where each site is, how much of it has landed and since when', () => {
    begin();
    now = 1_000;
    takeOff(1);
    now = 4_000;
    copy(1, 3 * MB);
    now = 9_000;
    expect(progress.read().inFlight).toEqual([
      {
        siteId: 1,
        name: 'site 1 prod.example.edu',
        step: 'copy_tables',
        table: 'wp_1_posts',
        bytes: 3 * MB,
        sizeBytes: 10 * MB,
        elapsedMs: 8_000,
        quietMs: 5_000,
        retrying: null,
      },
    ]);
  });

  it('starts the bytes over with the next attempt', () => {
    begin();
    takeOff(1);
    copy(1, 3 * MB);
    tell({ type: 'step.retried', siteId: 1, step: 'copy_tables', attempt: 1, waitMs: 2_000, error });
    expect(progress.read().inFlight[0]).toMatchObject({ retrying: 'connection', bytes: 3 * MB });
    tell({ type: 'step.started', siteId: 1, step: 'copy_tables', attempt: 2 });
    expect(progress.read().inFlight[0]).toMatchObject({ retrying: null, bytes: 0, table: '' });
    expect(progress.read().bytesDone).toBe(0);
  });

  it('counts what is proved as no copy, and as a sign of life', () => {
    begin();
    takeOff(1);
    tell({ type: 'step.started', siteId: 1, step: 'verify_tables', attempt: 1 });
    now = 5_000;
    progress.onTick({ siteId: 1, step: 'verify_tables', table: 'wp_options', rows: 1, bytes: MB });
    expect(progress.read()).toMatchObject({ bytesPerSecond: 0, bytesDone: 0 });
    expect(progress.read().inFlight[0]).toMatchObject({ table: 'wp_options', quietMs: 0 });
  });

  it('ignores a tick that comes after its site has ended', () => {
    begin();
    takeOff(1);
    land(1);
    copy(1, MB);
    expect(progress.read().bytesDone).toBe(10 * MB);
  });
});

describe('how fast', () => {
  it('tells bytes a second, sites a minute and the time left', () => {
    begin();
    takeOff(1);
    for (now = 1_000; now <= 5_000; now += 1_000) {
      copy(1, 2 * MB);
      progress.read();
    }
    now = 5_000;
    land(1);
    const { bytesPerSecond, sitesPerMinute, etaMs } = progress.read();
    expect(bytesPerSecond).toBe(2 * MB);
    expect(sitesPerMinute).toBe(12);
    // One site of four in five seconds.
    expect(etaMs).toBe(15_000);
  });

  it('goes by sites when the sizes are not known', () => {
    const sites = [1, 2, 3, 4].map(siteId => sampleSite(siteId, 0));
    progress = new Progress(samplePlan(0, { sites, network: null }), () => now);
    begin();
    takeOff(1);
    now = 10_000;
    land(1);
    expect(progress.read()).toMatchObject({ percent: 25, etaMs: 30_000 });
  });

  it('makes no guess in the first seconds, nor when nothing moves', () => {
    begin();
    takeOff(1);
    now = 2_000;
    copy(1, MB);
    expect(progress.read().etaMs).toBeNull();
    now = 4_000;
    expect(progress.read().etaMs).toBeGreaterThan(0);
    now += 11 * 60_000;
    progress.read();
    now += 11 * 60_000;
    expect(progress.read()).toMatchObject({ etaMs: null, bytesPerSecond: 0 });
  });

  it('does not count what an earlier run did, nor the time before the phase', () => {
    journal.start(plan);
    for (const siteId of [1, 2, 3]) journal.fold({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
    progress.onEvent(journal.start(plan), journal.state);
    now = 60_000;
    tell({ type: 'phase.started', phase: 'sites' });
    takeOff(4);
    now = 65_000;
    copy(4, 7 * MB);
    expect(progress.read().etaMs).toBe(5_000);
  });
});

it('costs the same for 20,000 sites as for four', () => {
  const big = samplePlan(20_000);
  progress = new Progress(big, () => now);
  progress.onEvent(journal.start(big), journal.state);
  for (const siteId of [1, 2, 3, 4]) takeOff(siteId);
  const start = performance.now();
  for (let count = 0; count < 200_000; count += 1) copy((count % 4) + 1, 10);
  for (let count = 0; count < 2_000; count += 1) progress.read();
  // About 30 ms; a scan of all sites in a tick or a reading would take minutes or seconds.
  expect(performance.now() - start).toBeLessThan(1_000);
});
