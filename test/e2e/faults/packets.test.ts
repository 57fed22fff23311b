// max_allowed_packet of the target is lowered while a run is at work: a row that the plan still took for small enough.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { lockTable, stagedTables, waitForHeldQuery } from '../../support/runs.ts';
import { useServers } from '../../support/servers.ts';

let target: MariadbServer;
beforeAll(async () => {
  target = await startMariadbServer();
});
afterAll(() => target.stop());

const ROW_BYTES = 3_000_000;

describe.each(['insert', 'load_data'])('max_allowed_packet lowered below a row, loading by %s', method => {
  it('fails no other site, and is mended by raising it', async () => {
    await using bed = await FaultBed.create({ servers: { ...useServers(), target } });
    const { server, database } = bed.pair.source;
    await server.query(
      `CREATE TABLE ${database}.wp_2_plugin (id INT PRIMARY KEY, v LONGTEXT)
       AS SELECT 1 AS id, REPEAT('x', ${ROW_BYTES}) AS v`,
    );
    await bed.rememberSource();
    await target.query(`SET GLOBAL local_infile = ${method === 'insert' ? 0 : 1}`);
    const [before] = await target.query<{ bytes: number }>('SELECT @@GLOBAL.max_allowed_packet AS bytes');

    // Held before it has a connection to the target.
    await using held = await lockTable(server, `${database}.wp_blogs`);
    const running = bed.start();
    await waitForHeldQuery(server, database, 'wp_blogs');
    await target.query('SET GLOBAL max_allowed_packet = 1048576');
    await held[Symbol.asyncDispose]();
    const ended = await bed.end(running);
    await target.query(`SET GLOBAL max_allowed_packet = ${before!.bytes}`);
    if (method === 'load_data') return await bed.expectDone(ended);

    expect(ended.exitCode, ended.text).toBe(3);
    expect(ended.summary).toMatchObject({
      status: 'completed_with_failures',
      sites: { completed: 2, failed: 1 },
      failures: [
        {
          code: 'packet_too_large',
          siteIds: [2],
          example: { message: expect.stringContaining('wp_2_plugin') },
          hint: expect.stringContaining('max_allowed_packet'),
        },
      ],
    });
    await bed.expectWhole(['network', 'site 1', 'site 3']);
    expect(await stagedTables(bed.pair)).toEqual([]);
    return await bed.expectDone(await bed.resume('--retry-failed'));
  });
});
