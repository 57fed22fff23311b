// A disk that is full: the target's, or that of the run directory.

import { existsSync } from 'node:fs';
import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { ofType, stagedTables, waitUntil } from '../../support/runs.ts';
import { useServers } from '../../support/servers.ts';
import { mountTmpfs, type Tmpfs, whyNoTmpfs } from '../../support/tmpfs.ts';

const whyNot = await whyNoTmpfs();
const MID_TABLE_BYTES = 500_000;

describe.skipIf(whyNot)(`on small file systems${whyNot}`, () => {
  describe("the target's disk", () => {
    let target: MariadbServer;
    let disk: Tmpfs;
    beforeAll(async () => {
      target = await startMariadbServer();
      disk = await moveToTmpfs(target);
    });
    afterAll(async () => {
      target.kill();
      await disk[Symbol.asyncDispose]();
      await target.stop();
    });

    it.each(['made free', 'made bigger'])(
      'is full: the run stops; %s, it is resumed to its end',
      async how => {
        await using bed = await FaultBed.create({ servers: { ...useServers(), target }, bigTable: true });
        const running = bed.start('--concurrency', '1');
        const line = await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
        // Too little for the table, enough for the server's own files: for those it would wait a minute.
        await disk.fill(700_000);
        line.release();
        const ended = await bed.end(running);
        expect(ended.exitCode, ended.text).toBe(20);
        expect(ended.summary).toMatchObject({
          status: 'failed',
          error: { code: 'space', hint: expect.stringMatching(/Free space.*--resume/) },
          nextCommands: expect.arrayContaining([expect.stringContaining('--resume')]),
        });
        if (how === 'made free') await disk.free();
        else await disk.resize('600m');
        await bed.expectWhole(await bed.completed());
        expect(await stagedTables(bed.pair)).toEqual([]);
        await bed.expectDone(await bed.resume());
        await disk.free();
      },
    );
  });

  describe('the disk of the run directory', () => {
    it('is full: the run drains and says so; made free, it is resumed to its end', async () => {
      await using bed = await FaultBed.create({ bigTable: true });
      await using disk = await mountTmpfs(join(bed.pair.cwd, 'logs'), '2m');
      const running = bed.start();
      const line = await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES });
      await disk.fill();
      line.release();
      const ended = await bed.end(running);
      expect(ended.exitCode, ended.text).toBe(20);
      expect(ended.text).toMatch(/journal|run directory/i);
      expect(ended.text).toContain('--resume');
      await disk.free();
      await bed.expectWhole(await bed.completed());
      await bed.expectDone(await bed.resume());
    });

    it('takes no new file, so no snapshot: the journal is enough', async () => {
      await using bed = await FaultBed.create({ bigTable: true });
      const logs = join(bed.pair.cwd, 'logs');
      await using _disk = await mountTmpfs(logs, '4m', 60);
      const running = bed.start();
      const line = await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES });
      await takeAllInodes(logs);
      line.release();
      const ended = await bed.end(running);
      // Its summary, which is a new file as well, could not be written; all else is done.
      expect(ended.exitCode, ended.text).toBe(3);
      const lines = await bed.readLines();
      expect(ofType(lines, 'migration.ended')).toMatchObject([{ status: 'completed' }]);
      await bed.expectDone({ ...ended, exitCode: 0 });
    });
  });
});

/** Its data folder becomes a small disk of its own. */
async function moveToTmpfs(server: MariadbServer): Promise<Tmpfs> {
  const data = join(server.dir, 'data');
  server.kill();
  await waitUntil(async () => !existsSync(`/proc/${server.pid}`), 'the end of the server');
  await rename(data, `${data}-before`);
  await mkdir(data);
  const disk = await mountTmpfs(data, '300m');
  await cp(`${data}-before`, data, { recursive: true });
  await server.restart();
  return disk;
}

async function takeAllInodes(path: string): Promise<void> {
  try {
    for (let i = 0; ; i += 1) await writeFile(join(path, `taken-${i}`), '');
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}
