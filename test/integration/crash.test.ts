// Killed at every named point, called again, and equal to the oracle. The long form, with random moments and hundreds of
// kills, is `npm run test:crash`.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { CrashBed } from '../crash/crash-bed.ts';
import { killsAtPoints, nameKill } from '../crash/kills.ts';
import { useServers } from '../support/servers.ts';

/** Several kills in a row on one run; few enough that each run also comes to its end. */
const A_RUN = 5;

let bed: CrashBed;
beforeAll(async () => {
  bed = await CrashBed.create(useServers());
});
afterAll(() => bed[Symbol.asyncDispose]());

it.each(['migrate', 'rollback', 'cleanup'] as const)(
  '%s, killed at every named point: each site is wholly old or wholly new, and it ends as if nothing had been',
  async deed => {
    // The first few points are passed by every run, so a run that was killed there comes to the later ones.
    const kills = killsAtPoints(deed, [1]);
    const died = new Set<string>();
    while (kills.length > 0) {
      const round = kills.splice(0, A_RUN);
      const outcome = await bed.runRound(deed, round);
      expect(outcome.problems).toEqual([]);
      for (const { kill, problems } of outcome.kills) {
        expect(problems, nameKill(kill)).toEqual([]);
        died.add(nameKill(kill));
      }
      // A point that a run has not come to any more is the first of the next.
      if (outcome.kills.length > 0) kills.unshift(...outcome.notReached);
    }
    expect([...died].sort()).toEqual(killsAtPoints(deed, [1]).map(nameKill).sort());
  },
  300_000,
);
