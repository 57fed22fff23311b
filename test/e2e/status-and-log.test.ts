// What can be known of runs afterwards and meanwhile, through the real binary.

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import type { Outcome } from '../support/wfuwp.ts';

const NETWORK = { sites: 3, scale: 0.02 };

describe('status and log of an ended run', () => {
  let pair: Environments;
  let id: string;
  beforeAll(async () => {
    pair = await createEnvironments({ ...NETWORK, live: { ...NETWORK, domain: 'stg.example.edu', seed: 2 } });
    const { stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    id = JSON.parse(stdout || '{}').migrationId;
    expect(id, stdout + stderr).toBeTypeOf('string');
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it('status: the newest run, as text', async () => {
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'status');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`✔ ${id}`);
    expect(stdout).toContain('Status    completed');
    expect(stdout).toMatch(/✔ Sites: completed/);
    expect(stdout).toContain(`wfuwp env-migrate rollback ${id}`);
  });

  it('status: by the end of its id, as one object that says the same', async () => {
    const report = json(await pair.run('env-migrate', 'status', id.slice(-6), '--json'));
    expect(report).toMatchObject({
      id,
      source: 'prod',
      target: 'stg',
      status: 'completed',
      holder: null,
      damage: [],
      sites: { completed: 4, failed: 0 },
      failures: [],
    });
  });

  it('status --site: its steps, and what was created for it', async () => {
    const { site } = json(await pair.run('env-migrate', 'status', id, '--site', '2', '--json'));
    expect(site).toMatchObject({ siteId: 2, status: 'completed', attempts: 1 });
    expect(site.steps.map((step: { step: string }) => step.step)).toEqual(
      expect.arrayContaining(['inspect', 'copy_tables', 'verify_tables', 'cut_over', 'check_site']),
    );
    expect(site.resources).toContainEqual({
      kind: 'previous_table',
      name: `${pair.target.previous}.wp_2_posts`,
    });
    const { stdout } = await pair.run('env-migrate', 'status', id, '--site', '2');
    expect(stdout).toContain('✔ cut_over: completed');
    expect(stdout).toContain(`previous table ${pair.target.previous}.wp_2_`);
    const network = await pair.run('env-migrate', 'status', id, '--site', '0');
    expect(network.stdout).toContain('✔ network tables');
  });

  it('status --site of a site that is not in it: exit 2', async () => {
    expect(await pair.run('env-migrate', 'status', id, '--site', '4000')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('has no site 4000'),
    });
  });

  it('log: the journal in words', async () => {
    const { exitCode, stdout } = await pair.run('env-migrate', 'log', id);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Migration from prod to stg started');
    expect(stdout).toContain('Migration completed.');
    expect(stdout).not.toContain('DEBUG');
    const progress = await readFile(join(pair.cwd, 'logs', id, 'migration-progress.log'), 'utf8');
    const all = await pair.run('env-migrate', 'log', id, '--level', 'debug');
    expect(all.stdout.trim()).toBe(progress.trim());
  });

  it('log --last, --level, --site, --json', async () => {
    const last = await pair.run('env-migrate', 'log', id, '--last', '2');
    expect(last.stdout.trim().split('\n')).toHaveLength(2);
    expect(last.stdout).toContain('Migration completed.');
    const site = json(await pair.run('env-migrate', 'log', id, '--site', '2', '--json'));
    expect(site.migrationId).toBe(id);
    expect(new Set(site.lines.map((line: { siteId: number }) => line.siteId))).toEqual(new Set([2]));
    expect(site.lines.at(-1)).toMatchObject({ type: 'site.completed' });
    expect(json(await pair.run('env-migrate', 'log', id, '--level', 'error', '--json')).lines).toEqual([]);
  });

  it.each(['status', 'log'])('%s of a run that is not there: exit 10, and what is near', async command => {
    const wrong = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    const { exitCode, stderr } = await pair.run('env-migrate', command, wrong);
    expect(exitCode).toBe(10);
    expect(stderr).toContain(`Did you mean ${id}?`);
    expect((await pair.run('env-migrate', command, 'x', '--log-dir', 'nowhere')).exitCode).toBe(10);
  });

  it('a damaged copy: known as far as possible, told in words, and left as it is', async () => {
    const copy = id.replace(/.{6}$/, 'dddddd');
    const folder = join(pair.cwd, 'other');
    await mkdir(folder);
    await cp(join(pair.cwd, 'logs', id), join(folder, copy), { recursive: true });
    await rm(join(folder, copy, 'migration-plan.json'));
    await writeFile(join(folder, copy, 'migration-state.json'), '{"version":1,"sta');
    const before = await readdir(join(folder, copy));
    const { exitCode, stdout } = await pair.run('env-migrate', 'status', '--log-dir', 'other');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('4 of 4 sites done');
    expect(stdout).toContain("Damaged   migration-plan.json is missing: the run can't be resumed.");
    await rm(join(folder, copy, 'migration-journal.jsonl'));
    expect((await pair.run('env-migrate', 'status', 'dddddd', '--log-dir', 'other')).exitCode).toBe(10);
    expect((await pair.run('env-migrate', 'log', 'dddddd', '--log-dir', 'other')).exitCode).toBe(10);
    expect(await readdir(join(folder, copy))).toEqual(
      before.filter(name => name !== 'migration-journal.jsonl'),
    );
  });
});

describe('status of a run that goes on', () => {
  it('running while its process lives, interrupted as soon as it is killed; --watch ends with it', async () => {
    await using pair = await createEnvironments(NETWORK);
    const { server, database } = pair.source;
    const lock = await mysql.createConnection({ socketPath: server.socketPath, user: 'root' });
    await lock.query(`LOCK TABLES ${database}.wp_3_posts WRITE`);
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--json');
    const report = await waitForSite(pair, 3);
    expect(report).toMatchObject({ status: 'running', holder: { pid: running.pid }, phase: 'sites' });

    const waiting = pair.start('env-migrate', 'status', '--watch', '--json');
    const watching = pair.start('env-migrate', 'status', '--watch');
    const interrupted = pair.start('env-migrate', 'status', '--watch');
    await new Promise(resolve => interrupted.stdout.once('data', resolve));
    interrupted.kill('SIGINT');
    expect(await interrupted).toMatchObject({ exitCode: 0, stderr: '' });

    running.kill('SIGKILL');
    await running;
    expect(await watching).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('interrupted: nobody works on it'),
    });
    expect(json(await waiting)).toMatchObject({ status: 'interrupted', inFlight: [{ siteId: 3 }] });
    const { stdout } = await pair.run('env-migrate', 'status');
    expect(stdout).toContain('Broken off:');
    expect(stdout).toContain(`wfuwp env-migrate --resume ${report.id}`);
    await lock.end();
  });
});

// biome-ignore lint/suspicious/noExplicitAny: looked into with matchers
function json({ stdout, stderr }: { stdout?: unknown; stderr?: unknown } & Partial<Outcome>): any {
  expect(stderr).toBe('');
  return JSON.parse(String(stdout));
}

/** The report once only this site is left in progress. */
async function waitForSite(pair: Environments, siteId: number): Promise<{ id: string }> {
  for (;;) {
    const { exitCode, stdout } = await pair.run('env-migrate', 'status', '--json');
    const report = exitCode === 0 ? JSON.parse(stdout) : null;
    if (report?.inFlight.length === 1 && report.inFlight[0].siteId === siteId && report.sites.pending === 0)
      return report;
    await sleep(200);
  }
}
