// The network between the program and a server breaks while both are well.

import { describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { lockTable, ofType, queriesOn, waitForHeldQuery } from '../../support/runs.ts';

const MID_TABLE_BYTES = 500_000;

describe('a connection that is reset', () => {
  it.each(['source', 'target'] as const)('to the %s in mid table: the table is copied again', async end => {
    await using bed = await FaultBed.create({ bigTable: true });
    const running = bed.start();
    const line =
      end === 'source'
        ? await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES })
        : await bed.toTarget.trap({ afterSending: MID_TABLE_BYTES });
    line.cut();
    await bed.expectDone(await bed.end(running));
    expect((await bed.readState()).sites[3]).toMatchObject({ steps: { copy_tables: { attempts: 2 } } });
  });

  it.each([
    ['before it arrives', 'held'],
    ['before its answer', 'passes'],
  ] as const)('at the RENAME, %s: the target says whether it has happened', async (_when, chunk) => {
    await using bed = await FaultBed.create();
    const running = bed.start();
    const line = await bed.toTarget.trap({ sends: cutoverOf(bed, 2), chunk });
    line.cut();
    await bed.expectDone(await bed.end(running));
    expect((await bed.readState()).sites[2]).toMatchObject({ steps: { cut_over: { attempts: 2 } } });
  });

  it('at a RENAME that waits for a lock: it is ended, and made again', async () => {
    await using bed = await FaultBed.create();
    const { server, database } = bed.pair.target;
    await using locked = await lockTable(server, `${database}.wp_2_posts`);
    const running = bed.start();
    const line = await bed.toTarget.trap({ sends: cutoverOf(bed, 2), chunk: 'passes' });
    await waitForHeldQuery(server, database, 'wp_2_posts');
    line.cut();
    await bed.waitForRetry('connection');
    // Of the second attempt; the first one's doesn't wait any more.
    await waitForHeldQuery(server, database, 'wp_2_posts');
    expect(await queriesOn(server, `${database}\`.\`wp_2_posts\` TO`)).toHaveLength(1);
    await locked[Symbol.asyncDispose]();
    await bed.expectDone(await bed.end(running));
  });

  it('for good, right after the RENAME: the resume finds it done, and what was live before is kept', async () => {
    await using bed = await FaultBed.create();
    const running = bed.start('--reconnect-timeout', '0.02', '--concurrency', '1');
    const line = await bed.toTarget.trap({ sends: cutoverOf(bed, 2), chunk: 'passes' });
    bed.toTarget.refuse();
    bed.toTarget.cut();
    line.cut();
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(20);
    expect(ended.summary).toMatchObject({ status: 'failed', error: { code: 'connection' } });
    await bed.expectWhole([...(await bed.completed()), 'site 2']);

    bed.toTarget.refuse(false);
    await bed.expectDone(await bed.resume());
    const copied = ofType(await bed.readLines(), 'table.copied').filter(({ siteId }) => siteId === 2);
    expect(new Set(copied.map(({ copied: { table } }) => table)).size).toBe(copied.length);
  });
});

/** A part of the statement that swaps the site in, and of no other. */
function cutoverOf({ pair: { target } }: FaultBed, siteId: number): string {
  return `\`${target.staging}\`.\`wp_${siteId}_posts\` TO`;
}
