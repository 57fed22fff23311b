// A machine whose clock is ahead or behind calls a command while another one works on the run: it is refused, and the one
// that works notices nothing. Needs Debian's libfaketime, installed or unpacked (WFUWP_FAKETIME names the file).

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { readJournal } from '../../src/migration/journal.ts';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { createEnvironments } from '../support/environments.ts';
import { differences, listRunIds, loadOracle, lockTable, waitForHeldQuery } from '../support/runs.ts';
import { PROGRAM } from '../support/wfuwp.ts';
import type { Tries } from './damaged-runs.ts';
import { NETWORK, type Servers } from './run-bed.ts';

const PLACES = [
  process.env.WFUWP_FAKETIME ?? '',
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
];
/** Another machine as far as the locks tell: its processes can't be asked for from here. */
const AS_OTHER_HOST = ['--uts', 'bash', '-c', 'hostname other-host; exec "$@"', '-'];
const SKEWS = ['+5s', '-5s', '+25s', '-25s', '+40s', '-40s', '+10m', '-10m', '+3h', '-3h', '+1d', '-1d'];
const COMMANDS = [['--resume'], ['rollback'], ['cleanup']] as const;

export async function trySkews(servers: Servers, { count, say }: Tries): Promise<number> {
  const library = PLACES.find(path => path !== '' && existsSync(path));
  if (!library) {
    say('SKIPPED: clock skews. There is no libfaketime here; WFUWP_FAKETIME may name one.');
    return 0;
  }
  if ((await execa('unshare', ['--uts', 'true'], { reject: false })).exitCode !== 0) {
    say('SKIPPED: clock skews. This user may not give a process another host name (unshare --uts).');
    return 0;
  }
  let bad = 0;
  const oracle = await loadOracle(servers.target, NETWORK);
  for (let done = 1; done <= count; done += 1) {
    const skew = SKEWS[done % SKEWS.length]!;
    const command = COMMANDS[done % COMMANDS.length]!;
    const problems = await trySkew(servers, { skew, command, library, oracle });
    if (problems.length > 0) bad += 1;
    say(
      `${String(done).padStart(4)}  ${problems.length === 0 ? 'passed' : 'FAILED'}  ${command.join(' ')} by a clock that is ${skew} off`,
    );
    for (const problem of problems) say(`      ${problem}`);
  }
  say(`${count} commands of machines with other clocks: ${bad} failed`);
  return bad;
}

interface Skew {
  readonly skew: string;
  readonly command: readonly string[];
  readonly library: string;
  readonly oracle: ReadonlyMap<string, string>;
}

async function trySkew(servers: Servers, { skew, command, library, oracle }: Skew): Promise<string[]> {
  await using pair = await createEnvironments({ ...NETWORK, servers });
  const { source } = pair;
  const problems: string[] = [];
  const held = await lockTable(source.server, `${source.database}.wp_3_posts`);
  const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--concurrency', '1');
  await waitForHeldQuery(source.server, source.database, 'wp_3_posts');
  const [id = ''] = await listRunIds(join(pair.cwd, 'logs'));
  const env = {
    ...pair.env,
    LD_PRELOAD: library,
    FAKETIME: skew,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  const args = ['env-migrate', ...command, id, '--yes'];
  const refused = await execa('unshare', [...AS_OTHER_HOST, process.execPath, PROGRAM, ...args], {
    ...{ cwd: pair.cwd, env, reject: false, stdin: 'ignore' },
  });
  if (refused.exitCode !== 11) problems.push(`it ended with ${refused.exitCode}: ${refused.stderr}`);
  await held[Symbol.asyncDispose]();
  const { exitCode, stderr } = await running;
  if (exitCode !== 0) problems.push(`the running one ended with ${exitCode}: ${stderr}`);
  const wrong = await differences(pair, oracle);
  if (wrong.length > 0) problems.push(`not as it should be: ${wrong.join(', ')}`);
  const damage = await readJournal(new RunDirectory(join(pair.cwd, 'logs', id)).journal).then(
    () => null,
    String,
  );
  if (damage) problems.push(damage);
  return problems;
}
