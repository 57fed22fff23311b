// A1 Production is hard to hit by mistake.

import { describe, expect, it } from 'vitest';
import { type Deed, describeDeed } from '../../../src/cli/approve.ts';
import { refuseAgainstDirection } from '../../../src/cli/refuse-against-direction.ts';
import type { RunEntry } from '../../../src/migration/read-run.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const run = (source: string, target: string, id = `${source}-${target}`): RunEntry =>
  ({ id, source, target }) as RunEntry;
const start =
  (runs: RunEntry[], source: string, target: string, confirmed: string | null = null) =>
  () =>
    refuseAgainstDirection(runs, { source, target, confirmed });

describe('against the direction of earlier runs', () => {
  const before = [run('prod', 'stg'), run('prod', 'dev'), run('prod', 'stg', 'last')];

  it('stops, says which runs, and which way was meant', () => {
    expect(start(before, 'stg', 'prod')).toThrow(
      expect.objectContaining({
        code: 'preflight_refused',
        message:
          '"prod" would be replaced, and so far it was only copied from: 3 runs of this log directory, the last one prod → stg.',
        hint: 'Did you mean: wfuwp env-migrate prod stg? If "prod" shall be replaced: --confirm prod',
      }),
    );
  });

  it('stops as well when it comes from an environment that is new', () => {
    expect(start(before, 'qa', 'prod')).toThrow('only copied from');
  });

  it.each([
    ['the name is confirmed', before, 'stg', 'prod', 'prod'],
    ['it was replaced before', [...before, run('backup', 'prod')], 'stg', 'prod', null],
    ['it is the usual way', before, 'prod', 'stg', null],
    ['nothing is known', [], 'stg', 'prod', null],
  ] as const)('goes on where %s', (_, runs, source, target, confirmed) => {
    expect(start([...runs], source, target, confirmed)).not.toThrow();
  });

  it('does not take another name for a confirmation', () => {
    expect(start(before, 'stg', 'prod', 'stg')).toThrow('only copied from');
  });
});

describe('the question', () => {
  const plan = samplePlan(2);
  const deed: Deed = {
    plan,
    siteIds: [0, 1, 2],
    servers: { target: { host: 'db2', port: 3307 } },
    resumed: null,
  };

  it('names what is replaced, where, and by what', () => {
    expect(describeDeed(deed)).toBe(
      `Replace 2 sites and the network tables of stg (${plan.target.database} on db2:3307) with those of prod?`,
    );
    expect(
      describeDeed({ ...deed, siteIds: [2], resumed: {}, servers: { target: { socketPath: '/run/s' } } }),
    ).toBe(`Go on and replace 1 site of stg (${plan.target.database} on /run/s) with those of prod?`);
  });
});
