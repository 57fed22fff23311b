import { MigrationError } from '../../errors.ts';
import { passKillPoint } from '../../lib/kill-points.ts';
import { rowIdOf } from '../../migration/task-ids.ts';
import { nameTask } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { forgetCopiedSite } from '../../mysql/copied-sites.ts';
import { type PreviousOwner, readPreviousOwners, writePreviousOwner } from '../../mysql/previous-owners.ts';
import { dropTables, nameLeftover, swapBack } from '../../mysql/swap-tables.ts';
import { keyOf } from '../copied-site.ts';
import { listSiteTables } from '../site-tables.ts';
import type { Step, StepContext } from '../step.ts';

/** The cutover taken back by one statement: the site's new tables leave live, its previous ones come back. A site that
 *  was new to the target only leaves. Whatever else has been made under the site's names since stays where it is. As
 *  with the cutover, after a crash the tables themselves say on which side they are. */
export const rollBack: Step = {
  name: 'roll_back',
  traits: { change: 'takes_back', everyAttempt: true },
  uninterruptible: true,
  async resources(context) {
    const { plan, task, connections } = context;
    const outgoing = await listOutgoing(await connections.target(), context);
    return outgoing.map(table => ({
      kind: 'leftover_table',
      name: `${plan.target.staging}.${nameLeftover(rowIdOf(task.taskId), table)}`,
    }));
  },
  async isDone(context) {
    const { plan, connections, outgoing: expected } = context;
    const target = await connections.target();
    const owner = await readOwner(target, context);
    if (owner?.migrationId !== plan.migrationId || owner.state === 'removed') throw refuse(context);
    if (owner.state === 'rolled_back') return true;
    const kept = new Set(await listKept(target, context));
    const missing = (expected ?? []).filter(table => !kept.has(table));
    // One statement moves all tables or none: when none is left, an announced rollback has happened.
    if (context.undoBegun && kept.size === 0 && missing.length > 0) return true;
    if (missing.length > 0) throw refuse(context, missing);
    return false;
  },
  async run(context) {
    const { plan, task, connections, useFence } = context;
    const target = await connections.target();
    const { database: live, staging, previous } = plan.target;
    const siteId = rowIdOf(task.taskId);
    const outgoing = (await listOutgoing(target, context)).map(table => ({
      table,
      leftover: nameLeftover(siteId, table),
    }));
    const incoming = await listKept(target, context);
    await useFence(async fence => {
      // What is left of it does no harm (copied-sites.ts), and the way back must not depend on it.
      await forgetCopiedSite(target, staging, keyOf(plan, task)).catch(() => {});
      passKillPoint('before rollback rename');
      // Of a site that was new to the target an earlier attempt may have taken everything away.
      if (outgoing.length + incoming.length > 0)
        await swapBack(target, { live, staging, previous, outgoing, incoming, fence });
      passKillPoint('after rollback rename, before its record');
      const { migrationId } = plan;
      await writePreviousOwner(target, previous, { siteId, migrationId, state: 'rolled_back' }, fence);
    });
    await dropTables(
      target,
      staging,
      outgoing.map(({ leftover }) => leftover),
    );
    return { swappedBack: incoming, removed: outgoing.map(({ table }) => table) };
  },
};

/** The tables that the migration made live, and those that stand where a previous one must go. */
async function listOutgoing(target: DatabaseConnection, context: StepContext): Promise<string[]> {
  const { plan, task } = context;
  const previous = await listKept(target, context);
  const names = new Set([...task.tables.map(table => table.target), ...previous]);
  return [...(await readTableNames(target, plan.target.database, [...names]))].sort();
}

async function readOwner(
  target: DatabaseConnection,
  { plan, task }: StepContext,
): Promise<PreviousOwner | undefined> {
  const siteId = rowIdOf(task.taskId);
  return (await readPreviousOwners(target, plan.target.previous, siteId)).get(siteId);
}

/** What the run has put in the previous database for the site, as it is written down there, and is there still. */
async function listKept(target: DatabaseConnection, context: StepContext): Promise<string[]> {
  const { plan, task, ownTables } = context;
  const { previous } = plan.target;
  const owner = await readOwner(target, context);
  if (owner?.migrationId !== plan.migrationId) return [];
  const present =
    owner.tables === null
      ? await listSiteTables(target, previous, plan, task)
      : [...(await readTableNames(target, previous, owner.tables))];
  return await ownTables.listKept(target, owner, present);
}

function refuse({ plan, task }: StepContext, missing: readonly string[] = []): MigrationError {
  const why =
    missing.length > 0
      ? `these previous tables are gone from ${plan.target.previous}: ${missing.join(', ')}`
      : `the tables in ${plan.target.previous} are not, or no longer, those that this run has kept`;
  return new MigrationError('schema', `${nameTask(task.taskId)} can't be rolled back: ${why}.`, {
    hint: 'Its live tables were left as they are.',
    details: { missing },
  });
}
