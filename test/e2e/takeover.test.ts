// A process that was stopped for longer than its locks last, and wakes up when another has taken its run over. The long
// form is `npm run test:crash`, with `--takeovers`.

import { beforeAll, expect, it } from 'vitest';
import { NETWORK } from '../crash/run-bed.ts';
import { takeOver } from '../crash/takeovers.ts';
import { loadOracle } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

let oracle: ReadonlyMap<string, string>;
beforeAll(async () => {
  oracle = await loadOracle(useServers().target, NETWORK);
});

it.each([
  ['before journal write#20', 'afterwards'],
  ['before journal write#24', 'meanwhile'],
  ['before rename#2', 'afterwards'],
  ['before step.completed#5', 'meanwhile'],
] as const)(
  'C01 stopped at %s, and awake %s: it writes nothing any more, and the other ends as if nothing had been',
  async (at, wakes) => {
    expect(await takeOver(useServers(), { at, wakes, oracle })).toEqual([]);
  },
);
