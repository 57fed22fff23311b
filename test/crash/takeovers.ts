// A process is stopped at some point for longer than its locks last, another one resumes the run, and the first wakes up:
// before the other has ended, or after. Waits are a tenth of what they are for users.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KillPoint } from '../../src/lib/kill-points.ts';
import { readProcess } from '../../src/lib/process-space.ts';
import { readJournal } from '../../src/migration/journal.ts';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { createEnvironments } from '../support/environments.ts';
import { differences, listRunIds, loadOracle, stagedTables, waitUntil } from '../support/runs.ts';
import type { Tries } from './damaged-runs.ts';
import { NETWORK, type Servers } from './run-bed.ts';

const HURRY = '10';
/** Longer than the first one's lease lasts, and its watching. */
const LEASE_MS = 60_000;

/** Where the first process is stopped. */
const POINTS: readonly [KillPoint, least: number, most: number][] = [
  ['before journal write', 2, 30],
  ['before rename', 1, 3],
  ['after rename, before its record', 1, 3],
  ['mid table', 1, 6],
  ['before step.started', 1, 12],
  ['before step.completed', 1, 8],
  ['before site.completed', 1, 3],
  // The first two are plan and options.
  ['mid snapshot', 3, 5],
];

export async function tryTakeovers(servers: Servers, { count, random, say }: Tries): Promise<number> {
  let bad = 0;
  let stopped = 0;
  const oracle = await loadOracle(servers.target, NETWORK);
  for (let done = 1; done <= count; done += 1) {
    const [point, least, most] = POINTS[done % POINTS.length]!;
    const at = `${point}#${least + Math.floor(random() * (most - least + 1))}`;
    const wakes = random() < 0.5 ? 'meanwhile' : 'afterwards';
    const problems = await takeOver(servers, { at, wakes, oracle, random });
    const isStopped = problems !== 'never stopped';
    const isBad = isStopped && problems.length > 0;
    if (isStopped) stopped += 1;
    if (isBad) bad += 1;
    const verdict = isBad ? 'FAILED' : isStopped ? 'passed' : 'ended before';
    say(`${String(done).padStart(4)}  ${verdict}  stopped at ${at}, wakes ${wakes}`);
    if (isBad) for (const problem of problems) say(`      ${problem}`);
  }
  say(`${count} take-overs, of which ${stopped} stopped the run: ${bad} failed`);
  return bad;
}

interface TakeOver {
  readonly at: string;
  /** While the second process is at work, or once it has ended. */
  readonly wakes: 'meanwhile' | 'afterwards';
  readonly oracle: ReadonlyMap<string, string>;
  readonly random?: () => number;
}

/** Empty: it went as it should. `never stopped`: the run came to its end before that point, which says nothing. */
export async function takeOver(
  servers: Servers,
  { at, wakes, oracle, random = Math.random }: TakeOver,
): Promise<string[] | 'never stopped'> {
  await using pair = await createEnvironments({ ...NETWORK, servers });
  pair.env.WFUWP_TEST_HURRY = HURRY;
  pair.env.WFUWP_STOP_AT = at;
  const first = pair.start('env-migrate', 'prod', 'stg', '--yes', '--concurrency', '2');
  delete pair.env.WFUWP_STOP_AT;
  const problems: string[] = [];
  const pid = first.pid!;
  let ended = false;
  const end = first.then(outcome => {
    ended = true;
    return outcome;
  });
  await waitUntil(async () => ended || readProcess(pid)?.isStopped === true, `the run to stop at ${at}`);
  if (ended) return 'never stopped';
  const [id = ''] = await listRunIds(join(pair.cwd, 'logs'));
  const directory = new RunDirectory(join(pair.cwd, 'logs', id));
  // A quick run writes its first snapshot when it has ended.
  const journal = await readJournal(directory.journal).catch(() => null);
  if (journal?.lines.some(line => line.type === 'migration.ended')) {
    first.kill('SIGCONT');
    await end;
    return 'never stopped';
  }
  const resume = ['env-migrate', '--resume', id, '--yes', '--concurrency', '1'];
  let isOver = false;
  const going = (async () => {
    let outcome = await pair.run(...resume);
    // The lease lasts a few seconds longer than the lock.
    const giveUpAt = performance.now() + LEASE_MS;
    while (outcome.exitCode === 11 && performance.now() < giveUpAt) outcome = await pair.run(...resume);
    isOver = true;
    return outcome;
  })();
  if (wakes === 'meanwhile') {
    const isTaken = async (): Promise<boolean> =>
      (await readJournal(directory.journal)).lines.some(line => line.type === 'migration.resumed');
    await waitUntil(
      async () => isOver || (await isTaken().catch(() => false)),
      'the second process to begin',
    );
    await sleep(Math.round(200 * random()));
  } else {
    await going;
  }
  first.kill('SIGCONT');
  const second = await going;
  const woken = await end;
  if (second.exitCode !== 0) problems.push(`the second ended with ${second.exitCode}: ${second.stderr}`);
  if (woken.exitCode !== 11 && woken.exitCode !== 20)
    problems.push(`the first ended with ${woken.exitCode}: ${woken.stderr}${woken.stdout}`);
  const wrong = await differences(pair, oracle);
  if (wrong.length > 0) problems.push(`not as it should be: ${wrong.join(', ')}`);
  const staged = await stagedTables(pair);
  if (staged.length > 0) problems.push(`left in staging: ${staged.join(', ')}`);
  const damage = await readJournal(directory.journal).then(() => null, String);
  if (damage) problems.push(damage);
  const summary = await directory.readSummary();
  if (summary?.status !== 'completed') problems.push(`its summary says ${summary?.status ?? 'nothing'}`);
  // Nobody has to be outwaited any more.
  delete pair.env.WFUWP_TEST_HURRY;
  const back = await pair.run('env-migrate', 'rollback', id, '--yes');
  if (back.exitCode !== 0) problems.push(`the rollback ended with ${back.exitCode}: ${back.stderr}`);
  return problems;
}
