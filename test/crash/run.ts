// The crash suite in its long form: hundreds of kills over all named points and random moments, of migrations, rollbacks
// and cleanups, each followed by a look at every table of the target; two processes on one target, started together 50
// times; two runs that die on one target and are resumed in any order; and a run of 500 sites of which 450 fail. Processes that are stopped and wake up when another has taken their
// run over; journals, plans, options and states that were damaged; directories that were copied or moved; machines whose
// clocks differ. One line a try. Ends with 1 when anything was not as it should be.
//
//   node test/crash/run.ts [--kills 220] [--workers 2] [--seed 1] [--races 50] [--pairs 200] [--many 500]
//                          [--takeovers 200] [--journals 300] [--edits 40] [--copies 50] [--skews 14]

import { parseArgs } from 'node:util';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { tryCopiedRuns } from './copied-runs.ts';
import { CrashBed, type KillOutcome } from './crash-bed.ts';
import { type Tries, tryDamagedRuns } from './damaged-runs.ts';
import { tryDyingPairs } from './dying-pairs.ts';
import { type Deed, type Kill, killsAtMoments, killsAtPoints, nameKill, seededRandom } from './kills.ts';
import { failManySites } from './many-failures.ts';
import { createRace, race } from './race.ts';
import { trySkews } from './skews.ts';
import { tryTakeovers } from './takeovers.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '220' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    races: { type: 'string', default: '50' },
    pairs: { type: 'string', default: '200' },
    many: { type: 'string', default: '500' },
    takeovers: { type: 'string', default: '200' },
    journals: { type: 'string', default: '300' },
    edits: { type: 'string', default: '40' },
    copies: { type: 'string', default: '50' },
    skews: { type: 'string', default: '14' },
  },
});
const [kills, workers, seed, races, many] = [
  values.kills,
  values.workers,
  values.seed,
  values.races,
  values.many,
].map(Number) as [number, number, number, number, number];
const counts = {
  pairs: Number(values.pairs),
  takeovers: Number(values.takeovers),
  journals: Number(values.journals),
  edits: Number(values.edits),
  copies: Number(values.copies),
  skews: Number(values.skews),
};

/** Kills in a row on one run at most. */
const LONGEST_CHAIN = 6;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const random = seededRandom(seed);
let failed = 0;

await using source = await startMariadbServer();
await using target = await startMariadbServer();
const servers = { source, target };

if (kills > 0) await killManyTimes();
if (races > 0) await startTogether();
if (many > 0) failed += (await failManySites(servers, many, say)) ? 0 : 1;
const tries = (count: number): Tries => ({ count, random, say });
if (counts.pairs > 0) failed += await tryDyingPairs(servers, tries(counts.pairs));
if (counts.takeovers > 0) failed += await tryTakeovers(servers, tries(counts.takeovers));
if (counts.journals > 0) failed += await tryDamagedRuns(servers, 'journals', tries(counts.journals));
if (counts.edits > 0) failed += await tryDamagedRuns(servers, 'files', tries(counts.edits));
if (counts.copies > 0) failed += await tryCopiedRuns(servers, tries(counts.copies));
if (counts.skews > 0) failed += await trySkews(servers, tries(counts.skews));
process.exitCode = failed > 0 ? 1 : 0;

async function killManyTimes(): Promise<void> {
  const beds = await Promise.all(Array.from({ length: workers }, () => CrashBed.create(servers)));
  const emptyBed = await CrashBed.create(servers, { emptyTarget: true });
  try {
    // The first runs also fill the cache of compiled modules.
    for (const bed of beds) await bed.runCleanly('migrate');
    const runMs = await measureDeeds(beds[0]!);
    say(
      `Nobody killed: a migration ${runMs.migrate} ms, a rollback ${runMs.rollback}, a cleanup ${runMs.cleanup}.`,
    );
    const outcomes: KillOutcome[] = [];
    const atRandom = (during: Deed, count: number): Kill[] =>
      killsAtMoments(during, Math.ceil(count), runMs[during], random);
    const queue = shuffle([
      ...killsAtPoints('migrate', [1, 2, 3, 5, 8]),
      ...atRandom('migrate', kills),
      ...killsAtPoints('rollback', [1, 2, 3, 5]),
      ...atRandom('rollback', kills / 8),
      ...killsAtPoints('cleanup', [1, 2, 4]),
      ...atRandom('cleanup', kills / 16),
    ]);
    await Promise.all(beds.map(bed => work(bed, queue, outcomes)));
    // Sites that are new to the target are taken away again.
    const back = shuffle([...killsAtPoints('rollback', [1, 2, 4]), ...atRandom('rollback', kills / 16)]);
    await work(emptyBed, back, outcomes);
    const bad = outcomes.filter(outcome => outcome.problems.length > 0).length;
    failed += bad;
    say(`${outcomes.length} kills, ${outcomes.length - bad} passed, ${bad} failed`);
    for (const during of ['migrate', 'rollback', 'cleanup'] as const)
      say(`  ${outcomes.filter(({ kill }) => kill.during === during).length} during ${during}`);
  } finally {
    for (const bed of [...beds, emptyBed]) await bed[Symbol.asyncDispose]();
  }
}

async function measureDeeds(bed: CrashBed): Promise<Record<Deed, number>> {
  return {
    migrate: Math.round(await bed.runCleanly('migrate')),
    rollback: Math.round(await bed.runCleanly('rollback')),
    cleanup: Math.round(await bed.runCleanly('cleanup')),
  };
}

/** Takes moments off the queue until it is empty. */
async function work(bed: CrashBed, queue: Kill[], outcomes: KillOutcome[]): Promise<void> {
  for (;;) {
    const chain = takeChain(queue);
    if (!chain[0]) return;
    const round = await bed.runRound(chain[0].during, chain);
    for (const outcome of round.kills) {
      // What is wrong in the end may be the fault of any kill of the round.
      const problems = [...outcome.problems, ...round.problems];
      outcomes.push({ ...outcome, problems });
      const { kill, runId, swapped } = outcome;
      say(
        `${String(outcomes.length).padStart(4)}  ${problems.length === 0 ? 'passed' : 'FAILED'}  ${swapped} new  ${runId.slice(-6)}  ${nameKill(kill)}`,
      );
      for (const problem of problems) say(`      ${problem}`);
    }
    // Later in the queue they may be the first of a round; a first one that is not reached never will be.
    if (round.kills.length > 0) queue.push(...round.notReached.filter(kill => kill.kind === 'point'));
  }
}

/** Some that come in one round: all during the same deed. */
function takeChain(queue: Kill[]): Kill[] {
  const length = 1 + Math.floor(random() * LONGEST_CHAIN);
  const chain = queue.filter(kill => kill.during === queue[0]?.during).slice(0, length);
  for (const kill of chain) queue.splice(queue.indexOf(kill), 1);
  return chain;
}

async function startTogether(): Promise<void> {
  let bad = 0;
  for (const apart of [false, true]) {
    await using pair = await createRace(servers, { apart });
    for (let round = 0; round < races / 2; round += 1) {
      const { problems } = await race(pair);
      if (problems.length > 0) bad += 1;
      for (const problem of problems) say(`      ${problem}`);
    }
  }
  failed += bad;
  say(`${races} times two processes on one target: ${races - bad} times exactly one ran, ${bad} failed`);
}

function shuffle<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
