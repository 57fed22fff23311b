// Deeds at the target that belong to no site, and so to nobody who would try them again.

import type { RunPolicy } from '../migration/policy.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from '../mysql/client.ts';
import { mayTryAgain } from '../site/retry.ts';

/** Carries the deed out on a connection of its own, as hours may lie between two of them. Tried again like a site's
 *  step: a target that restarts is waited for. So the deed must bear to be broken off anywhere and repeated. */
export type OnTarget = <T>(deed: (target: DatabaseConnection) => Promise<T>) => Promise<T>;

export function createOnTarget(
  { address, prove }: { address: ServerAddress; prove: (target: DatabaseConnection) => Promise<void> },
  policy: RunPolicy,
  signal: AbortSignal,
): OnTarget {
  return async deed => {
    let failingSince: number | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await using connection = await connectTarget(address);
        await prove(connection);
        return await deed(connection);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = classifyDatabaseError(thrown, `working on ${address.label}`);
        failingSince ??= performance.now();
        const next = mayTryAgain(error, attempt, performance.now() - failingSince, policy);
        if (!next.again) throw next.error;
        await next.wait(signal);
      }
    }
  };
}
