import type { Environment } from '../config/schema.ts';
import type { ConcurrencyLimits } from '../migration/concurrency.ts';

/** What the configuration of both ends comes to. A target's own load is not looked at: nobody reads from it for a
 *  living while it is being replaced. `source` null: the work has nothing to do with it. */
export function readLimits(source: Environment | null, target: Environment): ConcurrencyLimits {
  const most = [source, target].flatMap(environment => environment?.limits.concurrency ?? []);
  return {
    concurrency: most.length === 0 ? null : Math.min(...most),
    threadsRunning: source?.limits.threadsRunning ?? null,
    replicaLagSeconds: source?.limits.replicaLagSeconds ?? null,
  };
}
