import type { StepData } from '../../migration/events.ts';
import type { Plan, PlannedTable } from '../../migration/plan.ts';
import { NETWORK } from '../../migration/words.ts';
import { type CopyResult, copyTable } from '../../mysql/copy-table.ts';
import { createStagingTable } from '../../mysql/create-staging-table.ts';
import { readColumns } from '../../mysql/read-columns.ts';
import { dropTables } from '../../mysql/swap-tables.ts';
import type { SiteTask } from '../site-task.ts';
import { skippedColumns } from '../skip-columns.ts';
import { stagingResources } from '../staging.ts';
import type { Step, StepContext } from '../step.ts';

/** What was copied, table by table; verify_tables holds the target against it. */
export interface CopiedTables extends StepData {
  readonly tables: readonly CopiedTable[];
}

export interface CopiedTable extends CopyResult {
  readonly table: string;
}

/** Streams the site's tables into the staging database, rewritten on the way, all from one consistent snapshot of the
 *  source: a post and its meta belong to the same moment. */
export const copyTables: Step = {
  name: 'copy_tables',
  resources: ({ plan, task }) => stagingResources(plan, task),
  async run(context) {
    const { plan, task, connections } = context;
    const source = await connections.source();
    const target = await connections.target();
    await dropTables(
      target,
      plan.target.staging,
      task.tables.map(table => table.target),
    );
    const columns = await readColumns(
      source,
      plan.source.database,
      task.tables.map(table => table.source),
    );
    await source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const tables: CopiedTable[] = [];
    for (const table of task.tables) {
      context.signal.throwIfAborted();
      tables.push({
        table: table.target,
        ...(await copyOne(table, context, source, target, columns.get(table.source) ?? [])),
      });
    }
    await source.execute('COMMIT');
    return { tables } satisfies CopiedTables;
  },
};

type Connection = Awaited<ReturnType<StepContext['connections']['source']>>;
type Columns = Parameters<typeof copyTable>[0]['columns'];

async function copyOne(
  table: PlannedTable,
  context: StepContext,
  source: Connection,
  target: Connection,
  columns: Columns,
): Promise<CopyResult> {
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
