// What the bookkeeping of a run costs by itself: journal, state, recorder, executor, snapshot and progress log of many
// sites whose work is nothing. On a real disk, as every line is synced.
//
//   node test/bench/many-sites.ts [--sites 20000] [--concurrency 8] [--dir FOLDER]
//
// Targets: under 2 ms a site, no stall of the event loop over 100 ms, under 400 MB.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createLocalExecutor } from '../../src/executors/local.ts';
import { Slots } from '../../src/executors/slots.ts';
import { limitHeap } from '../../src/lib/limit-heap.ts';
import { Journal } from '../../src/migration/journal.ts';
import { Recorder } from '../../src/migration/recorder.ts';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { initialState } from '../../src/migration/state.ts';
import { summarize } from '../../src/migration/summary.ts';
import { makeTask } from '../../src/phases/make-task.ts';
import { createProgressLog } from '../../src/sinks/progress-log.ts';
import { createStateSnapshot } from '../../src/sinks/state-snapshot.ts';
import { SITE_STEPS, type SiteTask } from '../../src/site/site-task.ts';
import { MIGRATION_ID, samplePlan } from '../support/sample-plan.ts';

const { values } = parseArgs({
  options: {
    sites: { type: 'string', default: '20000' },
    concurrency: { type: 'string', default: '8' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const [sites, concurrency] = [Number(values.sites), Number(values.concurrency)];
// As a run does it. The npm script begins with the young generation that loading the whole program brings.
limitHeap();

const folder = await mkdtemp(join(values.dir, 'wfuwp-many-'));
const directory = new RunDirectory(join(folder, MIGRATION_ID));
await directory.create();
const plan = samplePlan(sites);
const journal = await Journal.open(directory.journal);
let snapshots = 0;
const sinks = [
  createProgressLog(directory.progressLog, plan),
  createStateSnapshot(async text => {
    snapshots += 1;
    await directory.writeState(text);
  }),
];
const recorder = new Recorder({ journal, state: initialState(MIGRATION_ID), sinks });

const delay = monitorEventLoopDelay({ resolution: 1 });
await new Promise(resolve => setTimeout(resolve, 50));
delay.enable();
const startedAt = performance.now();

await recorder.record({
  type: 'migration.started',
  source: 'prod',
  target: 'stg',
  planDigest: plan.digest,
  siteIds: plan.sites.map(site => site.siteId),
  network: false,
  pid: process.pid,
  host: 'here',
});
await recorder.record({ type: 'phase.started', phase: 'sites' });
const tasks = plan.sites.values().map(site => makeTask(recorder.state, site.siteId, site.tables, SITE_STEPS));
const executor = createLocalExecutor(new Slots(concurrency));
const { signal } = new AbortController();
await executor.run(tasks, { mayStart: () => true, runTask: reportNothing, signal });
await recorder.record({ type: 'phase.completed', phase: 'sites' });
await recorder.record({ type: 'migration.ended', status: 'completed' });

const tookMs = performance.now() - startedAt;
delay.disable();
const peakBytes = process.resourceUsage().maxRSS * 1024;
for (const sink of sinks) await sink.close?.();
await journal[Symbol.asyncDispose]();
const summaryStartedAt = performance.now();
summarize(plan, recorder.state);
const summaryMs = performance.now() - summaryStartedAt;
const journalBytes = (await stat(directory.journal)).size;
const stateBytes = (await stat(directory.state)).size;
await rm(folder, { recursive: true });

const figures = {
  sites,
  concurrency,
  msPerSite: Number((tookMs / sites).toFixed(3)),
  longestStallMs: Math.round(delay.max / 1e6),
  stallP99Ms: Math.round(delay.percentile(99) / 1e6),
  peakMb: Math.round(peakBytes / 1024 ** 2),
  events: recorder.state.lastSeq,
  snapshots,
  journalMb: Math.round(journalBytes / 1024 ** 2),
  stateMb: Math.round(stateBytes / 1024 ** 2),
  summaryMs: Math.round(summaryMs),
  heapMb: Math.round(process.memoryUsage().heapUsed / 1024 ** 2),
};
console.log(JSON.stringify(figures, null, 2));
const isGood = figures.msPerSite < 2 && figures.longestStallMs < 100 && figures.peakMb < 400;
console.log(isGood ? 'All three targets are met.' : 'A target is missed.');

/** Says what the real one says of a site, and waits where it waits. */
async function reportNothing(task: SiteTask): Promise<void> {
  const { siteId, attempt } = task;
  await recorder.record({ type: 'site.started', siteId, attempt });
  const names = task.tables.map(table => table.target);
  for (const step of task.steps) {
    const kind = step === 'cut_over' ? 'previous_table' : 'staging_table';
    const makes = step === 'cut_over' || step === 'copy_tables';
    const resources = makes
      ? names.map(name => ({ kind, name: `${plan.target.staging}.${name}` }) as const)
      : [];
    const started = recorder.record({ type: 'step.started', siteId, step, attempt: 1, resources });
    if (makes) await started;
    for (const table of step === 'copy_tables' ? names : []) {
      const copied = {
        table,
        rows: 1,
        bytes: 1,
        checksum: '1b2f3c4d5e6f7081',
        sourceChecksum: '1b2f3c4d5e6f7081',
        changedByColumn: {},
        left: [],
      };
      void recorder.record({ type: 'table.copied', siteId, copied });
    }
    await started;
    const completed = recorder.record({ type: 'step.completed', siteId, step });
    if (step === 'cut_over') await completed;
  }
  await recorder.record({ type: 'site.completed', siteId, rows: 1, bytes: 1 });
}
