// Deeds at the target that belong to no site, and so to nobody who would try them again.

import type { RunPolicy } from '../migration/policy.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from '../mysql/client.ts';
import { tryPatiently } from '../site/retry.ts';

/** Carries the deed out on a connection of its own, as hours may lie between two of them. Tried again like a site's
 *  step: a target that restarts is waited for. So the deed must bear to be broken off anywhere and repeated. */
export type OnTarget = <T>(deed: (target: DatabaseConnection) => Promise<T>) => Promise<T>;

export function createOnTarget(
  { address, prove }: { address: ServerAddress; prove: (target: DatabaseConnection) => Promise<void> },
  policy: RunPolicy,
  signal: AbortSignal,
): OnTarget {
  const doing = `working on ${address.label}`;
  return deed =>
    tryPatiently(
      async () => {
        await using connection = await connectTarget(address);
        await prove(connection);
        return await deed(connection);
      },
      { policy, doing, signal },
    );
}
