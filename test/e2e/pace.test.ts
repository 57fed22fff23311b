// How many sites a running migration has in flight: what its operator says, and what the state of its source says.

import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../src/migration/events.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { listRunIds, lockTable, ofType, onlyRunId, readLines, readState, waitUntil } from '../support/runs.ts';

const NETWORK = { sites: 7, scale: 0.02 };
/** With the main site. */
const SITES = 8;
const START = ['env-migrate', 'prod', 'stg', '--yes', '--sites-only'];

// They wait for each other's servers more than they work.
describe.concurrent('an operator', () => {
  it('tunes, pauses and continues a running migration', async () => {
    await using pair = await createEnvironments(NETWORK);
    await using sites = await holdSites(pair, SITES);
    const running = pair.start(...START, '--concurrency', '2');
    const run = await follow(pair);
    await run.until(lines => started(lines) === 2, 'two sites in flight');

    expect(await ask(pair, 'tune', run.id, '--concurrency', '4')).toMatchObject({
      migrationId: run.id,
      concurrency: 4,
      level: 4,
      startsPaused: false,
    });
    await run.until(lines => started(lines) === 4, 'four sites in flight');

    // Lower: none is broken off, and of those that finish only the last makes room.
    expect(await ask(pair, 'tune', run.id, '--concurrency', '1')).toMatchObject({ level: 1 });
    const [first, second, third, fourth] = ofType(await run.lines(), 'site.started').map(line => line.siteId);
    for (const siteId of [first, second, third]) await sites.release(siteId!);
    await run.until(lines => completed(lines) === 3, 'three sites completed');

    const paused = await ask(pair, 'pause', run.id);
    expect(paused).toMatchObject({ level: 1, startsPaused: true, pausedBy: expect.stringContaining('@') });
    expect(paused.nextCommands).toEqual([expect.stringContaining(`continue ${run.id}`)]);
    const tuned = await pair.run('env-migrate', 'tune', run.id, '--concurrency', '2');
    expect(tuned.stdout).toContain(`${run.id} takes 2 sites at once as soon as it is continued;`);
    expect(await ask(pair, 'tune', run.id, '--concurrency', '1')).toMatchObject({
      ...{ level: 1, startsPaused: true, isTuned: true, pausedBy: paused.pausedBy },
    });
    await sites.release(fourth!);
    await run.until(lines => completed(lines) === 4, 'four sites completed');
    const status = await pair.run('env-migrate', 'status');
    expect(status.stdout).toContain('paused by ');
    expect(status.stdout).toContain(`continue ${run.id}`);
    expect(started(await run.lines())).toBe(4);

    expect(await ask(pair, 'continue', run.id)).toMatchObject({ concurrency: 1, startsPaused: false });
    await run.until(lines => started(lines) === 5, 'the fifth site in flight');
    expect(await ask(pair, 'tune', run.id, '--concurrency', 'auto')).toMatchObject({
      concurrency: 'auto',
      level: 1,
    });
    await sites[Symbol.asyncDispose]();
    const { exitCode, stderr } = await running;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('nothing new is started');
    const lines = await run.lines();
    expect(ofType(lines, 'migration.tuned').map(line => line.change)).toEqual([
      'concurrency',
      'concurrency',
      'pause',
      'concurrency',
      'concurrency',
      'continue',
      'concurrency',
    ]);
    expect(lines.at(-1)?.type).toBe('migration.ended');
    expect(await readState(pair, run.id)).not.toHaveProperty('pace');
  });

  it('drains a paused run with Ctrl-C; it is resumed unpaused, and nobody can tune it in between', async () => {
    await using pair = await createEnvironments(NETWORK);
    await pair.configure(config => {
      config.environments.stg.limits = { concurrency: 1 };
    });
    await using sites = await holdSites(pair, SITES);
    const running = pair.start(...START, '--concurrency', '8');
    const run = await follow(pair);
    await run.until(lines => started(lines) === 1, 'a site in flight');
    await ask(pair, 'pause', run.id);
    await sites[Symbol.asyncDispose]();
    await run.until(lines => completed(lines) === 1, 'a site completed');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    const lines = await run.lines();
    expect(ofType(lines, 'migration.started')[0]?.pace).toMatchObject({ concurrency: 8, level: 1 });
    expect(started(lines)).toBe(1);
    expect(await readState(pair, run.id)).toMatchObject({ status: 'paused' });

    const refused = await pair.run('env-migrate', 'tune', run.id, '--concurrency', '2', '--json');
    expect(refused.exitCode).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: {
        message: expect.stringContaining('Nobody works on'),
        hint: expect.stringContaining('--resume'),
      },
    });
    expect(refused.stdout).toContain(`--resume ${run.id} --concurrency 2`);

    const resumed = await pair.run('env-migrate', '--resume', run.id, '--yes');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(completed(await run.lines())).toBe(SITES);
    const tooLate = await pair.run('env-migrate', 'continue', run.id);
    expect(tooLate).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('(completed)') });
  });
});

describe.concurrent('a source with a limit of threads', () => {
  it('is backed off from, waited for, and then migrated', async () => {
    await using pair = await createEnvironments(NETWORK);
    await pair.configure(config => {
      config.environments.prod.limits = { threadsRunning: 20 };
    });
    const { server } = pair.source;
    await using sites = await holdSites(pair, SITES);
    await using many = await keepBusy(server, 26);
    const running = pair.start(...START);
    const run = await follow(pair);
    await run.until(lines => changes(lines).includes('4 → 2'), 'half the concurrency');
    await using more = await keepBusy(server, 30);
    await run.until(lines => changes(lines).includes('2 → 0'), 'no concurrency at all');
    await sites[Symbol.asyncDispose]();
    await run.until(lines => completed(lines) === 4, 'the sites that were in flight');
    expect(started(await run.lines())).toBe(4);
    await more[Symbol.asyncDispose]();
    await many[Symbol.asyncDispose]();
    const { exitCode, stderr } = await running;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/Concurrency 4 → 2: \d+ threads running on the source \(limit 20\)\./);
    const lines = await run.lines();
    expect(changes(lines).slice(0, 3)).toEqual(['4 → 2', '2 → 0', '0 → 1']);
    expect(completed(lines)).toBe(SITES);
  });
});

/** Every site up to `count` waits until it is released. */
async function holdSites(
  { source }: Environments,
  count: number,
): Promise<AsyncDisposable & { release(siteId: number): Promise<void> }> {
  const siteIds = Array.from({ length: count }, (_, index) => index + 1);
  const locks = new Map<number, AsyncDisposable>();
  for (const siteId of siteIds) {
    const table = siteId === 1 ? 'wp_posts' : `wp_${siteId}_posts`;
    locks.set(siteId, await lockTable(source.server, `${source.database}.${table}`));
  }
  const release = async (siteId: number): Promise<void> => locks.get(siteId)?.[Symbol.asyncDispose]();
  return {
    release,
    async [Symbol.asyncDispose]() {
      for (const siteId of siteIds) await release(siteId);
    },
  };
}

/** So many queries that run, and do nothing. */
async function keepBusy(server: MariadbEndpoint, count: number): Promise<AsyncDisposable> {
  const connections = await Promise.all(
    Array.from({ length: count }, () =>
      mysql.createConnection({ socketPath: server.socketPath, user: 'root' }),
    ),
  );
  for (const connection of connections) {
    connection.on('error', () => {});
    connection.query('SELECT SLEEP(600)').catch(() => {});
  }
  let isOver = false;
  return {
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      for (const { threadId } of connections) await server.query(`KILL CONNECTION ${threadId}`);
    },
  };
}

interface Followed {
  readonly id: string;
  lines(): Promise<Recorded[]>;
  until(condition: (lines: readonly Recorded[]) => boolean, what: string): Promise<void>;
}

/** The run that was just started. */
async function follow(pair: Environments): Promise<Followed> {
  await waitUntil(async () => (await listRunIds(join(pair.cwd, 'logs'))).length > 0, 'a run');
  const id = await onlyRunId(pair);
  const lines = (): Promise<Recorded[]> => readLines(join(pair.cwd, 'logs', id));
  return { id, lines, until: (condition, what) => waitUntil(async () => condition(await lines()), what) };
}

/** What the run answers to a command of its operator. */
async function ask(pair: Environments, ...words: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await pair.run('env-migrate', ...words, '--json');
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const started = (lines: readonly Recorded[]): number => ofType(lines, 'site.started').length;
const completed = (lines: readonly Recorded[]): number => ofType(lines, 'site.completed').length;
const changes = (lines: readonly Recorded[]): string[] =>
  ofType(lines, 'concurrency.changed').map(({ from, to }) => `${from} → ${to}`);
