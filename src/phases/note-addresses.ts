import type { Plan } from '../migration/plan.ts';
import { writeGivenAddresses } from '../mysql/given-addresses.ts';
import type { PhaseContext } from './phase.ts';

/** Once the network tables are live: which sites the run has given which address. What can't be written down costs a
 *  question before the next run, and no more. */
export async function noteAddresses({ plan, onTarget }: PhaseContext): Promise<void> {
  const { staging, database, tablePrefix } = plan.target;
  const key = { staging, database, tablePrefix, source: nameSource(plan) };
  await onTarget(target => writeGivenAddresses(target, key, plan.network?.siteIds ?? [])).catch(() => {});
}

export function nameSource({ source }: { source: Pick<Plan['source'], 'environment' | 'database'> }): string {
  return `${source.environment} ${source.database}`;
}
