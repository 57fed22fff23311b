import { describe, expect, it } from 'vitest';
import { createPaint } from '../../../src/lib/paint.ts';
import { showLine } from '../../../src/lib/show-lines.ts';
import type { ProgressSnapshot, SiteInFlight } from '../../../src/sinks/progress.ts';
import { renderHeadline, renderRow } from '../../../src/sinks/progress-text.ts';

const site: SiteInFlight = {
  siteId: 231,
  name: 'site 231 biology.prod.example.edu',
  step: 'copy_tables',
  table: 'wp_231_postmeta',
  bytes: 12_400_000,
  sizeBytes: 80_000_000,
  elapsedMs: 72_000,
  quietMs: 0,
  retrying: null,
};

const snapshot: ProgressSnapshot = {
  phase: 'sites',
  draining: false,
  held: null,
  total: 450,
  done: 212,
  failed: 2,
  skipped: 0,
  percent: 47,
  bytesDone: 0,
  bytesTotal: 1,
  bytesPerSecond: 18_200_000,
  sitesPerMinute: 31.4,
  etaMs: 7 * 60_000,
  inFlight: [site],
};

describe('renderHeadline', () => {
  it.each<[string, Partial<ProgressSnapshot>, string]>([
    ['says it all', {}, '212 of 450 sites · 47 % · 2 failed · 7 min left · 31 sites/min · 18.2 MB/s'],
    [
      'keeps quiet about what is not',
      { failed: 0, etaMs: null, sitesPerMinute: null },
      '212 of 450 sites · 47 % · 18.2 MB/s',
    ],
    [
      'counts slow sites with a decimal',
      { failed: 0, sitesPerMinute: 0.44 },
      '212 of 450 sites · 47 % · 7 min left · 0.4 sites/min · 18.2 MB/s',
    ],
    [
      'does not count down the last seconds',
      { failed: 0, etaMs: 3_000 },
      '212 of 450 sites · 47 % · seconds left · 31 sites/min · 18.2 MB/s',
    ],
    [
      'names another phase',
      { phase: 'network_tables', failed: 0, done: 0, etaMs: null, sitesPerMinute: null },
      'Network tables · 18.2 MB/s',
    ],
    ['says that it is paused', { held: 'operator' }, 'Paused, 1 in flight · 212 of 450 sites · 2 failed'],
    [
      'says that it waits for the source',
      { held: 'source', failed: 0 },
      'Waiting for the source, 1 in flight · 212 of 450 sites',
    ],
    [
      'says that it stops, and for how many it waits',
      { draining: true },
      'Stopping, 1 in flight · 212 of 450 sites · 2 failed',
    ],
    ['begins', { phase: null, failed: 0, inFlight: [] }, 'Starting'],
  ])('%s', (_name, changes, text) => {
    expect(renderHeadline({ ...snapshot, ...changes })).toBe(text);
  });

  it.each([
    [76, '212 of 450 sites · 47 % · 2 failed · 7 min left · 31 sites/min · 18.2 MB/s'],
    [60, '212 of 450 sites · 47 % · 2 failed · 7 min left'],
    [36, '212 of 450 sites · 47 % · 2 failed'],
    [10, '212 of 45…'],
  ])('leaves out what matters least at %d columns', (width, text) => {
    expect(renderHeadline(snapshot, width)).toBe(text);
  });

  it('paints the failures, and measures without the paint', () => {
    expect(showLine(renderHeadline(snapshot, 36, createPaint(true)))).toBe(
      '212 of 450 sites · 47 % · \u001b[31m2 failed\u001b[39m',
    );
  });
});

describe('renderRow', () => {
  it.each([
    [74, '231 biology.prod.example.… copying wp_231_postmeta    15 %  12.4 MB   1:12'],
    [54, '231 biology.prod.examp… copying wp_231_postmeta   1:12'],
    [34, '231 biology.pro… copying w…   1:12'],
  ])('fits into %d columns', (width, text) => {
    expect(renderRow(site, width)).toEqual({ text, troubled: false });
    expect(text).toHaveLength(width);
  });

  it.each<[string, Partial<SiteInFlight>, string, boolean]>([
    ['shows no share of what has grown beyond the plan', { bytes: 90_000_000 }, '90.0 MB', false],
    ['shows no share of what is copied', { step: 'verify_tables' }, 'verifying wp_231_postmeta', false],
    ['says what a step without tables does', { step: 'cut_over', table: '' }, 'cutting over', false],
    [
      'says that a step waits for its next attempt',
      { retrying: 'connection' },
      'waiting to try again (connection)',
      true,
    ],
    ['points at a site that says nothing', { quietMs: 95_000 }, 'copying tables: quiet for 1 min 35 s', true],
    ['begins', { step: null }, 'starting', false],
  ])('%s', (_name, changes, words, troubled) => {
    const row = renderRow({ ...site, ...changes }, 114);
    expect(row.text).toContain(words);
    expect(row.troubled).toBe(troubled);
    if (changes.step === 'verify_tables' || changes.bytes) expect(row.text).not.toContain('%');
  });

  it('names the network tables', () => {
    expect(renderRow({ ...site, siteId: 0, name: 'network tables' }, 74).text).toMatch(/^network tables /);
  });
});
