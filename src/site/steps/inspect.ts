import { MigrationError } from '../../errors.ts';
import type { PlannedTable } from '../../migration/plan.ts';
import { findSiteId, NETWORK, siteIdOf } from '../../migration/task-ids.ts';
import { nameTask } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import { classifyDatabaseError } from '../../mysql/classify.ts';
import { keepTouched, readColumns } from '../../mysql/read-columns.ts';
import { isCoreTable, quoteName, sitePrefix } from '../../mysql/table-names.ts';
import { findNewTables } from '../find-new-tables.ts';
import type { Step, StepContext } from '../step.ts';

/** What is at the source now: the plan may be hours old when a site's turn comes. A site that is gone is skipped; a
 *  plugin's tables that came or went come along, or stay behind. Once a site is copied it is whole as it was then, and
 *  the next migration's. */
export const inspect: Step = {
  name: 'inspect',
  traits: { everyAttempt: true },
  readsOnly: true,
  async run(context) {
    const { task } = context;
    if (context.finished.copy_tables) return undefined;
    const gone = await findGone(context);
    // Nobody deletes the main site, and without network tables there is no network.
    const siteId = findSiteId(task.taskId);
    const mayBeGone = siteId !== null && siteId !== 1;
    if (mayBeGone && (gone.length === task.tables.length || !(await hasBlog(context))))
      return await leaveOut(context);
    if (task.taskId === NETWORK ? gone.length > 0 : gone.some(table => isNeeded(table, context)))
      throw refuse(context, gone);
    if (task.taskId !== NETWORK) await followTables(context, gone);
    return undefined;
  },
};

async function findGone({ plan, task, connections }: StepContext): Promise<PlannedTable[]> {
  const source = await connections.source();
  const names = task.tables.map(table => table.source);
  const present = await readTableNames(source, plan.source.database, names);
  const gone = task.tables.filter(table => !present.has(table.source));
  const [first] = gone;
  if (!first) return gone;
  // The catalog doesn't show what the user may not read; then this says so.
  await source
    .query(`SELECT 1 FROM ${quoteName(plan.source.database, first.source)} LIMIT 0`)
    .catch(error => {
      const failure = classifyDatabaseError(error, `reading ${plan.source.database}.${first.source}`);
      if (failure.code !== 'schema') throw failure;
    });
  return gone;
}

async function hasBlog({ plan, task, connections }: StepContext): Promise<boolean> {
  const source = await connections.source();
  const blogs = quoteName(plan.source.database, `${plan.source.tablePrefix}blogs`);
  const rows = await source.query(`SELECT 1 FROM ${blogs} WHERE blog_id = ?`, [siteIdOf(task.taskId)]);
  return rows.length > 0;
}

function isNeeded({ source }: PlannedTable, { plan, task }: StepContext): boolean {
  return isCoreTable(source.slice(sitePrefix(plan.source.tablePrefix, siteIdOf(task.taskId)).length));
}

/** A site that is being deleted loses its tables one by one, and its row last: so it is looked at again. */
function refuse({ task }: StepContext, gone: readonly PlannedTable[]): MigrationError {
  const names = gone.map(table => table.source);
  return new MigrationError(
    'schema',
    `${nameTask(task.taskId)} changed since the plan was made: ${names.join(', ')} is gone from the source.`,
    {
      scope: 'attempt',
      hint: 'Look whether the site is sound at the source; then plan again: start the migration anew.',
      details: { gone: names },
    },
  );
}

/** The target keeps what it has of the site. Where it has nothing, the row that the network tables have brought would
 *  lead a visitor to tables that aren't there: marked deleted, WordPress says that the site is no longer available. */
async function leaveOut(context: StepContext): Promise<undefined> {
  const { plan, task, connections, drifted, skipSite, useFence } = context;
  const target = await connections.target();
  const { database, tablePrefix } = plan.target;
  const prefix = sitePrefix(tablePrefix, siteIdOf(task.taskId));
  const live = await readTableNames(target, database, { prefix });
  const isDead = live.size === 0 && plan.network !== null;
  const become = isDead
    ? `the target has no tables of it, so its row in ${tablePrefix}blogs is marked deleted there`
    : 'what the target has of it stays as it is';
  await drifted({ kind: 'site_deleted', message: `deleted at the source before its turn; ${become}.` });
  if (isDead) {
    const blogs = `${tablePrefix}blogs`;
    const columns = (await readColumns(target, database, [blogs])).get(blogs) ?? [];
    await useFence(async fence => {
      await target.execute(
        `UPDATE ${quoteName(database, blogs)} SET deleted = 1${keepTouched(columns)}
         WHERE blog_id = ? AND NOT EXISTS (SELECT 1 FROM ${quoteName(fence.database, fence.name)})`,
        [siteIdOf(task.taskId)],
      );
    });
  }
  skipSite('deleted at the source before its turn');
  return undefined;
}

async function followTables(context: StepContext, gone: readonly PlannedTable[]): Promise<void> {
  const { task, drifted } = context;
  const { added, left } = await findNewTables(context);
  const list = (tables: readonly PlannedTable[]): string => tables.map(table => table.source).join(', ');
  const message = [
    gone.length > 0 ? `${list(gone)} gone from the source, and no longer part of it` : '',
    added.length > 0 ? `${list(added)} new at the source, and copied with it` : '',
    ...left.map(({ table, reason }) => `${table} new at the source, and not copied: ${reason}`),
  ].filter(Boolean);
  if (message.length === 0) return;
  const isGone = new Set(gone);
  const tables = [...task.tables.filter(table => !isGone.has(table)), ...added];
  await drifted({ kind: 'tables_changed', message: `${message.join('; ')}.`, tables });
}
