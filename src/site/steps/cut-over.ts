import { MigrationError } from '../../errors.ts';
import { passKillPoint } from '../../lib/kill-points.ts';
import type { Resource } from '../../migration/events.ts';
import { nameSite } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { forgetCopiedSite, writeCopiedSite } from '../../mysql/copied-sites.ts';
import type { TableName } from '../../mysql/loader.ts';
import { writePreviousOwner } from '../../mysql/previous-owners.ts';
import { discardTables, dropTables, swapTables } from '../../mysql/swap-tables.ts';
import { quoteName } from '../../mysql/table-names.ts';
import { describeCopy, keyOf } from '../copied-site.ts';
import { pointAtLiveSequences } from '../point-at-live-sequences.ts';
import { listSiteTables } from '../site-tables.ts';
import type { Step } from '../step.ts';

/** All tables of the site change places in one statement: live → previous, staging → live. The only step that can't be
 *  repeated blindly; after a crash around the RENAME the tables themselves say on which side they are. */
export const cutOver: Step = {
  name: 'cut_over',
  uninterruptible: true,
  async resources({ plan, task, connections, recentNames }) {
    const target = await connections.target();
    const outgoing = await listSiteTables(target, plan.target.database, plan, task, recentNames);
    return outgoing.map(
      (table): Resource => ({ kind: 'previous_table', name: `${plan.target.previous}.${table}` }),
    );
  },
  async isDone({ plan, task, connections, outgoing }) {
    if (outgoing === null) return false;
    const target = await connections.target();
    const names = task.tables.map(table => table.target);
    await waitForRename(target, { database: plan.target.staging, name: names[0] ?? '' });
    const staged = await readTableNames(target, plan.target.staging, names);
    if (staged.size === names.length) return false;
    const live = await readTableNames(target, plan.target.database, names);
    const kept = await readTableNames(target, plan.target.previous, outgoing);
    if (staged.size === 0 && live.size === names.length && kept.size === outgoing.length) return true;
    // One statement moves all tables or none, so somebody else was here.
    throw new MigrationError(
      'schema',
      `Of ${nameSite(task.siteId)}, ${staged.size} of ${names.length} tables are in ${plan.target.staging}: it can be neither swapped in nor called live.`,
      {
        hint: 'Look whether another program renamed or dropped them; --resume ID --retry-failed builds the site anew.',
      },
    );
  },
  async run(context) {
    const { plan, task, connections, recentNames, useFence } = context;
    const target = await connections.target();
    const { database: live, staging, previous } = plan.target;
    await useFence(async fence => {
      const placeholders = await pointAtLiveSequences(context, target);
      const copy = await describeCopy(context, target);
      // What an earlier migration kept gives way: one generation is kept, and its names must be free.
      await discardTables(target, {
        database: previous,
        tables: await listSiteTables(target, previous, plan, task, recentNames),
        fence,
      });
      // After those are gone: as long as they are there, they are the earlier migration's to roll back.
      const { migrationId } = plan;
      await writePreviousOwner(target, previous, { siteId: task.siteId, migrationId, state: 'kept' }, fence);
      // From the RENAME on until it is written anew, nothing says that a copy may be spared.
      await forgetCopiedSite(target, staging, keyOf(plan, task));
      passKillPoint('before rename');
      await swapTables(target, {
        live,
        staging,
        previous,
        incoming: task.tables.map(table => table.target),
        outgoing: context.outgoing ?? [],
        placeholders,
        fence,
      });
      passKillPoint('after rename, before its record');
      // The site is live: what can't be written down costs a copy next time, and no more.
      const leftovers = placeholders.map(({ leftover }) => leftover);
      await dropTables(target, staging, leftovers).catch(() => {});
      if (copy) await writeCopiedSite(target, staging, keyOf(plan, task), copy, fence).catch(() => {});
    });
    return undefined;
  },
};

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
