// The address of a server leads to another one all of a sudden.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Environments } from '../../support/environments.ts';
import { FaultBed } from '../../support/fault-bed.ts';
import { checksumTables } from '../../support/generate-network.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { startRogueServer, toError } from '../../support/rogue-server.ts';
import { ofType, waitUntil } from '../../support/runs.ts';
import { useServers } from '../../support/servers.ts';

const MID_TABLE_BYTES = 500_000;

describe('a failover in mid table', () => {
  it('of the source, to a server with the same data: the run goes on there', async () => {
    await using first = await startMariadbServer();
    await using bed = await FaultBed.create({
      servers: { ...useServers(), source: first },
      bigTable: true,
    });
    const running = bed.start();
    const line = await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES });
    await using second = await takeOver(first);
    bed.toSource.redirect(second.port);
    line.release();
    const ended = await bed.end(running);
    await bed.expectDone(ended, at(bed.pair, { source: second }));
    await first.restart();
  });

  it('of the target, to a server that has all that was written: the run goes on there', async () => {
    await using first = await startMariadbServer();
    await using bed = await FaultBed.create({
      servers: { ...useServers(), target: first },
      bigTable: true,
    });
    const running = bed.start();
    const line = await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    await using second = await takeOver(first);
    bed.toTarget.redirect(second.port);
    line.release();
    await bed.expectDone(await bed.end(running), at(bed.pair, { target: second }));
    await first.restart();
  });

  it('of the target, to a server that does not know the run: it stops and touches nothing there', async () => {
    await using first = await startMariadbServer();
    await using bed = await FaultBed.create({
      servers: { ...useServers(), target: first },
      bigTable: true,
    });
    await using stranger = await takeOver(first);
    await first.restart();
    const before = await picture(stranger);
    const running = bed.start();
    await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    bed.toTarget.redirect(stranger.port);
    bed.toTarget.cut();
    const ended = await bed.end(running);

    expect(ended.exitCode, ended.text).toBe(11);
    expect(ended.summary).toMatchObject({
      status: 'failed',
      sites: { completed: 0 },
      error: {
        code: 'locked',
        message: expect.stringContaining('Another server answers at the address'),
        hint: expect.stringContaining('--resume'),
      },
    });
    expect(await picture(stranger)).toEqual(before);
    await bed.expectWhole(await bed.completed());
    bed.toTarget.redirect(first.port);
    await bed.expectDone(await bed.resume());
    const cutOver = ofType(await bed.readLines(), 'step.completed').filter(line => line.step === 'cut_over');
    expect(new Set(cutOver.map(line => line.siteId)).size).toBe(cutOver.length);
  });
});

describe('the moments of a failover', () => {
  it('C07 a target that takes no writes for a while: it is waited for, and no site fails', async () => {
    await using target = await startMariadbServer();
    await using bed = await FaultBed.create({ servers: { ...useServers(), target }, bigTable: true });
    const running = bed.start();
    const line = await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    // The server lets what is being written end first.
    const readOnly = target.query('SET GLOBAL read_only = 1');
    line.release();
    await readOnly;
    await bed.waitForRetry('connection');
    await target.query('SET GLOBAL read_only = 0');
    await bed.expectDone(await bed.end(running));
  });

  it.each([
    ['in place of its greeting', { asks: [], greets: toError(1040, 'Too many connections') }],
    ['to every statement', { asks: [], saysToStatement: toError(9001, 'Max connect timeout reached') }],
  ])('C07 a proxy that answers with errors %s: it is waited for', async (_, answers) => {
    await using proxy = await startRogueServer(answers);
    await using bed = await FaultBed.create({ bigTable: true });
    const running = bed.start();
    await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    bed.toTarget.redirect(proxy.port);
    bed.toTarget.cut();
    await bed.waitForRetry('connection');
    bed.toTarget.redirect(useServers().target.port);
    await bed.expectDone(await bed.end(running));
  });
});

/** The server dies, and another one starts with its data. */
async function takeOver(first: MariadbServer): Promise<MariadbServer> {
  first.kill();
  await waitUntil(async () => !existsSync(`/proc/${first.pid}`), 'the end of the server');
  return startMariadbServer({ dataFrom: join(first.dir, 'data') });
}

function at(pair: Environments, moved: { source?: MariadbServer; target?: MariadbServer }): Environments {
  const { source, target } = pair;
  return {
    ...pair,
    source: { ...source, server: moved.source ?? source.server },
    target: { ...target, server: moved.target ?? target.server },
  };
}

/** All that a server holds. */
async function picture(server: MariadbServer): Promise<unknown> {
  const databases = await server.query<{ name: string }>(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'stg%'",
  );
  return Promise.all(
    databases.map(async ({ name }) => {
      const own = await server.query(
        'SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
        [name],
      );
      return [name, own.length, await checksumTables(server, name)];
    }),
  );
}
