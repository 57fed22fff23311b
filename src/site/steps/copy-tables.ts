import { MigrationError } from '../../errors.ts';
import type { CopiedTable } from '../../migration/events.ts';
import { nameLogically } from '../../migration/name-logically.ts';
import type { Plan, PlannedTable } from '../../migration/plan.ts';
import { NETWORK } from '../../migration/task-ids.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { canCopyInside, copyInside } from '../../mysql/copy-inside.ts';
import { type CopyResult, copyTable, countSourceRows, type LoadMethod } from '../../mysql/copy-table.ts';
import { createStagingTable } from '../../mysql/create-staging-table.ts';
import { takeHistory } from '../../mysql/history.ts';
import { readChecksums } from '../../mysql/read-checksums.ts';
import { digestDefinition, digestShape, readCounter, readDefinitions } from '../../mysql/read-definition.ts';
import { readMadeTables } from '../../mysql/read-made-tables.ts';
import { NO_ROWS, type RowFilter } from '../../mysql/row-filter.ts';
import { announceStaged } from '../../mysql/staged-tables.ts';
import { dropTables } from '../../mysql/swap-tables.ts';
import { formatChecksum } from '../../mysql/table-checksum.ts';
import { quoteName } from '../../mysql/table-names.ts';
import { adaptDefinition, isArchive } from '../adapt-definition.ts';
import { keyOf } from '../copied-site.ts';
import { type CopyRowsOptions, copyBigTable, isBegun, isBig, type SourceTable } from '../copy-big-table.ts';
import { findColumns } from '../find-columns.ts';
import { includeHistory } from '../include-history.ts';
import { refuseLeads } from '../refuse-leads.ts';
import type { ConnectionPair } from '../site-connections.ts';
import type { SiteTask } from '../site-task.ts';
import { stagingResources } from '../staging.ts';
import type { Step, StepContext } from '../step.ts';

/** Streams the site's tables into the staging database, rewritten on the way, all from one consistent snapshot of the
 *  source: a post and its meta belong to the same moment. A table that an earlier attempt completed is used again only
 *  if the source's is, in this snapshot, still what it was. */
export const copyTables: Step = {
  name: 'copy_tables',
  traits: { onDrafts: true },
  resources: ({ plan, task }) => stagingResources(plan, task),
  async run(context) {
    const { plan, connections, ownTables, signal } = context;
    const [source, target] = [await connections.source(), await connections.target()];
    const ends: Ends = {
      source,
      target,
      maxAllowedPacket: await target.readMaxAllowedPacket(),
      areOneServer: await areOneServer(context, source, target),
    };
    await source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const tables = await readSourceTables(context, source);
    const wanted = await removeUnusable(tables, context, ends);
    for (const table of wanted.toSorted((a, b) => rankOf(a) - rankOf(b))) {
      signal.throwIfAborted();
      const result = await makeAndFill(table, context, ends);
      if (isArchive(table.planned) && result.rows === 0) await restoreCounter(table, context, target);
      // Its counter was set, which makes it younger to the server.
      ownTables.staged(table.planned.target);
      context.copied({ table: table.planned.target, ...result });
    }
    await context.stagedDefinitions.prove(target, plan.target.staging, listNames(tables));
    await source.execute('COMMIT');
    return undefined;
  },
};

const listNames = (tables: readonly SourceTable[]): string[] => tables.map(({ planned }) => planned.target);

/** A default needs its sequence to be there, a MERGE table the tables that it is made of. */
const rankOf = ({ planned: { kind } }: SourceTable): number =>
  kind === 'sequence' ? 0 : kind === 'merge' ? 2 : 1;

interface Ends {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
  readonly maxAllowedPacket: number;
  /** Rows may be copied inside it. */
  readonly areOneServer: boolean;
}

async function areOneServer(
  { plan, task }: StepContext,
  source: DatabaseConnection,
  target: DatabaseConnection,
): Promise<boolean> {
  const [first] = task.tables;
  if (!plan.target.copiesInside || !first) return false;
  return await canCopyInside(source, target, { database: plan.source.database, name: first.source });
}

/** After the snapshot was taken: the server refuses to read a table in a snapshot from before it was altered. */
async function readSourceTables(context: StepContext, source: DatabaseConnection): Promise<SourceTable[]> {
  const { plan, task, knownColumns, stagedDefinitions } = context;
  const { database } = plan.source;
  const names = task.tables.map(table => table.source);
  const definitions = await readDefinitions(
    source,
    names.map(name => ({ database, name })),
  );
  const rename = nameAtTarget(task);
  const wanted: string[] = [];
  for (const [index, planned] of task.tables.entries()) {
    const definition = definitions[index]!;
    refuseLeads(planned, definition, context);
    const adapted = await adaptDefinition(source, planned, definition, plan);
    stagedDefinitions.expect(planned.target, { source: definition, wanted: adapted, rename });
    wanted.push(adapted);
  }
  const defined = names.map((name, index) => ({ name, definition: definitions[index]! }));
  const columns = await knownColumns.read(source, database, defined);
  return task.tables.map((planned, index) => ({
    planned,
    definition: definitions[index]!,
    wanted: wanted[index]!,
    columns: includeHistory(planned, columns[index]!, 'source'),
  }));
}

/** A table that is none of the site's keeps its name. */
function nameAtTarget({ tables }: SiteTask): (table: string) => string {
  const names = new Map(tables.map(({ source, target }) => [source, target]));
  return table => names.get(table) ?? table;
}

/** Resolves with the tables that have to be copied. Of these nothing is in the staging database any more, unless they
 *  are begun. */
async function removeUnusable(
  tables: readonly SourceTable[],
  context: StepContext,
  { source, target }: Ends,
): Promise<SourceTable[]> {
  const { plan, task, copiedTables, ownTables } = context;
  const { staging } = plan.target;
  const names = task.tables.map(table => table.target);
  const { tables: staged } = await readMadeTables(target, staging, names);
  ownTables.refuseStagedStrangers(staged);
  const { migrationId } = plan;
  const { fencing } = ownTables;
  await announceStaged(target, staging, keyOf(plan, task), { migrationId, fencing, tables: names });
  const wanted: SourceTable[] = [];
  for (const table of tables) {
    const name = table.planned.target;
    const copied = copiedTables.get(name);
    // What stands there by that name may be a later run's.
    const isOurs = staged.has(name) && ownTables.isBuiltByUs(name);
    if (copied && isOurs && (await isUnchanged(table, copied, context, source))) continue;
    wanted.push(table);
    const isUsable = isOurs && isBegun(table, context);
    if (copied || (context.copiedChunks(name).length > 0 && !isUsable)) await context.discarded(name);
  }
  // Dropping waits for a statement that a killed process has left behind and that is still making its table. A site's
  // first attempt has no such past, and to drop a table that isn't there costs the server a wait for its disk.
  const mayAppear = context.attempt > 1;
  const leavings = wanted
    .filter(table => !isBegun(table, context))
    .map(table => table.planned.target)
    .filter(name => mayAppear || staged.has(name));
  await dropTables(target, staging, leavings);
  ownTables.unstaged(leavings);
  return wanted;
}

/** Is the source's table still what it was when it was copied? */
async function isUnchanged(
  { planned, columns }: SourceTable,
  copied: CopiedTable,
  { plan, task }: StepContext,
  source: DatabaseConnection,
): Promise<boolean> {
  const table = { database: plan.source.database, name: planned.source };
  const [now] = await readChecksums(source, [{ table, columns, rowFilter: filterRows(plan, task, planned) }]);
  return now!.rows === countSourceRows(copied) && now!.checksum === copied.sourceChecksum;
}

/** Rows that go by bulk are sent right behind the statement that makes their table: the server makes it while they are
 *  read, and is never waiting for us. */
async function makeAndFill(
  table: SourceTable,
  context: StepContext,
  ends: Ends,
): Promise<Omit<CopiedTable, 'table' | 'key'>> {
  if (isBegun(table, context)) return await copyOne(table, context, ends);
  if (table.planned.history) await takeHistory(ends.target);
  const making = makeTable(table, context, ends);
  if (!ends.target.takesBulk || ends.areOneServer || isBig(table.planned, context)) await making;
  try {
    const [result] = await Promise.all([copyOne(table, context, ends), making]);
    return result;
  } catch (error) {
    // The rows of a table that couldn't be made fail as well, but not for the reason.
    await making;
    throw error;
  }
}

/** Of a table without rows. */
async function restoreCounter(
  { planned, definition }: SourceTable,
  { plan }: StepContext,
  target: DatabaseConnection,
): Promise<void> {
  const next = readCounter(definition);
  const table = quoteName(plan.target.staging, planned.target);
  if (next !== undefined) await target.execute(`ALTER TABLE ${table} AUTO_INCREMENT = ${next}`);
}

const ER_TABLE_EXISTS = 1050;

async function makeTable(
  { planned, wanted }: SourceTable,
  { plan, task, ownTables }: StepContext,
  { target }: Ends,
): Promise<void> {
  const name = planned.target;
  ownTables.staged(name);
  await createStagingTable({
    target,
    sourceTable: { database: plan.source.database, name: planned.source },
    stagingTable: { database: plan.target.staging, name: planned.target },
    definition: wanted,
    rename: nameAtTarget(task),
    refusesGeneratedKey: plan.target.generatesKeys ?? false,
  }).catch(error => {
    throw error instanceof MigrationError && error.details.errno === ER_TABLE_EXISTS
      ? ownTables.disown(name, error)
      : error;
  });
}

const COPIED_NOTHING: CopyResult = {
  ...{ rows: 0, bytes: 0, checksum: formatChecksum(0n), sourceChecksum: formatChecksum(0n) },
  changedByColumn: {},
  left: [],
};

async function copyOne(
  table: SourceTable,
  context: StepContext,
  ends: Ends,
): Promise<Omit<CopiedTable, 'table' | 'key'>> {
  const { plan, task, signal } = context;
  const { planned, definition } = table;
  // Its rows come with the tables that it is made of.
  if (planned.kind === 'merge') return { ...COPIED_NOTHING, sourceDefinition: digestShape(definition) };
  const copySome = (pair: ConnectionPair, options: CopyRowsOptions): Promise<CopyResult> =>
    // Further pairs are in each other's way.
    copyRows(table, context, { ...ends, ...pair, areOneServer: ends.areOneServer && pair === ends }, options);
  const result =
    (isBig(planned, context) || isBegun(table, context)
      ? await copyBigTable(table, context, ends, copySome)
      : null) ??
    (await copySome(ends, {
      rowFilter: filterRows(plan, task, planned),
      method: plan.target.loadMethod,
      signal,
    }));
  // Of a table that is emptied, rows that come and go don't matter.
  const digest = planned.emptiedBy === undefined ? digestDefinition : digestShape;
  return { ...result, sourceDefinition: digest(definition) };
}

async function copyRows(
  { planned, columns }: SourceTable,
  context: StepContext,
  ends: Ends,
  { rowFilter, method, signal }: CopyRowsOptions,
): Promise<CopyResult> {
  const { plan, task, rewriter } = context;
  const name = nameLogically(planned.target, task.taskId, plan);
  let [rows, bytes] = [0, 0];
  const isInside = ends.areOneServer && mayGoInside(planned, context, { rowFilter, method });
  return await (isInside ? copyInside : copyTable)({
    ...ends,
    sourceTable: { database: plan.source.database, name: planned.source },
    stagingTable: { database: plan.target.staging, name: planned.target },
    columns,
    rewriter,
    treatment:
      planned.emptiedBy === undefined
        ? context.treatTable({ name, columns: columns.filter(column => !column.isGenerated) })
        : null,
    skipColumns: findColumns(plan.skipColumns, name, columns),
    base64Columns: findColumns(plan.base64Columns ?? [], name, columns),
    method: preferBulk(method, ends.target),
    signal,
    ...(rowFilter ? { rowFilter } : {}),
    inOrder: isArchive(planned),
    onProgress(rowsNow, bytesNow) {
      context.tick({ part: planned.target, rows: rowsNow - rows, bytes: bytesNow - bytes });
      [rows, bytes] = [rowsNow, bytesNow];
    },
  });
}

/** The way that costs the server least, where it has it. Whether it takes LOAD DATA the plan says. */
function preferBulk(method: LoadMethod, { takesBulk }: DatabaseConnection): LoadMethod {
  if (!takesBulk) return method;
  return method === 'insert' ? 'bulk' : 'bulk_and_load';
}

/** Only InnoDB copies without locking out who writes to the source. Not beside others, who would have to wait; no big
 *  table in one go, which would look like standing still; and no history, of whose rows a DELETE would only make more. */
function mayGoInside(
  planned: PlannedTable,
  context: StepContext,
  { rowFilter, method }: Pick<CopyRowsOptions, 'rowFilter' | 'method'>,
): boolean {
  return (
    planned.engine.toLowerCase() === 'innodb' &&
    planned.emptiedBy === undefined &&
    planned.history === undefined &&
    method === context.plan.target.loadMethod &&
    (rowFilter !== null || !isBig(planned, context))
  );
}

/** Of the network tables, only the rows of the blogs and networks that travel: no site's that was created after the plan
 *  was made, as its tables don't come. When all travel, meta of blogs that are long gone does as well. Of a table that is
 *  emptied, or that has the rows of others, none. */
export function filterRows(
  plan: Plan,
  task: Pick<SiteTask, 'taskId'>,
  table: PlannedTable,
): RowFilter | null {
  if (table.emptiedBy !== undefined || table.kind === 'merge') return NO_ROWS;
  if (task.taskId !== NETWORK || !plan.network) return null;
  const { mode, everySite, siteIds, networkIds = [] } = plan.network;
  const suffix = table.source.slice(plan.source.tablePrefix.length);
  if (suffix === 'blogs' || (suffix === 'blogmeta' && !everySite)) return isOneOf('blog_id', siteIds);
  if (suffix === 'blogmeta') {
    const blogs = quoteName(plan.source.database, `${plan.source.tablePrefix}blogs`);
    const gone = `blog_id NOT IN (SELECT blog_id FROM ${blogs})`;
    return siteIds.length === 0
      ? { sql: gone, values: [] }
      : { sql: `(blog_id IN (?) OR ${gone})`, values: [siteIds] };
  }
  if (suffix === 'site' || suffix === 'sitemeta')
    return mode === 'replace' ? null : isOneOf(suffix === 'site' ? 'id' : 'site_id', networkIds);
  return null;
}

function isOneOf(column: string, ids: readonly number[]): RowFilter {
  return ids.length === 0 ? NO_ROWS : { sql: `${column} IN (?)`, values: [ids] };
}
