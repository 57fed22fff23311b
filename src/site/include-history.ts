import type { PlannedTable } from '../migration/plan.ts';
import { addPeriod } from '../mysql/history.ts';
import type { Column } from '../mysql/read-columns.ts';

/** The columns by which the table is read at this end: with those of its period where its history travels. */
export function includeHistory(
  { history }: PlannedTable,
  columns: readonly Column[],
  end: 'source' | 'target',
): readonly Column[] {
  if (!history) return columns;
  return end === 'source' ? addPeriod(columns, history.endsOfTime) : addPeriod(columns);
}
