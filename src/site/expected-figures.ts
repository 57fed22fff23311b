// What a table of the target should hold: by the run's journal, or by what the source holds at this moment.

import type { CopiedTable } from '../migration/events.ts';
import { holdsRowsOfBlogs } from '../migration/joined-tables.ts';
import { nameLogically } from '../migration/name-logically.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import type { Figures } from '../migration/verify-report.ts';
import type { TaskId } from '../migration/words.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { readRewritten } from '../mysql/copy-table.ts';
import { readColumns } from '../mysql/read-columns.ts';
import { NO_ROWS, type RowFilter } from '../mysql/row-filter.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import type { TreatTable } from './create-treat-table.ts';
import { findColumns } from './find-columns.ts';
import { includeHistory } from './include-history.ts';
import { filterRows } from './steps/copy-tables.ts';

export interface Expected extends Figures {
  /** Names of the columns that it was computed over, in order; null: nobody has written them down. */
  readonly columns: readonly string[] | null;
  /** Those of the target's own that it wasn't computed over. */
  readonly without?: readonly string[];
}

/** Answers with what should be there, or with a sentence that says why nobody knows. */
export type ExpectTable = (table: PlannedTable) => Promise<Expected | string>;

/** As copy_tables has written it down. `own`: by table, columns of the target that joined it later (merge_rows). */
export function expectCopied(
  copied: readonly (Figures & Pick<CopiedTable, 'table'>)[],
  own: ReadonlyMap<string, readonly string[]> = new Map(),
): ExpectTable {
  const byName = new Map(copied.map(figures => [figures.table, figures]));
  return async ({ target }) => {
    const figures = byName.get(target);
    if (!figures) return 'nothing is written down of it';
    const { rows, checksum } = figures;
    return { rows, checksum, columns: null, without: own.get(target) ?? [] };
  };
}

export interface SourceReading {
  readonly plan: Plan;
  readonly taskId: TaskId;
  /** In a transaction with a snapshot: the tables of a site belong to one moment. */
  readonly source: DatabaseConnection;
  readonly rewriter: Rewriter;
  readonly treatTable: TreatTable;
  readonly signal: AbortSignal;
}

/** As copy_tables would make it now: the rows are read, treated as a copy treats them, and not sent. */
export function expectFromSource(reading: SourceReading): ExpectTable {
  const { plan, taskId, source, rewriter, treatTable, signal } = reading;
  const { database } = plan.source;
  return async table => {
    const found = (await readColumns(source, database, [table.source])).get(table.source);
    if (!found) return 'the source has no such table any more';
    const columns = includeHistory(table, found, 'source');
    const rowFilter = filterRows(plan, { taskId }, table);
    const stored = columns.filter(column => !column.isGenerated);
    const name = nameLogically(table.target, taskId, plan);
    const { rows, checksum } = await readRewritten({
      source,
      sourceTable: { database, name: table.source },
      columns,
      rewriter,
      treatment: table.emptiedBy === undefined ? treatTable({ name, columns: stored }) : null,
      skipColumns: findColumns(plan.skipColumns, name, columns),
      base64Columns: findColumns(plan.base64Columns ?? [], name, columns),
      ...(rowFilter ? { rowFilter } : {}),
      signal,
    });
    return { rows, checksum, columns: stored.map(column => column.name) };
  };
}

/** Which rows of the target's table may be the ones that were copied, the likeliest first. `blogs` and `blogmeta` also
 *  hold rows of blogs that stayed (merge_rows); all else is only the copy's. */
export function listRowFilters(plan: Plan, taskId: TaskId, table: PlannedTable): (RowFilter | null)[] {
  if (table.kind === 'merge') return [NO_ROWS];
  if (!holdsRowsOfBlogs(plan, taskId, table)) return [null];
  const siteIds = plan.network?.siteIds ?? [];
  return [null, siteIds.length === 0 ? null : { sql: 'blog_id IN (?)', values: [siteIds] }];
}
