// C3 The log of a run that goes on.

import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { followLog } from '../../src/cli/follow-log.ts';
import type { Recorded } from '../../src/migration/events.ts';
import { takeRunLock } from '../../src/migration/lock.ts';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { createEnvironments } from '../support/environments.ts';
import { killAt, lockTable, onlyRunId, waitForHeldQuery } from '../support/runs.ts';
import { PROGRAM } from '../support/wfuwp.ts';

const NETWORK = { sites: 3, scale: 0.02 };

it('goes on as the run goes on, and ends with it', async () => {
  await using pair = await createEnvironments(NETWORK);
  const { server, database } = pair.source;
  await using held = await lockTable(server, `${database}.wp_2_posts`);
  const running = pair.start('env-migrate', 'prod', 'stg', '--yes');
  await waitForHeldQuery(server, database, 'wp_2_posts');
  const following = pair.start('env-migrate', 'log', await onlyRunId(pair), '--follow');
  await new Promise(resolve => following.stdout!.once('data', resolve));
  await held[Symbol.asyncDispose]();
  expect((await running).exitCode).toBe(0);
  const { exitCode, stdout, stderr } = await following;
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('Migration from prod to stg started');
  expect(stdout.trimEnd().split('\n').at(-1)).toContain('Migration completed.');
  expect(stderr).toBe('');
  const again = await pair.run('env-migrate', 'log');
  expect(again.stdout).toBe(stdout);
});

it('says of a run that died that nobody works on it, and takes neither --json nor --last', async () => {
  await using pair = await createEnvironments(NETWORK);
  const id = await killAt(pair, 'before rename', 2, 'env-migrate', 'prod', 'stg', '--yes');
  const { exitCode, stderr, stdout } = await pair.run(
    'env-migrate',
    'log',
    id,
    '--follow',
    '--level',
    'debug',
  );
  expect(exitCode).toBe(0);
  expect(stdout).toContain('cutting over');
  expect(stderr).toContain('Interrupted: nobody works on the run.');
  for (const flag of [['--json'], ['--last', '3']])
    expect((await pair.run('env-migrate', 'log', id, '--follow', ...flag)).exitCode).toBe(2);
});

it('shows no line before its end is there, and none twice', async () => {
  const directory = new RunDirectory(await mkdtemp(join(tmpdir(), 'wfuwp-follow-')));
  await mkdir(directory.path, { recursive: true });
  const lineOf = (seq: number): string =>
    JSON.stringify({
      seq,
      at: '2026-11-21T02:30:00.000Z',
      level: 'info',
      type: 'phase.started',
      phase: 'sites',
    });
  const lock = await takeRunLock(directory.lock, { signal: new AbortController().signal });
  await writeFile(directory.journal, `${lineOf(1)}\n${lineOf(2).slice(0, 20)}`);
  const stop = new AbortController();
  const wants = (): boolean => true;
  const given = { directory, wants, signal: stop.signal, say: () => {}, intervalMs: 20 };
  const seen: number[] = [];
  const reading = (async () => {
    for await (const line of followLog(given) as AsyncGenerator<Recorded>) {
      seen.push(line.seq);
      if (line.seq === 1) await appendFile(directory.journal, `${lineOf(2).slice(20)}\n${lineOf(3)}`);
      if (line.seq === 2) setTimeout(() => stop.abort(), 200);
    }
  })();
  await reading;
  expect(seen).toEqual([1, 2]);
  await lock[Symbol.asyncDispose]();
  await rm(directory.path, { recursive: true });
});

it('ends when its reader has gone', async () => {
  const logs = await mkdtemp(join(tmpdir(), 'wfuwp-follow-'));
  const directory = new RunDirectory(join(logs, 'env-migrate-2026-11-21T02-30-00-abc123'));
  await mkdir(directory.path);
  let seq = 0;
  const add = (): Promise<void> => {
    seq += 1;
    const line = {
      seq,
      at: '2026-11-21T02:30:00.000Z',
      level: 'info',
      type: 'phase.started',
      phase: 'sites',
    };
    return appendFile(directory.journal, `${JSON.stringify(line)}\n`);
  };
  await add();
  const lock = await takeRunLock(directory.lock);
  const adding = setInterval(() => void add(), 200);
  const command = `"$0" "$1" env-migrate log --follow --log-dir "$2" | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout } = await execa('bash', ['-c', command, process.execPath, PROGRAM, logs], {
    timeout: 20_000,
  });
  clearInterval(adding);
  expect(stdout.split('\n')).toEqual([expect.stringContaining('Sites: started'), '0']);
  await lock[Symbol.asyncDispose]();
  await rm(logs, { recursive: true });
});
