import { MigrationError } from '../errors.ts';
import { readTask } from '../migration/state.ts';
import type { TaskId } from '../migration/words.ts';
import type { PhaseContext } from './phase.ts';

export type CacheContext = Pick<PhaseContext, 'plan' | 'recorder' | 'cache' | 'signal'>;

/** H61: WordPress would go on with what it has kept of the tables that were live before. A flush that fails is told in the
 *  end; only one that is required rejects, with `verification`. */
export async function flushCache({ plan, recorder, cache, signal }: CacheContext): Promise<void> {
  if (!cache) return;
  const results = await cache.flush(null, signal);
  await recorder.record({ type: 'migration.validated', results });
  const failed = results.find(result => !result.passed);
  if (!failed || !cache.required) return;
  throw new MigrationError('verification', `The object cache was not flushed: ${failed.error ?? ''}.`, {
    scope: 'migration',
    exit: 'partial',
    hint: `Fix it, then flush again: wfuwp env-migrate --resume ${plan.migrationId}`,
  });
}

/** After a site that was swapped in, where the configuration wants it. */
export async function flushAfterSite(
  { recorder, cache, signal }: CacheContext,
  taskId: TaskId,
): Promise<void> {
  if (!cache?.eachSite || readTask(recorder.state, taskId).status !== 'completed') return;
  const results = await cache.flush(taskId, signal);
  await recorder.record({ type: 'task.validated', taskId, results });
}
