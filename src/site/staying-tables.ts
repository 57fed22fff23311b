import type { Plan } from '../migration/plan.ts';

const known = new WeakMap<Plan, ReadonlySet<string>>();

/** Names at the target that no cutover touches: what the source has under these isn't carried. Every site asks, and a plan
 *  may leave as many tables as it carries. */
export function listStaying(plan: Plan): ReadonlySet<string> {
  let names = known.get(plan);
  if (!names) {
    names = new Set(plan.tablesNotCarried.flatMap(({ stays }) => (stays === undefined ? [] : [stays])));
    known.set(plan, names);
  }
  return names;
}
