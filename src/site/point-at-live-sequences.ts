import { rowIdOf } from '../migration/task-ids.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { findSequenceDefaults } from '../mysql/definition/find-leads.ts';
import { readDefinitions } from '../mysql/read-definition.ts';
import { nameLeftover } from '../mysql/swap-tables.ts';
import { quoteName } from '../mysql/table-names.ts';
import type { StepContext } from './step.ts';

/** A sequence that stands in live only so that defaults can name it, and the name by which the cutover moves it away. */
export interface Placeholder {
  readonly table: string;
  readonly leftover: string;
}

/** MariaDB writes a default's sequence down with its database, RENAME doesn't follow it, and nothing may be named that isn't
 *  there. So the staged tables, which have taken numbers from the staged sequences, are made to take them from the live
 *  ones right before both are swapped in. Where live has none, it gets one for the moment, which the same RENAME moves
 *  away again: a rollback finds live as it was. May be called twice. */
export async function pointAtLiveSequences(
  { plan, task, outgoing, stagedDefinitions }: StepContext,
  target: DatabaseConnection,
): Promise<Placeholder[]> {
  const sequences = task.tables.filter(({ kind }) => kind === 'sequence').map(table => table.target);
  if (sequences.length === 0) return [];
  const { database: live, staging } = plan.target;
  const missing = sequences.filter(name => !outgoing?.includes(name));
  const names = task.tables.filter(({ kind }) => kind === undefined).map(table => table.target);
  const definitions = await readDefinitions(
    target,
    names.map(name => ({ database: staging, name })),
  );
  const changes = names.flatMap((name, index) => {
    const defaults = findSequenceDefaults(definitions[index]!);
    const clauses = defaults.map(
      ({ column, write }) =>
        `ALTER COLUMN ${quoteName(column)} SET DEFAULT ${write(({ name: sequence }) => quoteName(live, sequence))}`,
    );
    return clauses.length > 0 ? [{ name, clauses }] : [];
  });
  if (changes.length === 0) return [];
  try {
    for (const name of missing)
      await target.execute(`CREATE SEQUENCE IF NOT EXISTS ${quoteName(live, name)}`);
    for (const { name, clauses } of changes) {
      await target.execute(`ALTER TABLE ${quoteName(staging, name)} ${clauses.join(', ')}`);
      stagedDefinitions.forget(name);
    }
  } catch (error) {
    throw classifyDatabaseError(error, `pointing defaults at the sequences of ${live} on ${target.label}`);
  }
  return missing.map(table => ({ table, leftover: nameLeftover(rowIdOf(task.taskId), table) }));
}
