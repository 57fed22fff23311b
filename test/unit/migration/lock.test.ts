// The lock of a run directory, with real processes. What is watched for 20 s is watched for 4 s here.

import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readProcess, readProcessSpace } from '../../../src/lib/process-space.ts';

vi.hoisted(() => {
  process.env.WFUWP_TEST_HURRY = '100';
});

const { takeRunLock, isLocked } = await import('../../../src/migration/lock.ts');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-lock-'));
  path = join(folder, '.migration-lock');
});
afterEach(() => rm(folder, { recursive: true }));

const MODULE = new URL('../../../src/migration/lock.ts', import.meta.url).href;

/** Another process that has taken the lock. */
async function startHolder() {
  const script = `const { takeRunLock } = await import('${MODULE}');
    const lock = await takeRunLock('${path}');
    console.log('taken');
    process.stdin.on('data', () => {
      try { lock.prove(); console.log('ours'); } catch (error) { console.log(error.code); }
    });`;
  const child = execa(process.execPath, ['--input-type=module', '--eval', script], { reject: false });
  const lines = child[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('taken');
  return {
    pid: child.pid!,
    kill: (signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL') => child.kill(signal),
    async asksWhose(): Promise<unknown> {
      child.stdin.write('?');
      return (await lines.next()).value;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/** Of all files, what a refused command could have changed. */
async function lookAround(): Promise<unknown> {
  const names = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    ['', ...names].map(async name => {
      const found = await stat(join(folder, name));
      return [
        name,
        found.mtimeMs,
        found.ino,
        found.isFile() ? await readFile(join(folder, name), 'utf8') : '',
      ];
    }),
  );
}

/** The lock of a process of another machine, which sends no heartbeats. */
async function forgeLock(changes: object = {}): Promise<string> {
  await mkdir(`${path}.d`);
  const holder = {
    pid: 7,
    host: 'elsewhere',
    since: 'then',
    processSpace: 's',
    start: '1',
    token: 't',
    beat: '1',
  };
  await writeFile(join(`${path}.d`, 'holder.json'), JSON.stringify({ ...holder, ...changes }));
  return join(`${path}.d`, 'holder.json');
}

describe('a lock', () => {
  it('of a living process of this machine is refused at once, and a refusal changes nothing', async () => {
    await using holder = await startHolder();
    const before = await lookAround();
    await expect(takeRunLock(path)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${holder.pid} on ${hostname()}`),
    });
    expect(await lookAround()).toEqual(before);
    expect(await holder.asksWhose()).toBe('ours');
    expect(await isLocked(path)).toMatchObject({ pid: holder.pid });
  });

  it('of a process that was killed is taken over at once', async () => {
    const holder = await startHolder();
    await holder[Symbol.asyncDispose]();
    const said: string[] = [];
    await using lock = await takeRunLock(path, { say: text => void said.push(text) });
    lock.prove();
    expect(said).toEqual([]);
  });

  it('of a process whose number another has by now is taken over at once', async () => {
    const file = await forgeLock();
    const holder = JSON.parse(await readFile(file, 'utf8')) as object;
    const here = { pid: process.pid, host: hostname(), processSpace: readProcessSpace(), start: '1' };
    await writeFile(file, JSON.stringify({ ...holder, ...here }));
    await using lock = await takeRunLock(path);
    lock.prove();
  });

  it('C01 of a process that is stopped is watched and taken over, and that one finds out before it writes', async () => {
    await using holder = await startHolder();
    holder.kill('SIGSTOP');
    await expect.poll(() => readProcess(holder.pid)?.isStopped).toBe(true);
    const said: string[] = [];
    {
      await using lock = await takeRunLock(path, { say: text => void said.push(text) });
      holder.kill('SIGCONT');
      expect(await holder.asksWhose()).toBe('locked');
      lock.prove();
    }
    expect(said.join()).toContain(`process ${holder.pid}`);
    // What the one that was stopped lets go of isn't the other's.
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([-86_400, -40, 40, 86_400])(
    'C08b of another machine whose clock is %d s off is not taken while it has heartbeats',
    async seconds => {
      const file = await forgeLock();
      let beat = 1;
      const beating = setInterval(() => {
        beat += 1;
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, text.replace(/"beat":"\d+"/, `"beat":"${beat}"`));
        utimesSync(file, Date.now() / 1_000 + seconds, Date.now() / 1_000 + seconds);
      }, 1_000);
      try {
        await expect(takeRunLock(path)).rejects.toMatchObject({ code: 'locked' });
        expect(await isLocked(path, { patiently: true })).toMatchObject({ host: 'elsewhere' });
      } finally {
        clearInterval(beating);
      }
    },
  );

  it.each(['of this version', 'of the version before'])(
    'of another machine that died is taken over after it was watched: %s',
    async version => {
      await forgeLock();
      if (version === 'of the version before') await rm(join(`${path}.d`, 'holder.json'));
      await using lock = await takeRunLock(path);
      lock.prove();
      expect(await isLocked(path)).toMatchObject({ pid: process.pid, host: hostname() });
    },
  );

  it('of a dead process is got by one of many who want it', async () => {
    const dead = { pid: 2 ** 22 + 1, host: hostname(), processSpace: readProcessSpace() };
    for (let round = 1; round <= 20; round += 1) {
      await forgeLock({ ...dead, token: `t${round}` });
      const takings = await Promise.allSettled(Array.from({ length: 6 }, () => takeRunLock(path)));
      const won = takings.flatMap(taking => (taking.status === 'fulfilled' ? [taking.value] : []));
      expect(won).toHaveLength(1);
      won[0]!.prove();
      for (const taking of takings)
        if (taking.status === 'rejected') expect(taking.reason).toMatchObject({ code: 'locked' });
      await won[0]![Symbol.asyncDispose]();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('ends the waiting when the user has had enough', async () => {
    await forgeLock();
    const stop = new AbortController();
    const taking = takeRunLock(path, { say: () => stop.abort(new Error('enough')), signal: stop.signal });
    await expect(taking).rejects.toThrow('enough');
    expect(await readdir(`${path}.d`)).toEqual(['holder.json']);
  });
});
