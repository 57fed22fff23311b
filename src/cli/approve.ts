import { pluralize } from '../lib/text.ts';
import type { Plan } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import type { TaskId } from '../migration/words.ts';
import { askText } from './prompts.ts';

export interface Deed {
  readonly plan: Pick<Plan, 'source' | 'target'>;
  readonly taskIds: readonly TaskId[];
  readonly servers: {
    readonly target: { readonly host?: string; readonly port?: number; readonly socketPath?: string };
  };
  /** null: the run begins. */
  readonly resumed: object | null;
}

/** Asks for the target's name: the plan above may have scrolled away, and a `y` is typed before it is thought of. */
export async function approve(deed: Deed): Promise<boolean> {
  const name = deed.plan.target.environment;
  const answer = await askText({
    message: `${describeDeed(deed)} Type ${name}:`,
    flag: '--yes',
    explain: typed =>
      typed === name || typed === '' ? undefined : `type ${name} to start, or nothing to leave it`,
  });
  return answer === name;
}

/** `Replace 26 sites and the network tables of stg (wp_stg on db2:3306) with those of prod?` */
export function describeDeed({ plan: { source, target }, taskIds, servers, resumed }: Deed): string {
  const sites = taskIds.filter(taskId => taskId !== NETWORK).length;
  const parts = [
    ...(sites > 0 ? [pluralize(sites, 'site')] : []),
    ...(taskIds.includes(NETWORK) ? ['the network tables'] : []),
  ];
  const what = parts.length > 0 ? parts.join(' and ') : 'nothing more';
  const { socketPath, host = 'localhost', port = 3306 } = servers.target;
  const where = `${target.database} on ${socketPath ?? `${host}:${port}`}`;
  return `${resumed ? 'Go on and replace' : 'Replace'} ${what} of ${target.environment} (${where}) with those of ${source.environment}?`;
}
