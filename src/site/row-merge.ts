import type { Plan } from '../migration/plan.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { type KeptRows, keepRows } from '../mysql/keep-rows.ts';
import { buildNameMatch } from '../mysql/match-names.ts';
import { type Column, readColumns } from '../mysql/read-columns.ts';
import { quoteName } from '../mysql/table-names.ts';
import type { SiteTask } from './site-task.ts';

/** For the journal: how many rows. */
export interface RowsMerged {
  /** By table. */
  readonly kept: Record<string, number>;
  protected?: number;
  /** Users who are new to the target. */
  addedUsers?: number;
  /** Users of the source who are at the target already. */
  knownUsers?: number;
}

type Columns = ReadonlyMap<string, readonly Column[]>;

/** The staged network tables and the live ones, of which rows are to stay. */
export class RowMerge {
  /** What was done, for the journal. */
  readonly done: RowsMerged = { kept: {} };
  readonly target: DatabaseConnection;
  readonly #plan: Plan;
  readonly #columns: { readonly live: Columns; readonly staged: Columns };

  static async begin(target: DatabaseConnection, plan: Plan, { tables }: SiteTask): Promise<RowMerge> {
    const names = tables.map(table => table.target);
    const [live, staged] = [
      await readColumns(target, plan.target.database, names),
      await readColumns(target, plan.target.staging, names),
    ];
    return new RowMerge(target, plan, { live, staged });
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

  /** Those of the live table that the staged one has as well. */
  commonColumns(table: string): string[] {
    const name = this.name(table);
    const staged = new Set(this.#columns.staged.get(name)?.map(column => column.name));
    const live = this.#columns.live.get(name) ?? [];
    return live.filter(column => staged.has(column.name) && !column.isGenerated).map(column => column.name);
  }
}
