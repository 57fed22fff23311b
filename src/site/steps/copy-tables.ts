import type { CopiedTable } from '../../migration/events.ts';
import type { Plan, PlannedTable } from '../../migration/plan.ts';
import { NETWORK } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { type CopyResult, copyTable } from '../../mysql/copy-table.ts';
import { createStagingTable } from '../../mysql/create-staging-table.ts';
import { type Column, readColumns } from '../../mysql/read-columns.ts';
import { dropTables } from '../../mysql/swap-tables.ts';
import { readSourceChecksum } from '../../mysql/verify-table.ts';
import type { SiteTask } from '../site-task.ts';
import { skippedColumns } from '../skip-columns.ts';
import { stagingResources } from '../staging.ts';
import type { Step, StepContext } from '../step.ts';

/** Streams the site's tables into the staging database, rewritten on the way, all from one consistent snapshot of the
 *  source: a post and its meta belong to the same moment. A table that an earlier attempt completed is used again only
 *  if the source's is, in this snapshot, still what it was. */
export const copyTables: Step = {
  name: 'copy_tables',
  resources: ({ plan, task }) => stagingResources(plan, task),
  async run(context) {
    const { plan, task, connections, signal } = context;
    const ends: Ends = { source: await connections.source(), target: await connections.target() };
    const names = task.tables.map(table => table.source);
    const columns = await readColumns(ends.source, plan.source.database, names);
    await ends.source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const reusable = await findReusable(context, ends, columns);
    await removeLeavings(context, ends, reusable);
    for (const table of task.tables) {
      signal.throwIfAborted();
      if (reusable.has(table.target)) continue;
      const result = await copyOne(table, context, ends, columns.get(table.source) ?? []);
      context.copied({ table: table.target, ...result });
    }
    await ends.source.execute('COMMIT');
    return undefined;
  },
};

interface Ends {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
}

type Columns = ReadonlyMap<string, readonly Column[]>;

/** Names, at the target, of tables that need not be copied again. */
async function findReusable(
  context: StepContext,
  { source, target }: Ends,
  columns: Columns,
): Promise<Set<string>> {
  const { plan, task, copiedTables } = context;
  const reusable = new Set<string>();
  if (copiedTables.size === 0) return reusable;
  const staged = await readTableNames(target, plan.target.staging, [...copiedTables.keys()]);
  for (const table of task.tables) {
    const copied = copiedTables.get(table.target);
    if (!copied || !staged.has(table.target)) continue;
    const now = await readSourceChecksum({
      source,
      table: { database: plan.source.database, name: table.source },
      columns: columns.get(table.source) ?? [],
      rowFilter: filterRows(plan, task, table),
    });
    if (now.rows === copied.rows && now.checksum === copied.sourceChecksum) reusable.add(table.target);
  }
  return reusable;
}

async function removeLeavings(
  context: StepContext,
  { target }: Ends,
  reusable: ReadonlySet<string>,
): Promise<void> {
  const { plan, task, copiedTables } = context;
  const leavings = task.tables.map(table => table.target).filter(table => !reusable.has(table));
  for (const table of leavings) if (copiedTables.has(table)) await context.discarded(table);
  await dropTables(target, plan.target.staging, leavings);
}

async function copyOne(
  table: PlannedTable,
  context: StepContext,
  { source, target }: Ends,
  columns: readonly Column[],
): Promise<CopyResult & Omit<CopiedTable, 'table'>> {
  const { plan, task, rewriter, signal } = context;
  const sourceTable = { database: plan.source.database, name: table.source };
  const stagingTable = { database: plan.target.staging, name: table.target };
  const names = new Map(task.tables.map(other => [other.source, other.target]));
  await createStagingTable({
    source,
    target,
    sourceTable,
    stagingTable,
    rename: name => names.get(name) ?? name,
  });
  const rowFilter = filterRows(plan, task, table);
  let [rows, bytes] = [0, 0];
  return copyTable({
    source,
    target,
    sourceTable,
    stagingTable,
    columns,
    rewriter,
    skipColumns: skippedColumns(plan, table, columns),
    method: plan.target.loadMethod,
    maxAllowedPacket: plan.target.maxAllowedPacketBytes,
    signal,
    ...(rowFilter ? { rowFilter } : {}),
    onProgress(rowsNow, bytesNow) {
      context.tick({ table: table.target, rows: rowsNow - rows, bytes: bytesNow - bytes });
      [rows, bytes] = [rowsNow, bytesNow];
    },
  });
}

/** Of the network tables, only the rows of the blogs that travel. */
function filterRows(
  plan: Plan,
  task: SiteTask,
  table: PlannedTable,
): { sql: string; values: unknown[] } | null {
  if (task.siteId !== NETWORK || !plan.network || plan.network.everySite) return null;
  const suffix = table.source.slice(plan.source.tablePrefix.length);
  if (suffix !== 'blogs' && suffix !== 'blogmeta') return null;
  if (plan.network.siteIds.length === 0) return { sql: 'FALSE', values: [] };
  return { sql: 'blog_id IN (?)', values: [plan.network.siteIds] };
}
