import type { Resource } from '../../migration/events.ts';
import { NETWORK } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { dropTables, swapTables } from '../../mysql/swap-tables.ts';
import { sitePrefix } from '../../mysql/table-names.ts';
import type { Step, StepContext } from '../step.ts';

/** All tables of the site change places in one statement: live → previous, staging → live. The only step that can't be
 *  repeated blindly; after a crash around the RENAME the tables themselves say on which side they are. */
export const cutOver: Step = {
  name: 'cut_over',
  uninterruptible: true,
  resources: ({ plan, task }) =>
    task.tables.map(table => ({ kind: 'previous_table', name: `${plan.target.previous}.${table.target}` })),
  async isDone({ plan, task, connections }) {
    const target = await connections.target();
    const names = task.tables.map(table => table.target);
    const staged = await readTableNames(target, plan.target.staging, names);
    if (staged.size > 0) return false;
    return (await readTableNames(target, plan.target.database, names)).size === names.length;
  },
  async run(context) {
    const { plan, task, connections } = context;
    const target = await connections.target();
    const incoming = task.tables.map(table => table.target);
    const outgoing = await findOutgoing(context, target);
    // What an earlier migration kept gives way: one generation is kept, and its names must be free.
    await dropTables(target, plan.target.previous, outgoing);
    await swapTables(target, {
      live: plan.target.database,
      staging: plan.target.staging,
      previous: plan.target.previous,
      incoming,
      outgoing,
    });
    const previous: Resource[] = outgoing.map(table => ({
      kind: 'previous_table',
      name: `${plan.target.previous}.${table}`,
    }));
    return { incoming, outgoing, previous: previous.map(resource => resource.name) };
  },
};

/** The live tables that make way. A numbered site's are all with its number, also those the new site doesn't have.
 *  Site 1 shares its prefix with the whole network, so there only the tables that are replaced. */
async function findOutgoing({ plan, task }: StepContext, target: DatabaseConnection): Promise<string[]> {
  const incoming = task.tables.map(table => table.target);
  const replaced = await readTableNames(target, plan.target.database, incoming);
  if (task.siteId === NETWORK || task.siteId === 1) return [...replaced];
  const all = await readTableNames(target, plan.target.database, {
    prefix: sitePrefix(plan.target.tablePrefix, task.siteId),
  });
  return [...new Set([...replaced, ...all])];
}
