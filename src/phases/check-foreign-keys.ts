import { list } from '../lib/text.ts';
import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { type ForeignKey, readKeysCheaply } from '../mysql/read-foreign-keys.ts';
import { nameFlavour } from '../mysql/read-server.ts';
import { nameKey } from './find-target-keys.ts';
import { createFindUnit } from './find-unit.ts';
import type { PhaseContext } from './phase.ts';

/** Foreign keys that were made after the plan, which would have named them: a swap has taken them along. To ask before
 *  each swap would cost MariaDB the opening of every table of the target. */
export async function checkForeignKeys({
  plan,
  recorder,
  signal,
  onTarget,
}: Pick<PhaseContext, 'plan' | 'recorder' | 'signal' | 'onTarget'>): Promise<void> {
  let bound: ForeignKey[];
  try {
    bound = await onTarget(target => findTakenKeys(target, plan, recorder.state));
  } catch (error) {
    signal.throwIfAborted();
    const { message } = classifyDatabaseError(error, 'looking for foreign keys that were taken along');
    await recorder.record({
      type: 'check.reported',
      code: 'foreign_keys_unseen',
      outcome: 'warning',
      message,
    });
    return;
  }
  if (bound.length === 0) return;
  const names = list(bound.map(key => nameKey(key, plan.target.database)));
  const error = `foreign keys were made while the run went on, and the swap has taken them along; drop them and make them again: ${names}`;
  const result = { component: 'target', test: 'foreign_keys', stage: 'after', passed: false } as const;
  await recorder.record({
    type: 'migration.validated',
    results: [{ ...result, error, testedAt: new Date().toISOString() }],
  });
}

async function findTakenKeys(
  target: DatabaseConnection,
  plan: Plan,
  state: MigrationState,
): Promise<ForeignKey[]> {
  const { database, staging, previous, tablePrefix, serverVersion } = plan.target;
  const swapped = listUnits(plan).filter(({ taskId }) => readTask(state, taskId).status === 'completed');
  const findUnit = createFindUnit(tablePrefix, swapped);
  const live = await readTableNames(target, database, { prefix: '' });
  const keys = await readKeysCheaply(target, {
    flavour: nameFlavour(serverVersion),
    database,
    tables: [...live].filter(table => findUnit(table) === undefined),
  });
  const isKept = (place: string): boolean => place === staging || place === previous;
  return (keys ?? []).filter(key => {
    const isOut = isKept(key.database);
    if (isOut === isKept(key.referencedDatabase)) return false;
    return findUnit(isOut ? key.table : key.referencedTable) !== undefined;
  });
}
