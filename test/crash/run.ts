// The crash suite in its long form: hundreds of kills over all named points and random moments, each followed by a
// look at every table of the target; two processes on one target, started together 50 times; and a run of 500 sites of
// which 450 fail. One line a kill. Ends with 1 when anything was not as it should be.
//
//   node test/crash/run.ts [--kills 220] [--workers 2] [--seed 1] [--races 50] [--many 500]

import { parseArgs } from 'node:util';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { CrashBed, type KillOutcome } from './crash-bed.ts';
import { type Kill, killsAtMoments, killsAtPoints, nameKill, seededRandom } from './kills.ts';
import { failManySites } from './many-failures.ts';
import { createRace, race } from './race.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '220' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    races: { type: 'string', default: '50' },
    many: { type: 'string', default: '500' },
  },
});
const [kills, workers, seed, races, many] = [
  values.kills,
  values.workers,
  values.seed,
  values.races,
  values.many,
].map(Number) as [number, number, number, number, number];

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
process.exitCode = failed > 0 ? 1 : 0;

async function killManyTimes(): Promise<void> {
  const beds = await Promise.all(Array.from({ length: workers }, () => CrashBed.create(servers)));
  try {
    // The first runs also fill the cache of compiled modules.
    for (const bed of beds) await bed.runCleanly();
    const runMs = Math.min(...(await Promise.all(beds.map(bed => bed.runCleanly()))));
    say(`A run that nobody kills takes ${Math.round(runMs)} ms.`);
    const queue = shuffle([...killsAtPoints([1, 2, 3, 5, 8]), ...killsAtMoments(kills, runMs, random)]);
    const outcomes: KillOutcome[] = [];
    await Promise.all(beds.map(bed => work(bed, queue, runMs, outcomes)));
    const bad = outcomes.filter(outcome => outcome.problems.length > 0).length;
    failed += bad;
    say(`${outcomes.length} kills, ${outcomes.length - bad} passed, ${bad} failed`);
  } finally {
    for (const bed of beds) await bed[Symbol.asyncDispose]();
  }
}

/** Takes moments off the queue until it is empty and there were enough kills. */
async function work(bed: CrashBed, queue: Kill[], runMs: number, outcomes: KillOutcome[]): Promise<void> {
  for (;;) {
    if (queue.length === 0 && outcomes.length < kills)
      queue.push(...killsAtMoments(LONGEST_CHAIN, runMs, random));
    const chain = queue.splice(0, 1 + Math.floor(random() * LONGEST_CHAIN));
    if (chain.length === 0) return;
    const round = await bed.runRound(chain);
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
