// Somebody holds a lock on a live table when its site is to be swapped in.

import { describe, expect, it } from 'vitest';
import { FaultBed } from '../../support/fault-bed.ts';
import { lockTable, queriesOn } from '../../support/runs.ts';

/** The cutover waits a fifth of it for a lock. */
const SHORT_WAIT = ['--stall-timeout', '0.1'];

describe('a locked live table', () => {
  it('is waited for: the cutover is tried again, and succeeds once the lock is gone', async () => {
    await using bed = await FaultBed.create();
    const { server, database } = bed.pair.target;
    await using locked = await lockTable(server, `${database}.wp_2_posts`);
    const running = bed.start(...SHORT_WAIT);
    await bed.waitForRetry('lock');
    await locked[Symbol.asyncDispose]();
    await bed.expectDone(await bed.end(running));
    expect((await bed.readState()).sites[2]).toMatchObject({ steps: { copy_tables: { attempts: 1 } } });
  });

  it('for too long: only that site fails, and is swapped in by a resume', async () => {
    await using bed = await FaultBed.create();
    const { server, database } = bed.pair.target;
    await using locked = await lockTable(server, `${database}.wp_2_posts`);
    const ended = await bed.run(...SHORT_WAIT, '--max-retries', '2');
    expect(ended.exitCode, ended.text).toBe(3);
    expect(ended.summary).toMatchObject({
      status: 'completed_with_failures',
      sites: { completed: 2, failed: 1 },
      failures: [
        { code: 'lock', step: 'cut_over', siteIds: [2], hint: expect.stringContaining('SHOW PROCESSLIST') },
      ],
      nextCommands: expect.arrayContaining([expect.stringContaining('--retry-failed')]),
    });
    expect(await queriesOn(server, database)).toEqual([]);
    await locked[Symbol.asyncDispose]();
    await bed.expectWhole(['network', 'site 1', 'site 3']);
    await bed.expectDone(await bed.resume('--retry-failed'));
  });
});
