import { formatAddress } from '../lib/format.ts';
import type { Plan } from '../migration/plan.ts';
import { nameTask, type TaskId } from '../migration/words.ts';

/** Makes the function that names a unit of work for people: `site 4 art.example.edu`, `network tables`. */
export function nameUnits(plan: Pick<Plan, 'sites'>): (taskId: TaskId) => string {
  const addresses = new Map(plan.sites.map(site => [site.taskId, formatAddress(site)]));
  return taskId => [nameTask(taskId), addresses.get(taskId)].filter(Boolean).join(' ');
}
