import { MigrationError } from '../../errors.ts';
import { passKillPoint } from '../../lib/kill-points.ts';
import type { Resource } from '../../migration/events.ts';
import { rowIdOf } from '../../migration/task-ids.ts';
import { nameTask } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { forgetCopiedSite, writeCopiedSite } from '../../mysql/copied-sites.ts';
import type { TableName } from '../../mysql/loader.ts';
import { type PreviousOwner, readPreviousOwners, writePreviousOwner } from '../../mysql/previous-owners.ts';
import { discardTables, dropTables, swapTables } from '../../mysql/swap-tables.ts';
import { quoteName } from '../../mysql/table-names.ts';
import { describeCopy, keyOf } from '../copied-site.ts';
import { pointAtLiveSequences } from '../point-at-live-sequences.ts';
import { listSiteTables } from '../site-tables.ts';
import { proveRows, requireProof } from '../staged-proof.ts';
import type { Step } from '../step.ts';

/** All tables of the site change places in one statement: live → previous, staging → live. The only step that can't be
 *  repeated blindly; after a crash around the RENAME the tables themselves say on which side they are. */
export const cutOver: Step = {
  name: 'cut_over',
  traits: { change: 'makes' },
  uninterruptible: true,
  async resources({ plan, task, connections, recentNames }) {
    const target = await connections.target();
    const outgoing = await listSiteTables(target, plan.target.database, plan, task, recentNames);
    return outgoing.map(
      (table): Resource => ({
        kind: 'previous_table',
        role: 'kept',
        name: `${plan.target.previous}.${table}`,
      }),
    );
  },
  async isDone({ plan, task, connections, outgoing, ownTables }) {
    if (outgoing === null) return false;
    const target = await connections.target();
    const siteId = rowIdOf(task.taskId);
    const names = task.tables.map(table => table.target);
    await waitForRename(target, { database: plan.target.staging, name: names[0] ?? '' });
    const staged = await readTableNames(target, plan.target.staging, names);
    // What a later run builds there says nothing of this one's.
    const ours = [...staged].filter(name => ownTables.isBuiltByUs(name));
    const owner = (await readPreviousOwners(target, plan.target.previous, siteId)).get(siteId);
    // One statement moves all tables or none; and before it, it is written down whose those that it moves are.
    if (ours.length > 0 || owner?.migrationId !== plan.migrationId || owner.state !== 'kept') return false;
    if (owner.sealed) return true;
    const live = await readTableNames(target, plan.target.database, names);
    const kept = await readTableNames(target, plan.target.previous, outgoing);
    if (live.size === names.length && kept.size === outgoing.length) return true;
    if (kept.size === 0 && outgoing.length > 0) return false;
    throw new MigrationError(
      'schema',
      `Of ${nameTask(task.taskId)}, ${staged.size} of ${names.length} tables are in ${plan.target.staging}: it can be neither swapped in nor called live.`,
      {
        hint: 'Look whether another program renamed or dropped them; --resume ID --retry-failed builds the site anew.',
      },
    );
  },
  async run(context) {
    const { plan, task, connections, ownTables, proof, useFence } = context;
    const target = await connections.target();
    const { database: live, staging, previous } = plan.target;
    const siteId = rowIdOf(task.taskId);
    const outgoing = context.outgoing ?? [];
    await useFence(async fence => {
      const placeholders = await pointAtLiveSequences(context, target);
      // The definitions that name them were changed since the rows were proven.
      if (task.tables.some(({ kind }) => kind === 'sequence')) await proveRows(context);
      const copy = await describeCopy(context, target);
      // What an earlier migration kept gives way: one generation is kept, and its names must be free.
      const old = isOldRecord(ownTables.ownerOf(siteId))
        ? await listSiteTables(target, previous, plan, task, context.recentNames)
        : [];
      const givingWay = await ownTables.listGivingWay(target, siteId, [...outgoing, ...old]);
      await discardTables(target, { database: previous, tables: givingWay, fence });
      // After those are gone: as long as they are there, they are the earlier migration's to roll back.
      const { migrationId } = plan;
      const line = { siteId, migrationId, state: 'kept', tables: outgoing } as const;
      await writePreviousOwner(target, previous, line, fence);
      ownTables.keep({ ...line, fencing: ownTables.fencing, sealed: null });
      // From the RENAME on until it is written anew, nothing says that a copy may be spared.
      await forgetCopiedSite(target, staging, keyOf(plan, task));
      await requireProof(context);
      passKillPoint('before rename');
      const incoming = task.tables.map(table => table.target);
      await swapTables(target, { live, staging, previous, incoming, outgoing, placeholders, fence });
      passKillPoint('after rename, before its record');
      ownTables.unstaged(incoming);
      const leftovers = placeholders.map(({ leftover }) => leftover);
      await dropTables(target, staging, leftovers).catch(() => {});
      // The site is live: what can't be written down costs a copy next time, and that the kept tables are known by their
      // names alone.
      const sealed = { ...line, sealedOn: ownTables.serverId };
      await Promise.allSettled([
        writePreviousOwner(target, previous, sealed, fence),
        writeCopiedSite(target, staging, keyOf(plan, task), copy, fence),
      ]);
    });
    proof.set(null);
    return ownTables.isMeddledWith ? { isUnsure: true } : undefined;
  },
};

/** An older version has kept tables, and names tell which. */
const isOldRecord = (owner: PreviousOwner | undefined): boolean =>
  owner?.state === 'kept' && owner.tables === null;

const ER_NO_SUCH_TABLE = 1146;

/** A connection that is lost in mid-statement leaves the server at work on it for a moment, and the catalog shows each
 *  table as it is moved. The statement has locked all of them until its end. */
async function waitForRename(target: DatabaseConnection, { database, name }: TableName): Promise<void> {
  try {
    await target.query(`SELECT 1 FROM ${quoteName(database, name)} LIMIT 0`);
  } catch (error) {
    if ((error as { errno?: number }).errno !== ER_NO_SUCH_TABLE) throw error;
  }
}
