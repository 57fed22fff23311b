// A database server that dies, restarts, stays away or has no connection to spare while a table is on its way.

import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { ofType, waitUntil } from '../../support/runs.ts';
import { createUser, type DatabaseUser } from '../../support/servers.ts';

let servers: { source: MariadbServer; target: MariadbServer };
beforeAll(async () => {
  const [source, target] = await Promise.all([startMariadbServer(), startMariadbServer()]);
  servers = { source, target };
});
afterAll(() => Promise.all([servers.source.stop(), servers.target.stop()]));

type End = keyof typeof servers;

describe.each<End>(['source', 'target'])('the %s in mid table', end => {
  it('is killed and restarts: the run waits for it and goes on to its end', async () => {
    await using bed = await FaultBed.create({ servers, bigTable: true });
    const running = bed.start();
    await killInMidTable(bed, end);
    await bed.waitForRetry('connection');
    await servers[end].restart();
    await bed.expectDone(await bed.end(running));
  });

  it('is killed and stays away: the run stops, and is resumed when the server is back', async () => {
    await using bed = await FaultBed.create({ servers, bigTable: true });
    const running = bed.start('--reconnect-timeout', '0.02');
    await killInMidTable(bed, end);
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(20);
    expect(ended.summary).toMatchObject({
      status: 'failed',
      error: {
        code: 'connection',
        message: expect.stringMatching(new RegExp(`connecting to ${end} .*tried for`, 'i')),
        hint: expect.stringContaining('--resume'),
      },
      nextCommands: expect.arrayContaining([expect.stringContaining('--resume')]),
    });
    await servers[end].restart();
    await bed.expectWhole(await bed.completed());
    await bed.expectDone(await bed.resume());
  });

  it('has no connection to spare: the run waits until it has', async () => {
    await using bed = await FaultBed.create({ servers, bigTable: true });
    const running = bed.start();
    await midTable(bed, end);
    {
      await using crowd = await Crowd.gather(servers[end]);
      (end === 'source' ? bed.toSource : bed.toTarget).cut();
      await waitUntil(async () => {
        await crowd.takeAll();
        const retries = ofType(await bed.readLines(), 'step.retried');
        return retries.some(retry => retry.error.details?.errno === ER_CON_COUNT_ERROR);
      }, 'an attempt that got no connection');
    }
    await bed.expectDone(await bed.end(running));
  });
});

const MID_TABLE_BYTES = 500_000;

function midTable(bed: FaultBed, end: End) {
  return end === 'source'
    ? bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES })
    : bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
}

async function killInMidTable(bed: FaultBed, end: End): Promise<void> {
  const line = await midTable(bed, end);
  servers[end].kill();
  line.release();
}

const ER_CON_COUNT_ERROR = 1040;

/** Has all connections of a server but the one that it keeps for root. */
class Crowd implements AsyncDisposable {
  readonly #server: MariadbServer;
  readonly #member: DatabaseUser;
  readonly #usualMost: number;
  readonly #connections: mysql.Connection[] = [];

  private constructor(server: MariadbServer, member: DatabaseUser, usualMost: number) {
    this.#server = server;
    this.#member = member;
    this.#usualMost = usualMost;
  }

  static async gather(server: MariadbServer): Promise<Crowd> {
    const [row] = await server.query<{ most: number }>('SELECT @@max_connections AS most');
    await server.query('SET GLOBAL max_connections = 10');
    return new Crowd(server, await createUser(server), row!.most);
  }

  async takeAll(): Promise<void> {
    const { socketPath } = this.#server;
    try {
      for (;;) this.#connections.push(await mysql.createConnection({ socketPath, ...this.#member }));
    } catch (error) {
      expect((error as { errno: number }).errno).toBe(ER_CON_COUNT_ERROR);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map(connection => connection.end()));
    await this.#server.query(`SET GLOBAL max_connections = ${this.#usualMost}`);
  }
}
