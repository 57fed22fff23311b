import type { TaskState } from '../migration/fold-task.ts';
import { isJoinedByTarget } from '../migration/joined-tables.ts';
import type { Plan } from '../migration/plan.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { type KeptRows, keepRows } from '../mysql/keep-rows.ts';
import { buildNameMatch } from '../mysql/match-names.ts';
import { type Column, keepTouched, readColumns } from '../mysql/read-columns.ts';
import { quoteName } from '../mysql/table-names.ts';
import { addOwnColumns, findOwnColumns, fold } from './add-own-columns.ts';
import type { StepContext } from './step.ts';

/** For the journal: how many rows. */
export interface RowsMerged {
  /** By table. */
  readonly kept: Record<string, number>;
  /** By table, columns that only the target has. */
  ownColumns?: Record<string, readonly string[]>;
  protected?: number;
  /** Users who are new to the target. */
  addedUsers?: number;
  /** Users of the source who are at the target already. */
  knownUsers?: number;
}

type Columns = Map<string, readonly Column[]>;

/** The staged network tables and the live ones, of which rows are to stay. */
export class RowMerge {
  /** What was done, for the journal. */
  readonly done: RowsMerged = { kept: {} };
  readonly target: DatabaseConnection;
  readonly #plan: Plan;
  readonly #own = new Map<string, readonly Column[]>();
  readonly #columns: { readonly live: Columns; readonly staged: Columns };

  /** Also gives the staged tables the columns that only the live ones have, where rows of these stay. */
  static async begin(
    target: DatabaseConnection,
    context: Pick<StepContext, 'plan' | 'task' | 'stagedDefinitions' | 'connections'>,
  ): Promise<RowMerge> {
    const { plan, task, stagedDefinitions, connections } = context;
    const { database, staging } = plan.target;
    const names = task.tables.map(table => table.target);
    const live = await readColumns(target, database, names);
    const before = await readColumns(target, staging, names);
    // An attempt that was broken off may have added them: then the staged tables don't tell any more.
    const came = await readColumns(
      await connections.source(),
      plan.source.database,
      task.tables.map(table => table.source),
    );
    const merge = new RowMerge(target, plan, { live, staged: before });
    for (const table of task.tables.filter(one => isJoinedByTarget(plan, task.taskId, one))) {
      const name = table.target;
      const [has, takes] = [live.get(name) ?? [], before.get(name) ?? []];
      const missing = findOwnColumns(has, takes);
      const own = new Set([...missing, ...findOwnColumns(has, came.get(table.source) ?? takes)]);
      if (own.size === 0 || takes.length === 0) continue;
      const [from, to] = [
        { database, name },
        { database: staging, name },
      ];
      if (missing.length > 0) await addOwnColumns(target, { live: from, staged: to }, missing);
      stagedDefinitions.forget(name);
      merge.#noteOwn(name, [...own], missing);
    }
    return merge;
  }

  #noteOwn(name: string, own: readonly Column[], added: readonly Column[]): void {
    this.#columns.staged.set(name, [...(this.#columns.staged.get(name) ?? []), ...added]);
    this.#own.set(name, own);
    this.done.ownColumns = { ...this.done.ownColumns, [name]: own.map(column => column.name) };
  }

  /** What the target's own columns say of rows that travel, by a key that means the same on both sides. */
  async carryOwnColumns(table: string, key: string): Promise<void> {
    const own = (this.#own.get(this.name(table)) ?? []).filter(column => !column.isGenerated);
    if (own.length === 0) return;
    const set = own.map(({ name }) => `staged.${quoteName(name)} = live.${quoteName(name)}`).join(', ');
    const isOwn = new Set(own.map(column => fold(column.name)));
    const others = this.stagedColumns(table).filter(column => !isOwn.has(fold(column.name)));
    await this.target.execute(
      `UPDATE ${this.at('staging', table)} AS staged JOIN ${this.at('live', table)} AS live
       ON staged.${quoteName(key)} = live.${quoteName(key)} SET ${set}${keepTouched(others, 'staged')}`,
    );
  }

  constructor(
    target: DatabaseConnection,
    plan: Plan,
    columns: { readonly live: Columns; readonly staged: Columns },
  ) {
    this.target = target;
    this.#plan = plan;
    this.#columns = columns;
  }

  /** The values of a column of the staged table, as the operand of IN. */
  staged(table: string, column: string): string {
    return `(SELECT k FROM (SELECT ${column} AS k FROM ${this.at('staging', table)}) AS travelling)`;
  }

  /** `become`: as keepRows has it. */
  async keep(
    table: string,
    key: string,
    stays: string,
    become: KeptRows['become'] = new Map(),
  ): Promise<void> {
    if (!this.isInBoth(table)) return;
    const name = this.name(table);
    const { database: live, staging } = this.#plan.target;
    this.done.kept[name] = await keepRows(this.target, {
      ...{ live, staging, table: name, key, stays },
      columns: this.commonColumns(table),
      become,
    });
  }

  /** Of a network that both sides have, settings with these names are what they are at the target: also none. */
  async protect(patterns: readonly string[]): Promise<void> {
    if (patterns.length === 0 || !this.isInBoth('sitemeta') || !this.isInBoth('site')) return;
    const { database: live, staging } = this.#plan.target;
    const sitemeta = this.name('sitemeta');
    const isProtected = buildNameMatch(this.target, 'meta_key', patterns);
    const networks = `(SELECT id FROM ${this.at('live', 'site')})`;
    await this.target.execute(
      `DELETE FROM ${this.at('staging', 'sitemeta')} WHERE ${isProtected} AND site_id IN ${networks}`,
    );
    this.done.protected = await keepRows(this.target, {
      ...{ live, staging, table: sitemeta, key: 'meta_id', columns: this.commonColumns('sitemeta') },
      stays: `${isProtected} AND site_id IN ${this.staged('site', 'id')}`,
    });
  }

  /** Quoted, in staging or live. */
  at(end: 'staging' | 'live', table: string): string {
    const { database, staging } = this.#plan.target;
    return quoteName(end === 'live' ? database : staging, this.name(table));
  }

  name(table: string): string {
    return this.#plan.target.tablePrefix + table;
  }

  isInBoth(table: string): boolean {
    const name = this.name(table);
    return this.#columns.live.has(name) && this.#columns.staged.has(name);
  }

  /** Those of the live table that the staged one has as well, and takes: what the server computes there, it computes. */
  commonColumns(table: string): string[] {
    const name = this.name(table);
    const taken = this.stagedColumns(table).filter(column => !column.isGenerated);
    const staged = new Set(taken.map(column => fold(column.name)));
    const live = this.#columns.live.get(name) ?? [];
    return live.map(column => column.name).filter(column => staged.has(fold(column)));
  }

  stagedColumns(table: string): readonly Column[] {
    return this.#columns.staged.get(this.name(table)) ?? [];
  }
}

/** As merge_rows has written them down. */
export function readOwnColumns({ steps }: Pick<TaskState, 'steps'>): ReadonlyMap<string, readonly string[]> {
  const { ownColumns } = (steps.merge_rows?.data ?? {}) as Partial<RowsMerged>;
  return new Map(Object.entries(ownColumns ?? {}));
}
