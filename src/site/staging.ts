import type { Resource } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import type { SiteTask } from './site-task.ts';

/** The tables in which a site is built, beside the live ones. */
export function stagingResources(plan: Plan, task: SiteTask): Resource[] {
  return task.tables.map(table => ({
    kind: 'staging_table',
    role: 'draft',
    name: `${plan.target.staging}.${table.target}`,
  }));
}
