// Two processes that want the same target at the same time.

import { describe, expect, it } from 'vitest';
import { createRace, race } from '../crash/race.ts';
import { useServers } from '../support/servers.ts';

const ROUNDS = 5;

describe('two runs started together on one target', () => {
  it.each([
    ['from one folder', {}],
    ['from two folders, with their own staging databases', { apart: true }],
  ])('%s: exactly one runs, the other is told who has it', async (_name, options) => {
    await using pair = await createRace(useServers(), options);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { winner, loser, problems } = await race(pair);
      expect(problems, `${winner}\n${loser}`).toEqual([]);
    }
  });
});
