// What the database users may do, and their passwords, change while a run is at work.

import { describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { checksumTables } from '../../support/generate-network.ts';
import type { MariadbEndpoint } from '../../support/mariadb-server.ts';
import { ofType, stagedTables } from '../../support/runs.ts';

describe('a right that is revoked in mid-run', () => {
  it('to read one table: only its site fails, and the user is told what to grant', async () => {
    await using bed = await FaultBed.create({ bigTable: true });
    const { server, database } = bed.pair.source;
    const user = await userOf(server, database);
    const tables = [...(await checksumTables(server, database)).keys()];
    const running = bed.start('--concurrency', '1');
    const line = await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES });
    await server.query(`REVOKE SELECT ON ${database}.* FROM ${user}`);
    for (const table of tables.filter(name => name !== 'wp_2_posts'))
      await server.query(`GRANT SELECT ON ${database}.${table} TO ${user}`);
    line.release();
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(3);
    expect(ended.summary).toMatchObject({
      status: 'completed_with_failures',
      sites: { completed: 2, failed: 1 },
      failures: [
        {
          siteIds: [2],
          code: 'access',
          example: { message: expect.stringContaining('wp_2_posts') },
          hint: expect.stringMatching(`needs SELECT on ${database}. .*wfuwp config grants prod stg`),
        },
      ],
      nextCommands: expect.arrayContaining([expect.stringContaining('--retry-failed')]),
    });
    await bed.expectWhole(['network', 'site 1', 'site 3']);
    expect(await stagedTables(bed.pair)).toEqual([]);
    await server.query(`GRANT SELECT ON ${database}.* TO ${user}`);
    await bed.expectDone(await bed.resume('--retry-failed'));
  });

  it('to build in staging: no site is harmed, and all are done when it is granted again', async () => {
    await using bed = await FaultBed.create({ bigTable: true });
    const { server, database, staging } = bed.pair.target;
    const user = await userOf(server, staging);
    const running = bed.start('--concurrency', '1');
    const line = await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    await server.query(`REVOKE CREATE, DROP, ALTER ON ${staging}.* FROM ${user}`);
    line.release();
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(3);
    for (const failure of ended.summary.failures)
      expect(failure).toMatchObject({
        code: 'access',
        hint: expect.stringMatching(
          /CREATE, DROP, ALTER.* on stg_\w+_incoming; .*wfuwp config grants prod stg/,
        ),
      });
    await bed.expectWhole(['network']);
    await server.query(`GRANT CREATE, DROP, ALTER ON ${staging}.* TO ${user}`);
    await bed.expectDone(await bed.resume('--retry-failed'));
    expect(database).toBeTruthy();
  });
});

describe.each(['source', 'target'] as const)('credentials of the %s that expire in mid-run', end => {
  it.each(['a new password', 'an expired one'])('%s: the run stops and says what to renew', async how => {
    await using bed = await FaultBed.create({ bigTable: true });
    const { server, database } = bed.pair[end];
    const user = await userOf(server, database);
    const running = bed.start();
    await (end === 'source'
      ? bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES })
      : bed.toTarget.trap({ afterSending: MID_TABLE_BYTES }));
    await server.query(
      how === 'an expired one'
        ? `ALTER USER ${user} PASSWORD EXPIRE`
        : `ALTER USER ${user} IDENTIFIED BY 'another one'`,
    );
    (end === 'source' ? bed.toSource : bed.toTarget).cut();
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(12);
    const environment = end === 'source' ? 'prod' : 'stg';
    expect(ended.summary).toMatchObject({
      status: 'failed',
      error: {
        code: 'credentials',
        message: expect.stringContaining(`${end} "${environment}"`),
        hint: expect.stringMatching(new RegExp(`"${environment}".*--resume`)),
      },
      nextCommands: expect.arrayContaining([expect.stringContaining('--resume')]),
    });
    await bed.expectWhole(await bed.completed());

    const variable = end === 'source' ? 'PROD_DB_PASSWORD' : 'STG_DB_PASSWORD';
    bed.pair.env[variable] = 'renewed';
    await server.query(`ALTER USER ${user} IDENTIFIED BY 'renewed'`);
    await bed.expectDone(await bed.resume());
    expect(ofType(await bed.readLines(), 'migration.resumed')).toHaveLength(1);
  });
});

const MID_TABLE_BYTES = 500_000;

/** The program's user on that database. */
async function userOf(server: MariadbEndpoint, database: string): Promise<string> {
  const [row] = await server.query<{ user: string }>('SELECT User AS user FROM mysql.db WHERE Db = ?', [
    database,
  ]);
  return `'${row!.user}'@'%'`;
}
