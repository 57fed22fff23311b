import { expect, it } from 'vitest';
import { seatSites } from '../../../src/sinks/seat-sites.ts';

it.each([
  ['seats in order', [], [4, 5], 3, [4, 5, null]],
  ['keeps places, and gives a free one to a newcomer', [4, 5, 6], [4, 6, 7], 3, [4, 7, 6]],
  ['leaves a place free rather than move others up', [4, 5, 6], [6], 3, [null, null, 6]],
  ['seats no more than there are places', [], [1, 2, 3], 2, [1, 2]],
  ['seats again whom a smaller screen has left standing', [1, null, 3], [1, 3], 2, [1, 3]],
])('%s', (_name, seats, sites, places, expected) => {
  expect(seatSites(seats, sites, places)).toEqual(expected);
});
