import type { CopiedTable } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import { NETWORK, rowIdOf } from '../migration/task-ids.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { CopiedSite, CopiedSiteKey } from '../mysql/copied-sites.ts';
import { countSourceRows } from '../mysql/copy-table.ts';
import { digestDefinition } from '../mysql/read-definition.ts';
import { describeRecipe } from './recipe.ts';
import type { SiteTask } from './site-task.ts';
import type { StepContext } from './step.ts';

export function keyOf({ target }: Plan, { taskId }: SiteTask): CopiedSiteKey {
  return { database: target.database, tablePrefix: target.tablePrefix, siteId: rowIdOf(taskId) };
}

/** What is written down of the site once its staged tables are live. Their definitions are read while they are still
 *  this run's alone. null: of the network tables, into which rows of the target are merged, of a copy that an older
 *  version of the program has begun, and of one with ids of users who may be known next time. */
export async function describeCopy(
  {
    plan,
    task,
    copiedTables,
    stagedDefinitions,
  }: Pick<StepContext, 'plan' | 'task' | 'copiedTables' | 'stagedDefinitions'>,
  target: DatabaseConnection,
): Promise<CopiedSite | null> {
  if (task.taskId === NETWORK) return null;
  const tables: CopiedSite['tables'][number][] = [];
  for (const table of task.tables) {
    const copied = copiedTables.get(table.target);
    if (copied?.sourceDefinition === undefined || hasUnknownUsers(copied)) return null;
    const staged = await stagedDefinitions.read(target, {
      database: plan.target.staging,
      name: table.target,
    });
    const { rows, checksum, sourceChecksum, sourceDefinition } = copied;
    tables.push({
      source: {
        table: table.source,
        definition: sourceDefinition,
        rows: countSourceRows(copied),
        checksum: sourceChecksum,
      },
      target: { table: table.target, definition: digestDefinition(staged), rows, checksum },
    });
  }
  return { migrationId: plan.migrationId, recipe: describeRecipe(plan), tables };
}

const hasUnknownUsers = ({ treated = [] }: CopiedTable): boolean =>
  treated.some(({ rule }) => rule === 'leave_unknown_users');
