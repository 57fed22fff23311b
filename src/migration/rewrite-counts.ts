// What the rewriting did, over all sites: by the tables' names as WordPress knows them (`posts`, not `wp_43_posts`).

import { copiedTables } from './copied-table.ts';
import type { CopiedTable, LeftValues } from './events.ts';
import type { TaskState } from './fold-task.ts';
import { nameLogically } from './name-logically.ts';
import type { Plan } from './plan.ts';
import { listTasks, type MigrationState } from './state.ts';
import type { LeftReason, TaskId } from './words.ts';

export interface RewrittenColumn {
  readonly table: string;
  readonly column: string;
  readonly values: number;
  readonly sites: number;
}

/** What one table, by its name at the target, has left of one column. */
export interface LeftInTable extends LeftValues {
  readonly table: string;
}

/** A column that holds values that were not, or not wholly, rewritten, for one reason. */
export interface LeftColumn {
  readonly table: string;
  readonly column: string;
  readonly reason: LeftReason;
  readonly values: number;
  readonly taskIds: readonly TaskId[];
  /** Where to look, of as many sites as possible: `table` is its name at the target,
   *  `key` the row. */
  readonly examples: readonly { readonly taskId: TaskId; readonly table: string; readonly key: string }[];
}

/** A column that is never rewritten, and in which no source host was seen. */
export interface UntouchedColumn {
  readonly table: string;
  readonly column: string;
  readonly reason: LeftReason;
}

export interface RewriteCounts {
  /** The most values first. */
  readonly columns: readonly RewrittenColumn[];
  /** The sum of `left`: a value that was left for two reasons counts twice. */
  readonly leftTotal: number;
  /** The most values first. */
  readonly left: readonly LeftColumn[];
  readonly untouched: readonly UntouchedColumn[];
}

const EXAMPLES = 10;

export function countRewrites(plan: Plan, state: MigrationState): RewriteCounts {
  const copies = [...listCopies(state)].map(([taskId, copied]) => ({
    taskId,
    copied,
    table: nameLogically(copied.table, taskId, plan),
  }));
  const columns = new Map<string, RewrittenColumn>();
  for (const { table, copied } of copies) {
    for (const [column, values] of Object.entries(copied.changedByColumn)) {
      const known = columns.get(`${table}.${column}`) ?? { table, column, values: 0, sites: 0 };
      columns.set(`${table}.${column}`, { ...known, values: known.values + values, sites: known.sites + 1 });
    }
  }
  const found = copies.flatMap(({ taskId, copied, table }) =>
    copied.left.map((left): Left => ({ taskId, logicalTable: table, table: copied.table, ...left })),
  );
  const groups = Map.groupBy(found, left => `${left.logicalTable}.${left.column} ${left.reason}`);
  const left = [...groups.values()].map(describeGroup);
  return {
    columns: [...columns.values()].sort((a, b) => b.values - a.values),
    leftTotal: left.reduce((sum, { values }) => sum + values, 0),
    left: left.filter(({ values }) => values > 0).sort((a, b) => b.values - a.values),
    untouched: left
      .filter(({ values }) => values === 0)
      .map(({ table, column, reason }) => ({ table, column, reason })),
  };
}

interface Left extends LeftInTable {
  readonly taskId: TaskId;
  readonly logicalTable: string;
}

function describeGroup(members: readonly Left[]): LeftColumn {
  const { logicalTable, column, reason } = members[0]!;
  const holders = members.filter(member => member.values > 0);
  const keysPerSite = Math.ceil(EXAMPLES / holders.length);
  return {
    table: logicalTable,
    column,
    reason,
    values: holders.reduce((sum, member) => sum + member.values, 0),
    taskIds: holders.map(member => member.taskId),
    examples: holders
      .flatMap(({ taskId, table, keys }) => keys.slice(0, keysPerSite).map(key => ({ taskId, table, key })))
      .slice(0, EXAMPLES),
  };
}

/** Of one site or the network tables, table by table, whether or not its copy is complete. */
export function listLeft(site: TaskState): LeftInTable[] {
  return copiedTables(site.steps.copy_tables).flatMap(({ table, left }) =>
    left.map(values => ({ table, ...values })),
  );
}

function* listCopies(state: MigrationState): Generator<[TaskId, CopiedTable]> {
  for (const [taskId, task] of listTasks(state)) {
    const copy = task.steps.copy_tables;
    if (copy?.status !== 'completed') continue;
    for (const table of copiedTables(copy)) yield [taskId, table];
  }
}
