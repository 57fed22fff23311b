// What may stand where a run's directory should be made, or is. Other users' folders need root to make them.

import { chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRunFolder, proveRunFolder } from '../../../src/migration/run-folder.ts';
import { whyNotRoot } from '../../support/why-not.ts';

let folder: string;
let logs: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-folder-'));
  logs = join(folder, 'logs');
});
afterEach(() => rm(folder, { recursive: true }));

const RUN = 'env-migrate-2026-11-21T02-30-00-abc123';
const make = (): Promise<void> => makeRunFolder(join(logs, RUN));

describe('the folder of a new run', () => {
  it('is made with all that is missing, for its user and group only', async () => {
    await makeRunFolder(join(logs, 'a', 'b', RUN));
    for (const path of [logs, join(logs, 'a', 'b', RUN)])
      expect((await stat(path)).mode & 0o777 & ~process.umask()).toBe(0o750 & ~process.umask());
  });

  it('may be reached by a link to a folder of its user', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), logs);
    await make();
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([RUN]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a link that leads nowhere', () => symlink(join(folder, 'nowhere'), logs), 'ELOOP'],
    ['a link to itself', () => symlink(logs, logs), 'ELOOP'],
    ['a file', () => writeFile(logs, ''), 'ENOTDIR'],
    ['a pipe', () => execa('mkfifo', [logs]), 'ENOTDIR'],
    ['a link to /proc/self', () => symlink('/proc/self', logs), 'usage'],
    ['a link to /proc', () => symlink('/proc', logs), 'usage'],
    ['a link to a device', () => symlink('/dev/null', logs), 'ENOTDIR'],
  ])('is refused where the folder of the runs is %s', async (_, put, why) => {
    if (process.platform !== 'linux') return;
    await put();
    const failure = await make().then(
      () => expect.fail('it was made'),
      error => error as Error,
    );
    expect(failure).toMatchObject({ code: 'usage', exitCode: 2 });
    if (why !== 'usage') expect(failure.message).toContain(why);
    expect(failure.message).toContain(logs);
  });

  it.skipIf(whyNotRoot)(
    `is refused in a folder of another user, also behind a link${whyNotRoot}`,
    async () => {
      const foreign = join(folder, 'foreign');
      await mkdir(foreign);
      await chown(foreign, 65_534, 65_534);
      await expect(makeRunFolder(join(foreign, RUN))).rejects.toMatchObject({ code: 'usage' });
      await symlink(foreign, logs);
      await expect(make()).rejects.toMatchObject({ code: 'usage', details: { uid: 65_534 } });
      expect(await readdir(foreign)).toEqual([]);
    },
  );
});

describe('the folder of a run that is there', () => {
  it('is gone on with when it is a real one of this user', async () => {
    await make();
    await proveRunFolder(join(logs, RUN));
  });

  it('is refused as a link', async () => {
    await mkdir(logs);
    await mkdir(join(folder, 'moved'));
    await symlink(join(folder, 'moved'), join(logs, RUN));
    await expect(proveRunFolder(join(logs, RUN))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is a link'),
    });
  });

  it.skipIf(whyNotRoot)(`is refused when another user owns it${whyNotRoot}`, async () => {
    await make();
    await chown(join(logs, RUN), 65_534, 65_534);
    await expect(proveRunFolder(join(logs, RUN))).rejects.toMatchObject({ code: 'usage' });
  });
});
