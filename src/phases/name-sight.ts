import type { PlanRequest } from './build-plan.ts';

/** The advice to a plan that can't see something. Whether a right should be given is for a person to say: at a production
 *  it may well not. */
export const nameSight = (
  rights: string,
  { source, target }: Pick<PlanRequest, 'source' | 'target'>,
): string =>
  `With ${rights} the plan could name them; the statements: wfuwp config grants ${source.environment} ${target.environment}`;
