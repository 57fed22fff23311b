import { describe, expect, it } from 'vitest';
import { formatAddress, formatBytes, formatClock, formatCount, formatDuration, formatIds } from '../../../src/lib/format.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.5, '1.0 kB'],
    [1_500, '1.5 kB'],
    [12_400_000, '12.4 MB'],
    [99_949_999, '99.9 MB'],
    [99_950_000, '100 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [3_200_000_000_000, '3.2 TB'],
    [5e18, '5000 PB'],
    [-5, '0 B'],
  ])('%d → %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [-1, '0.0 s'],
    [400, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [3 * MINUTE + 12 * SECOND, '3 min 12 s'],
    [10 * MINUTE, '10 min'],
    [59.4 * MINUTE, '59 min'],
    [59.5 * MINUTE, '1 h'],
    [2 * HOUR + 14 * MINUTE, '2 h 14 min'],
    [27 * HOUR, '1 d 3 h'],
    [48 * HOUR, '2 d'],
  ])('%d ms → %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatClock', () => {
  it.each([
    [0, '0:00'],
    [7_999, '0:07'],
    [12 * MINUTE + 5 * SECOND, '12:05'],
    [HOUR + 2 * MINUTE + 3 * SECOND, '1:02:03'],
  ])('%d ms → %s', (ms, text) => {
    expect(formatClock(ms)).toBe(text);
  });
});

describe('formatIds', () => {
  it.each([
    [[], ''],
    [[4], '4'],
    [[9, 2, 3, 4, 2], '2-4, 9'],
    [[1, 3, 5, 7, 9, 11], '1, 3, 5 and 3 more'],
    [[1, 3, 5, 10, 11, 12, 13], '1, 3, 5 and 4 more'],
  ])('%j → %s', (ids, text) => {
    expect(formatIds(ids, 3)).toBe(text);
  });
});

it.each([
  [0, '0'],
  [999, '999'],
  [999.5, '1,000'],
  [1_000, '1,000'],
  [12_345, '12,345'],
  [-123_456, '-123,456'],
  [1_234_567, '1,234,567'],
])('formatCount groups thousands the same way on every machine: %d → %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

it.each([
  [{ domain: 'art.example.edu', path: '/' }, 'art.example.edu'],
  [{ domain: 'example.edu', path: '/art/' }, 'example.edu/art/'],
])('formatAddress: %j → %s', (site, text) => {
  expect(formatAddress(site)).toBe(text);
});
