// A connection that is there and on which nothing moves any more: a firewall that has forgotten it, a frozen server.

import { describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { lockTable, ofType, queriesOn, waitForHeldQuery } from '../../support/runs.ts';
import type { Trap } from '../../support/tcp-proxy.ts';

const STALL = ['--stall-timeout', '0.05'];
const MID_TABLE_BYTES = 500_000;

describe('a line that stands still', () => {
  it.each<['toSource' | 'toTarget', string, (bed: FaultBed) => Trap]>([
    ['toSource', 'copy_tables', () => ({ afterReceiving: MID_TABLE_BYTES })],
    ['toTarget', 'copy_tables', () => ({ afterSending: MID_TABLE_BYTES })],
    ['toTarget', 'cut_over', bed => ({ sends: cutoverOf(bed), chunk: 'held' })],
    ['toTarget', 'cut_over', bed => ({ sends: cutoverOf(bed), chunk: 'passes' })],
  ])('%s in %s: broken off as `stalled`, its query is ended, and made again', async (way, step, trap) => {
    await using bed = await FaultBed.create({ bigTable: true });
    const { source, target } = bed.pair;
    const running = bed.start(...STALL);
    await bed[way].trap(trap(bed));
    await bed.waitForRetry('stalled');
    expect(await queriesOn(source.server, `${source.database}\`.\`wp_3_`)).toEqual([]);
    expect(await queriesOn(target.server, `${target.staging}\`.\`wp_3_`)).toEqual([]);
    await bed.expectDone(await bed.end(running));
    const retried = ofType(await bed.readLines(), 'step.retried').filter(({ siteId }) => siteId === 3);
    expect(retried).toMatchObject([{ step, error: { code: 'stalled' } }]);
  });

  it('again and again: only that site fails, as `failed` and not as `timeout`', async () => {
    await using bed = await FaultBed.create({ bigTable: true });
    const running = bed.start(...STALL, '--max-retries', '1');
    await bed.toSource.trap({ afterReceiving: MID_TABLE_BYTES });
    const ended = await bed.end(running);
    expect(ended.exitCode, ended.text).toBe(3);
    expect(ended.summary).toMatchObject({
      status: 'completed_with_failures',
      sites: { completed: 2, failed: 1, timeout: 0 },
      failures: [
        {
          code: 'stalled',
          siteIds: [3],
          example: { message: expect.stringContaining('made no progress for 3 s') },
          hint: expect.stringContaining('--retry-failed'),
        },
      ],
    });
    await bed.expectWhole(['network', 'site 1', 'site 2']);
    bed.toSource.release();
    await bed.expectDone(await bed.resume('--retry-failed'));
  });
});

describe('a statement that takes the server long', () => {
  it('is no standstill in merge_rows: the server is asked whether it is at work', async () => {
    await using bed = await FaultBed.create();
    const { server, database } = bed.pair.target;
    await using locked = await lockTable(server, `${database}.wp_sitemeta`);
    const asked = bed.toTarget.trap({ sends: 'FROM information_schema.PROCESSLIST WHERE ID' });
    const running = bed.start();
    (await asked).release();
    await locked[Symbol.asyncDispose]();
    await bed.expectDone(await bed.end(running));
    expect(ofType(await bed.readLines(), 'step.retried')).toEqual([]);
  });
});

describe('a lock at the source', () => {
  it('holds one site up until it is released; then that site goes on', async () => {
    await using bed = await FaultBed.create();
    const { server, database } = bed.pair.source;
    await using locked = await lockTable(server, `${database}.wp_2_posts`);
    const running = bed.start(...STALL);
    await waitForHeldQuery(server, database, 'wp_2_posts');
    await bed.waitForRetry('stalled');
    await locked[Symbol.asyncDispose]();
    await bed.expectDone(await bed.end(running));
  });
});

/** A part of the statement that swaps site 3 in, and of no other. */
function cutoverOf({ pair: { target } }: FaultBed): string {
  return `\`${target.staging}\`.\`wp_3_posts\` TO`;
}
