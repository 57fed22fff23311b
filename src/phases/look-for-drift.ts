import type { Drift } from '../migration/events.ts';
import type { Plan, PlanEnd } from '../migration/plan.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import { taskOf } from '../migration/task-ids.ts';
import type { SiteId } from '../migration/words.ts';
import { type Blog, readBlogs } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { quoteName } from '../mysql/table-names.ts';
import type { PhaseContext } from './phase.ts';

/** Tells what has become of the source's sites since the plan was made. A source that can't be asked any more is told as
 *  well, and stops nothing: all that was to be migrated is. */
export async function lookForDrift(context: PhaseContext): Promise<void> {
  const { plan, recorder, signal, onSource, onTarget } = context;
  let drift: Drift[];
  try {
    const source = await onSource(connection => readBlogs(connection, nameBlogs(plan.source)));
    // Without network tables the target's rows are not of this run.
    const target = plan.network
      ? await onTarget(connection => readBlogs(connection, nameBlogs(plan.target)))
      : null;
    drift = findSiteDrift(plan, recorder.state, source, target);
  } catch (error) {
    signal.throwIfAborted();
    const { message } = classifyDatabaseError(
      error,
      'looking for sites that were created or deleted meanwhile',
    );
    await recorder.record({ type: 'check.reported', code: 'drift_unseen', outcome: 'warning', message });
    return;
  }
  for (const found of drift) await recorder.record({ type: 'drift.found', ...found });
}

function nameBlogs({ database, tablePrefix }: PlanEnd): string {
  return quoteName(database, `${tablePrefix}blogs`);
}

const FLAGS = ['archived', 'spam', 'deleted'] as const;

/** Pure. `source`: its blogs now; `target`: the rows that the run has brought, null: none. */
export function findSiteDrift(
  plan: Plan,
  state: Readonly<MigrationState>,
  source: readonly Blog[],
  target: readonly Blog[] | null,
): Drift[] {
  const planned = new Map(plan.sites.map(site => [site.siteId, site]));
  const known = new Set<SiteId>([
    ...planned.keys(),
    ...plan.leftOut.map(site => site.siteId),
    ...(plan.network?.siteIds ?? []),
  ]);
  const brought = new Map(target?.map(blog => [blog.siteId, blog]));
  const drift: Drift[] = [];
  for (const blog of source) {
    const { siteId } = blog;
    if (!known.has(siteId)) {
      const message = `created at the source after the plan was made (${blog.domain}${blog.path}), and no part of this run. Migrate it with --include-sites ${siteId}.`;
      drift.push({ taskId: taskOf(siteId), kind: 'site_created', message });
      continue;
    }
    const changes = [
      ...describeAddress(blog, planned.get(siteId)),
      ...describeFlags(blog, brought.get(siteId)),
    ];
    if (changes.length === 0 || !planned.has(siteId)) continue;
    const message = `${changes.join('; ')} at the source. The target has it as it was; --include-sites ${siteId} brings it.`;
    drift.push({ taskId: taskOf(siteId), kind: 'site_changed', message });
  }
  const present = new Set(source.map(blog => blog.siteId));
  for (const siteId of planned.keys()) {
    if (present.has(siteId) || readTask(state, taskOf(siteId)).status !== 'completed') continue;
    const message = 'deleted at the source after it was copied; the target has it.';
    drift.push({ taskId: taskOf(siteId), kind: 'site_deleted', message });
  }
  return drift;
}

function describeAddress(blog: Blog, planned?: { readonly domain: string; readonly path: string }): string[] {
  if (!planned || (planned.domain === blog.domain && planned.path === blog.path)) return [];
  return [`its address has changed from ${planned.domain}${planned.path} to ${blog.domain}${blog.path}`];
}

function describeFlags(blog: Blog, brought?: Blog): string[] {
  if (!brought) return [];
  return FLAGS.filter(flag => blog[flag] !== brought[flag]).map(flag =>
    blog[flag] ? `it has become ${flag}` : `it is no longer ${flag}`,
  );
}
