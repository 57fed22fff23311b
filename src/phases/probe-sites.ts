// Probes of the target's sites over HTTP, before anything is changed and after it. What was broken before isn't blamed
// on the run.

import { MigrationError } from '../errors.ts';
import { type Probe, type Probed, probeSite } from '../http/probe-site.ts';
import { runPool } from '../lib/run-pool.ts';
import type { Plan, PlannedSite } from '../migration/plan.ts';
import { readTask } from '../migration/state.ts';
import { taskOf } from '../migration/task-ids.ts';
import type { ValidationResult, ValidationStage } from '../migration/validation.ts';
import { nameTask, type SiteId, type TaskId } from '../migration/words.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { quoteName } from '../mysql/table-names.ts';
import { createFindSource } from './find-source.ts';
import { judgeProbes, type ProbeLimits } from './judge-probes.ts';
import type { PhaseContext } from './phase.ts';

export interface ProbeSettings extends Probe, ProbeLimits {
  /** Sites at once. */
  readonly concurrency: number;
}

/** Of the sites that exist on the target and that the run has not touched yet. */
export async function probeBefore(context: PhaseContext): Promise<void> {
  const { plan, recorder, probes, taskIds } = context;
  if (!probes) return;
  const wanted = new Set(taskIds);
  const present = await readPresentSites(context);
  const sites = listReachable(plan, probes).filter(({ siteId }) => {
    const task = readTask(recorder.state, taskOf(siteId));
    const isKnown = task.validationResults?.some(result => result.stage === 'before') ?? false;
    return wanted.has(taskOf(siteId)) && present.has(siteId) && !isKnown && task.change === undefined;
  });
  await probeAll(sites, 'before', context, probes);
}

/** Of all sites that the run has completed and that the target serves. Rejects with `verification` when more fail, or they are slower, than is
 *  allowed. */
export async function probeAfter(context: PhaseContext): Promise<void> {
  const { plan, recorder, probes } = context;
  if (!probes) return;
  const present = await readPresentSites(context);
  const sites = listReachable(plan, probes).filter(
    ({ siteId }) => readTask(recorder.state, taskOf(siteId)).status === 'completed' && present.has(siteId),
  );
  if (sites.length === 0) return;
  await probeAll(sites, 'after', context, probes);
  const bySite = sites.map(site => ({
    siteId: site.siteId,
    results: (readTask(recorder.state, taskOf(site.siteId)).validationResults ?? []).filter(
      result => result.stage === 'after',
    ),
  }));
  const testedAt = new Date().toISOString();
  const results = judgeProbes(bySite, probes).map(
    (verdict): ValidationResult => ({ component: 'target', stage: 'after', testedAt, ...verdict }),
  );
  await recorder.record({ type: 'migration.validated', results });
  const failed = results.filter(result => !result.passed);
  if (failed.length > 0) throw explainRefusal(failed, plan.migrationId);
}

function explainRefusal(failed: readonly ValidationResult[], migrationId: string): MigrationError {
  const reasons = failed.map(({ error }) => error ?? '');
  return new MigrationError('verification', reasons.join(' '), {
    scope: 'migration',
    exit: 'partial',
    hint: `Look at these pages. Then probe again: wfuwp env-migrate --resume ${migrationId}; or go back: rollback ${migrationId}`,
    details: { tests: failed.map(({ test }) => test) },
  });
}

async function probeAll(
  sites: readonly PlannedSite[],
  stage: ValidationStage,
  { plan, recorder, signal }: PhaseContext,
  probes: ProbeSettings,
): Promise<void> {
  const findSource = createFindSource(plan);
  const probeOne = async (site: PlannedSite): Promise<void> => {
    const { siteId, path, targetDomain: domain } = site;
    const taskId = taskOf(siteId);
    const probed = await probeSite({ domain, path }, probes, findSource, signal);
    const before = readTask(recorder.state, taskId).validationResults ?? [];
    await recorder.record({
      type: 'task.validated',
      taskId,
      results: describe(taskId, stage, probed, before),
    });
  };
  await runPool(sites, probes.concurrency, probeOne, signal);
}

function describe(
  taskId: TaskId,
  stage: ValidationStage,
  { verdicts, latencyMs }: Probed,
  known: readonly ValidationResult[],
): ValidationResult[] {
  const testedAt = new Date().toISOString();
  const brokenBefore = new Set(
    known.filter(result => result.stage === 'before' && !result.passed).map(result => result.test),
  );
  return verdicts.map(({ test, error }) => ({
    component: nameTask(taskId),
    test,
    stage,
    passed: error === null,
    error,
    testedAt,
    ...(test === 'http_status' && latencyMs !== null ? { latencyMs } : {}),
    ...(stage === 'after' && error !== null && brokenBefore.has(test) ? { brokenBefore: true } : {}),
  }));
}

/** A host that no rule covers is the same on both sides. DNS would most likely lead to the source's server, whose pages
 *  prove nothing: such a site is asked for only where it is known which server is the target's. */
function listReachable({ sites, hosts }: Plan, { connectTo }: ProbeSettings): readonly PlannedSite[] {
  if (connectTo) return sites;
  const uncovered = new Set(hosts.filter(host => host.target === null).flatMap(host => host.siteIds));
  return sites.filter(site => !uncovered.has(site.siteId));
}

/** Those that the target's `blogs` has: others no WordPress would serve, nor one that is archived, deleted or spam. */
async function readPresentSites({ plan, onTarget }: PhaseContext): Promise<Set<SiteId>> {
  const { database, tablePrefix } = plan.target;
  const blogs = `${tablePrefix}blogs`;
  const rows = await onTarget(async target => {
    if (!(await readTableNames(target, database, [blogs])).has(blogs)) return [];
    return target.query<{ id: string | number }>(
      `SELECT blog_id AS id FROM ${quoteName(database, blogs)} WHERE NOT deleted AND NOT archived AND NOT spam`,
    );
  });
  return new Set(rows.map(row => Number(row.id)));
}
