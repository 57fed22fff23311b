import type { DatabaseConnection } from '../../mysql/client.ts';
import { readColumns } from '../../mysql/read-columns.ts';
import { quoteName } from '../../mysql/table-names.ts';
import type { Step } from '../step.ts';

/** Of `blogs` and `blogmeta`, every row of the target whose blog doesn't travel stays: it joins the staged table, which
 *  so far holds only the source's rows. The rows are moved inside the target's server and are not rewritten. */
export const mergeRows: Step = {
  name: 'merge_rows',
  async run({ plan, task, connections }) {
    const target = await connections.target();
    const { database: live, staging, tablePrefix } = plan.target;
    const blogs = `${tablePrefix}blogs`;
    const blogmeta = `${tablePrefix}blogmeta`;
    const names = task.tables.map(table => table.target);
    const columns = await readColumns(target, live, [blogs, blogmeta]);
    const stays = `blog_id NOT IN (SELECT blog_id FROM (SELECT blog_id FROM ${quoteName(staging, blogs)}) AS travelling)`;
    const kept: Record<string, number> = {};
    // One transaction, so that a step that is run again finds all of it done or nothing.
    await target.execute('START TRANSACTION');
    // blogmeta first: what stays is told from the staged blogs, which must not hold the kept ones yet.
    for (const [table, key] of [
      [blogmeta, 'meta_id'],
      [blogs, 'blog_id'],
    ] as const) {
      const have = columns.get(table);
      if (!have || !names.includes(table)) continue;
      kept[table] = await keepRows(target, {
        live,
        staging,
        table,
        key,
        stays,
        columns: have.map(column => column.name),
      });
    }
    await target.execute('COMMIT');
    return { kept };
  },
};

interface Keep {
  readonly live: string;
  readonly staging: string;
  readonly table: string;
  readonly key: string;
  readonly stays: string;
  readonly columns: readonly string[];
}

/** Kept rows keep their key where it is free. Where a row of the source has it, they get a new one: `meta_id` means
 *  nothing outside its table. */
async function keepRows(target: DatabaseConnection, keep: Keep): Promise<number> {
  const staged = quoteName(keep.staging, keep.table);
  const from = `${quoteName(keep.live, keep.table)} WHERE ${keep.stays}`;
  const taken = `${quoteName(keep.key)} IN (SELECT k FROM (SELECT ${quoteName(keep.key)} AS k FROM ${staged}) AS taken)`;
  const all = keep.columns.map(column => quoteName(column)).join(', ');
  const rest = keep.columns
    .filter(column => column !== keep.key)
    .map(column => quoteName(column))
    .join(', ');
  const clashing = await target.execute(
    `INSERT INTO ${staged} (${rest}) SELECT ${rest} FROM ${from} AND ${taken}`,
  );
  const free = await target.execute(
    `INSERT INTO ${staged} (${all}) SELECT ${all} FROM ${from} AND NOT ${taken}`,
  );
  return clashing.affectedRows + free.affectedRows;
}
