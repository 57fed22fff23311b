import { formatAddress } from '../lib/format.ts';
import type { Plan, PlannedTable } from './plan.ts';
import { NETWORK, taskOf } from './task-ids.ts';
import type { TaskId } from './words.ts';

export interface Unit {
  readonly taskId: TaskId;
  readonly address: string | null;
  readonly tables: readonly PlannedTable[];
}

/** The network tables first, then the sites in the plan's order. */
export function listUnits({ network, sites }: Plan): Unit[] {
  return [
    ...(network && network.tables.length > 0
      ? [{ taskId: NETWORK, address: null, tables: network.tables }]
      : []),
    ...sites.map(site => ({
      taskId: taskOf(site.siteId),
      address: formatAddress(site),
      tables: site.tables,
    })),
  ];
}

/** What these units are together. The network tables are no site. */
export function sumUnits(plan: Plan, taskIds: readonly TaskId[]): Plan['totals'] {
  const wanted = new Set(taskIds);
  const units = listUnits(plan).filter(({ taskId }) => wanted.has(taskId));
  const tables = units.flatMap(unit => unit.tables);
  return {
    sites: units.filter(({ taskId }) => taskId !== NETWORK).length,
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    sizeBytes: tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
