// Where the runs are kept, or a file of a run, something stands that isn't what it should be: the program says so and
// ends, changes nothing, and never waits for it.

import { chown, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { killAt } from '../support/runs.ts';
import { whyNotLinux, whyNotRoot } from '../support/why-not.ts';

const START = ['env-migrate', 'prod', 'stg', '--yes'];

let pair: Environments;
let logs: string;
beforeAll(async () => {
  pair = await createEnvironments({ sites: 1, scale: 0.02 });
  logs = join(pair.cwd, 'logs');
});
afterAll(() => pair[Symbol.asyncDispose]());
beforeEach(() => rm(logs, { recursive: true, force: true }));

const liveTables = (): Promise<Map<string, string>> =>
  checksumTables(pair.target.server, pair.target.database);

describe.skipIf(whyNotLinux)(`a run is not begun, and nothing hangs, where logs is${whyNotLinux}`, () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a link to /proc/self', () => symlink('/proc/self', logs)],
    ['a link to /proc', () => symlink('/proc', logs)],
    ['a pipe', () => execa('mkfifo', [logs])],
    ['a link that leads nowhere', () => symlink(join(pair.cwd, 'nowhere'), logs)],
    ['a link to itself', () => symlink(logs, logs)],
  ])('%s', async (_, put) => {
    await put();
    const { exitCode, stderr } = await pair.run(...START);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toContain('--log-dir');
    expect(await liveTables()).toEqual(new Map());
  });

  it.skipIf(whyNotRoot)(`a link to another user's folder${whyNotRoot}`, async () => {
    const foreign = join(pair.cwd, 'foreign');
    await mkdir(foreign);
    await chown(foreign, 65_534, 65_534);
    await symlink(foreign, logs);
    const { exitCode, stderr } = await pair.run(...START);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('belongs to another user');
    expect(await readdir(foreign)).toEqual([]);
  });
});

describe('a run that was killed is not gone on with', () => {
  let id: string;
  beforeEach(async () => {
    id = await killAt(pair, 'before rename', 1, ...START);
  });

  it.each(['journal.jsonl', 'plan.json', 'config.json'])('with a pipe as its %s', async name => {
    const path = join(logs, id, `migration-${name}`);
    await rm(path);
    await execa('mkfifo', [path]);
    const resumed = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(resumed.exitCode, resumed.stderr).toBe(10);
    const { stdout } = await pair.run('env-migrate', 'status', id, '--json');
    expect(JSON.parse(stdout).damage).not.toEqual([]);
  });

  it('in a directory that has become a link', async () => {
    await rename(join(logs, id), join(pair.cwd, 'away'));
    await symlink(join(pair.cwd, 'away'), join(logs, id));
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is a link');
    await rm(join(pair.cwd, 'away'), { recursive: true });
  });

  it('with a link as its journal, which leads to a file of somebody else', async () => {
    const path = join(logs, id, 'migration-journal.jsonl');
    await rename(path, join(pair.cwd, 'elsewhere.jsonl'));
    await symlink(join(pair.cwd, 'elsewhere.jsonl'), path);
    const { exitCode } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode).toBe(10);
    await rm(join(pair.cwd, 'elsewhere.jsonl'));
  });
});
