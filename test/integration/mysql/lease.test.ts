// H49: two runs, one target. Every test takes real leases from a real server, with short intervals where time matters.

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { MigrationError } from '../../../src/errors.ts';
import { breakLease } from '../../../src/mysql/break-lease.ts';
import { connectTarget, type ServerAddress } from '../../../src/mysql/client.ts';
import { type TakeLeaseOptions, takeLease } from '../../../src/mysql/lease.ts';
import { type LeaseState, readLease } from '../../../src/mysql/lease-row.ts';
import type { TableName } from '../../../src/mysql/loader.ts';
import { discardTables, swapTables } from '../../../src/mysql/swap-tables.ts';
import { unlockTarget } from '../../../src/phases/unlock-target.ts';
import { type MariadbEndpoint, startMariadbServer } from '../../support/mariadb-server.ts';
import { createDatabaseName, createUser, useServers } from '../../support/servers.ts';

/** Of a holder that is not heard of again. */
const SILENT = { heartbeatMs: 110_000, leaseMs: 120_000 };
/** A taker watches an expired lease for three heartbeats. */
const BRIEF = { heartbeatMs: 200, leaseMs: 120_000 };
const PATIENCE = { timeout: 20_000 };
const QUICK = { heartbeatMs: 100, leaseMs: 1_000 };

interface Target extends AsyncDisposable {
  readonly server: MariadbEndpoint;
  readonly database: string;
  readonly staging: string;
  readonly options: TakeLeaseOptions;
  take(over?: Partial<TakeLeaseOptions>): ReturnType<typeof takeLease>;
  /** The error that taking meets. */
  refusal(over?: Partial<TakeLeaseOptions>): Promise<Refusal>;
  stagedTables(): Promise<string[]>;
  setRow(assignments: string): Promise<unknown>;
}

type Refusal = MigrationError & { readonly details: { readonly holder: LeaseState } };

async function createTarget(server: MariadbEndpoint = useServers().target): Promise<Target> {
  const database = createDatabaseName('lease');
  const staging = `${database}_incoming`;
  await server.query(`CREATE DATABASE ${database}`);
  // No more than a target's user has; above all not the right to end other users' connections.
  const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER';
  const { user, password } = await createUser(
    server,
    ...[database, staging, `${database}_previous`].map(name => `GRANT ${rights} ON ${name}.*`),
  );
  const address: ServerAddress = {
    label: 'target "stg"',
    host: '127.0.0.1',
    port: server.port,
    user,
    password,
  };
  const options: TakeLeaseOptions = {
    address,
    environment: 'stg',
    database,
    staging,
    holder: { host: hostname(), pid: process.pid, migrationId: 'env-migrate-1' },
    fences: 2,
    intervals: BRIEF,
  };
  return {
    server,
    database,
    staging,
    options,
    take: over => takeLease({ ...options, ...over }),
    refusal: over =>
      takeLease({ ...options, ...over }).then(
        () => expect.fail('the lease was given'),
        error => error as Refusal,
      ),
    async stagedTables() {
      const rows = await server.query<{ name: string }>(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1',
        [staging],
      );
      return rows.map(row => row.name);
    },
    setRow: assignments => server.query(`UPDATE ${database}.wfuwp_lease SET ${assignments}`),
    async [Symbol.asyncDispose]() {
      for (const name of [database, staging, `${database}_previous`])
        await server.query(`DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

/** Resolves with the reason when `signal` aborts; the test's own timeout is the bound. */
function aborted(signal: AbortSignal): Promise<MigrationError> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

const EXPIRED = 'expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND';
const isProcessAlive = (): boolean => true;
const isDead = (): boolean => false;

describe('taking a lease (H49)', () => {
  it('of two takers at once exactly one gets it, 50 times', async () => {
    await using target = await createTarget();
    for (let round = 1; round <= 50; round += 1) {
      const takings = await Promise.allSettled([target.take(), target.take()]);
      const [won, ...others] = takings.flatMap(taking =>
        taking.status === 'fulfilled' ? [taking.value] : [],
      );
      const refused = takings.flatMap(taking => (taking.status === 'rejected' ? [taking.reason] : []));
      await using lease = won!;
      expect([others.length, refused.length]).toEqual([0, 1]);
      expect(refused[0]).toMatchObject({ code: 'locked', exitCode: 11 });
      expect(refused[0].message).toContain(lease.lockId);
      expect(lease.fencing).toBe(round);
    }
    expect(await target.stagedTables()).toEqual([]);
  });

  it('of eight takers of a dead lease exactly one gets it', async () => {
    await using target = await createTarget();
    await using dead = await target.take({ intervals: SILENT });
    await target.setRow(EXPIRED);
    const takings = await Promise.allSettled(Array.from({ length: 8 }, () => target.take()));
    const won = takings.flatMap(taking => (taking.status === 'fulfilled' ? [taking.value] : []));
    for (const lease of won) await lease[Symbol.asyncDispose]();
    expect(won.map(lease => lease.fencing)).toEqual([dead.fencing + 1]);
  });

  it('names the holder and what to do', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    const error = await target.refusal();
    expect(error.message).toBe(
      `Another run is working on the target "stg" (database ${target.database}): run env-migrate-1, ` +
        `process ${process.pid} on ${hostname()}, since ${error.details.holder.takenAt}, lock id ${lease.lockId}.`,
    );
    expect(error.details.holder.takenAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(error.hint).toMatch(/its lease expires in [^;]+;.*wfuwp env-migrate unlock stg$/);
    // Breaking it would be wrong: it lives.
    expect(error.hint).not.toContain('--id');
  });

  it('is free again after it was given back, and its fences are gone', async () => {
    await using target = await createTarget();
    {
      await using _lease = await target.take();
      expect(await target.stagedTables()).toEqual(['wfuwp_fence_1_0', 'wfuwp_fence_1_1']);
    }
    expect(await target.stagedTables()).toEqual([]);
    await using next = await target.take();
    expect(next.fencing).toBe(2);
  });

  it('takes over what expired, also from a holder whose connection still has the named lock', async () => {
    await using target = await createTarget();
    await using stopped = await target.take({ intervals: SILENT });
    await target.setRow(EXPIRED);
    await using lease = await target.take();
    expect(lease.fencing).toBe(stopped.fencing + 1);
    expect(await target.stagedTables()).toEqual(['wfuwp_fence_2_0', 'wfuwp_fence_2_1']);
  });

  it('expires when its holder sends no heartbeats', async () => {
    await using target = await createTarget();
    await using child = await startHolder(target, { heartbeatMs: 300, leaseMs: 2_000 });
    child.kill('SIGSTOP');
    await target.refusal();
    await expect
      .poll(async () => (await readRow(target))!.expiresInMs, { timeout: 20_000, interval: 100 })
      .toBeLessThanOrEqual(0);
    await using lease = await target.take();
    expect(lease.fencing).toBe(2);
  });

  it('lives on by its heartbeats', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: QUICK });
    await sleep(2_500);
    expect(lease.lost.aborted).toBe(false);
    await target.refusal();
  });

  it('takes over at once from a dead process of this machine, and only of this machine', async () => {
    await using target = await createTarget();
    await using _dead = await target.take();
    await target.refusal({ isProcessAlive });
    await target.setRow("process_space = 'another boot'");
    await target.refusal({ isProcessAlive: isDead });
    await target.setRow("process_space = 'another boot', host = 'elsewhere'");
    await target.refusal({ isProcessAlive: isDead });
  });

  it('takes over from a process that was killed', async () => {
    await using target = await createTarget();
    await using child = await startHolder(target);
    child.kill('SIGKILL');
    await child.ended;
    await using lease = await target.take();
    expect(lease.fencing).toBe(2);
  });

  it('gives a number above every fence that is left, though the row is new', async () => {
    await using target = await createTarget();
    await using _first = await target.take();
    await target.server.query(
      `DROP TABLE ${target.database}.wfuwp_lease; CREATE TABLE ${target.staging}.wfuwp_fence_41_0 (i INT)`,
    );
    // Its named lock is nobody's by the row: taking has to wait until the holder has noticed and let go.
    await target.server.query(`KILL USER ${target.options.address.user}`);
    await using lease = await target.take();
    expect(lease.fencing).toBe(42);
  });

  it('tells how to free a dead lease whose connection this user may not end', async () => {
    await using target = await createTarget();
    const root = {
      ...target.options.address,
      user: 'root',
      password: '',
      socketPath: target.server.socketPath,
    };
    await using dead = await target.take({ address: root, intervals: SILENT });
    await target.setRow(EXPIRED);
    const error = await target.refusal();
    expect(error.message).toContain('which the configured user may not end');
    expect(error.hint).toContain(`wfuwp env-migrate unlock stg --id ${dead.lockId}`);
    await breakLease({ ...target.options, address: root, lockId: dead.lockId });
    await using lease = await target.take();
    expect(lease.fencing).toBe(2);
  });
});

describe('a clock or a session that is not as usual', () => {
  it('forward: a lease that has expired by it lives on, and nobody takes it', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    await target.setRow('expires_at = UTC_TIMESTAMP(6) - INTERVAL 3 HOUR');
    await target.refusal({ isProcessAlive });
    await expect(
      breakLease({ ...target.options, lockId: lease.lockId, isProcessAlive }),
    ).rejects.toMatchObject({
      code: 'locked',
    });
    await expect.poll(async () => (await readRow(target))!.expiresInMs, PATIENCE).toBeGreaterThan(0);
    expect(lease.lost.aborted).toBe(false);
  });

  it('back: a lease that lasts for hours by it is watched for as long as one lasts, and then taken', async () => {
    await using target = await createTarget();
    await using dead = await target.take({ intervals: SILENT });
    await target.setRow("expires_at = UTC_TIMESTAMP(6) + INTERVAL 3 HOUR, process_space = 'elsewhere'");
    expect(await unlockTarget({ ...target.options, lockId: null })).toMatchObject({
      condition: 'living',
      holder: { expiresInMs: 120_000 },
    });
    const said: string[] = [];
    await using lease = await target.take({ intervals: QUICK, say: text => void said.push(text) });
    expect(lease.fencing).toBe(dead.fencing + 1);
    expect(said.join()).toMatch(/^Waiting to see whether run env-migrate-1, .* is alive/);
  });

  it('back: a holder that is alive keeps it, and a taker sees that it is', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    await target.setRow("expires_at = UTC_TIMESTAMP(6) + INTERVAL 3 HOUR, process_space = 'elsewhere'");
    await target.refusal();
    expect(lease.lost.aborted).toBe(false);
  });

  it('what keeps a lease alive is committed, though the server gives sessions autocommit=0', async () => {
    await using server = await startMariadbServer();
    await server.query('SET GLOBAL autocommit = 0');
    await using target = await createTarget(server);
    await using lease = await target.take();
    const before = (await readRow(target))!.heartbeatAt;
    await expect.poll(async () => (await readRow(target))!.heartbeatAt, PATIENCE).not.toBe(before);
    await target.refusal({ isProcessAlive });
    await lease[Symbol.asyncDispose]();
    expect(await readRow(target)).toMatchObject({ released: true });
  });
});

describe('losing a lease', () => {
  it('that somebody else has taken', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: QUICK });
    await target.setRow("lock_id = 'other', fencing = 9, migration_id = 'env-migrate-2'");
    const reason = await aborted(lease.lost);
    expect(reason).toMatchObject({ code: 'locked', scope: 'migration', exitCode: 11 });
    expect(reason.message).toContain('run env-migrate-2');
    await expect(lease.useFence(async () => 'done')).rejects.toBe(reason);
  });

  it('that is released', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: QUICK });
    await target.setRow('released_at = UTC_TIMESTAMP(6)');
    expect((await aborted(lease.lost)).message).toContain('broken');
  });

  it('whose row is gone', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: QUICK });
    await target.server.query(`DELETE FROM ${target.database}.wfuwp_lease`);
    expect((await aborted(lease.lost)).message).toContain('its row is gone');
  });

  it('whose connection is killed: it takes a new one, and goes on', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: { heartbeatMs: 100, leaseMs: 20_000 } });
    const before = await readRow(target);
    await target.server.query(`KILL ${before!.connectionId}`);
    await expect
      .poll(async () => (await readRow(target))!.connectionId, PATIENCE)
      .not.toBe(before!.connectionId);
    // The new connection has the named lock again.
    await expect.poll(() => lockHolder(target), PATIENCE).toBe((await readRow(target))!.connectionId);
    expect(lease.lost.aborted).toBe(false);
    await target.refusal();
  });

  it('whose named lock another connection has taken and keeps', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: QUICK });
    const { connectionId } = (await readRow(target))!;
    const name = lockName(target.database);
    await target.server.query(
      `KILL ${connectionId}; SELECT GET_LOCK('${name}', 10); SELECT SLEEP(3); DO RELEASE_LOCK('${name}')`,
    );
    expect(await aborted(lease.lost)).toMatchObject({ code: 'locked' });
  });

  it('when the server is stopped in its tracks', async () => {
    await using server = await startMariadbServer();
    await using target = await createTarget(server);
    const lease = await target.take({ intervals: QUICK });
    process.kill(server.pid, 'SIGSTOP');
    try {
      const reason = await aborted(lease.lost);
      expect(reason).toMatchObject({ code: 'locked', exitCode: 20 });
      expect(reason.message).toContain('no heartbeat got through');
      // Giving back doesn't hang either.
      await lease[Symbol.asyncDispose]();
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });

  it('when the server is gone; not when it is back in time', async () => {
    await using server = await startMariadbServer();
    await using target = await createTarget(server);
    await using lease = await target.take({ intervals: { heartbeatMs: 300, leaseMs: 30_000 } });
    const before = await readRow(target);
    server.kill();
    await server.restart();
    await expect
      .poll(async () => (await readRow(target))!.heartbeatAt, { timeout: 20_000 })
      .not.toBe(before!.heartbeatAt);
    expect(lease.lost.aborted).toBe(false);
    await lease[Symbol.asyncDispose]();

    await using other = await target.take({ intervals: QUICK });
    server.kill();
    expect(await aborted(other.lost)).toMatchObject({ code: 'locked', exitCode: 20 });
    await server.restart();
  });
});

describe('a connection', () => {
  it('is proven only where this run has the lease: not at a stranger, and not when another has taken it', async () => {
    await using target = await createTarget();
    await using stranger = await startMariadbServer();
    const { address, database } = target.options;
    await using lease = await target.take();
    await using own = await connectTarget(address);
    await lease.prove(own);

    const elsewhere = { label: address.label, socketPath: stranger.socketPath, user: 'root', password: '' };
    await using failedOver = await connectTarget(elsewhere);
    const gone = { code: 'locked', message: expect.stringContaining('its row is gone') };
    await expect(lease.prove(failedOver)).rejects.toMatchObject(gone);
    await stranger.query(`CREATE DATABASE ${database}`);
    await expect(lease.prove(failedOver)).rejects.toMatchObject(gone);
    await using others = await takeLease({ ...target.options, address: elsewhere });
    const { lockId } = others;
    const taken = { code: 'locked', scope: 'migration', details: { holder: { lockId } } };
    await using later = await connectTarget(elsewhere);
    await expect(lease.prove(later)).rejects.toMatchObject(taken);
    await lease.prove(own);
  });
});

describe('the connections of a holder that was only stopped', () => {
  it('are ended by whoever takes over, with what they are in the middle of; later ones are refused', async () => {
    await using target = await createTarget();
    const { address } = target.options;
    await using dead = await target.take({ intervals: SILENT });
    const [busy, idle, late] = [
      await connectTarget(address),
      await connectTarget(address),
      await connectTarget(address),
    ];
    await dead.prove(busy);
    await dead.prove(idle);
    const sleeping = busy.query('SELECT SLEEP(60)').then(
      () => 'answered',
      () => 'ended',
    );
    await target.setRow(EXPIRED);
    await using lease = await target.take();
    expect(await sleeping).toBe('ended');
    await expect(idle.execute(`CREATE TABLE ${target.staging}.late (id INT)`)).rejects.toThrow();
    await expect(dead.prove(late)).rejects.toMatchObject({ code: 'locked' });
    expect(await target.stagedTables()).not.toContain('late');

    await using own = await connectTarget(address);
    await lease.prove(own);
    await own.query('SELECT 1');
    for (const connection of [busy, idle, late]) connection.destroy();
  });

  it('that this user may not end are told, with how to end them; and the lease is given back', async () => {
    await using target = await createTarget();
    const { address } = target.options;
    const root = { ...address, user: 'root', password: '', socketPath: target.server.socketPath };
    let left: number;
    {
      await using lease = await target.take({ address: root });
      await using held = await connectTarget(root);
      await lease.prove(held);
      left = held.threadId;
      await lease[Symbol.asyncDispose]();
      const error = await target.refusal();
      expect(error.code).toBe('locked');
      expect(error.message).toContain(`connection ${left} of a run on the target "stg"`);
      expect(error.hint).toContain(`KILL ${left}`);
    }
    await using lease = await target.take();
    expect(lease.fencing).toBe(3);
  });
});

describe('fences', () => {
  it('let the holder swap, and stay as they were', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using lease = await target.take();
    await lease.useFence(fence => swapSite(target, fence));
    expect(await whatIsLive(target)).toBe('new');
    expect(await target.stagedTables()).toEqual(['wfuwp_fence_1_0', 'wfuwp_fence_1_1']);
  });

  it('one at a time each; more deeds than fences wait', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    const used: string[] = [];
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        lease.useFence(async ({ name }) => {
          expect(used).not.toContain(name);
          used.push(name);
          most = Math.max(most, used.length);
          await sleep(5);
          used.splice(used.indexOf(name), 1);
        }),
      ),
    );
    expect(most).toBe(2);
  });

  it('who waits for one when the lease is lost is told', async () => {
    await using target = await createTarget();
    await using lease = await target.take({ fences: 1, intervals: QUICK });
    const working = Promise.withResolvers<void>();
    const first = lease.useFence(() => working.promise);
    const second = lease.useFence(async () => expect.fail('called without a lease'));
    await target.setRow("lock_id = 'other'");
    await expect(second).rejects.toMatchObject({ code: 'locked' });
    working.resolve();
    await first;
  });

  it('a holder that lost its lease without noticing moves nothing', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using stale = await target.take({ intervals: SILENT });
    await target.setRow(EXPIRED);
    await using lease = await target.take();
    const error = await stale
      .useFence(fence => swapSite(target, fence))
      .catch((thrown: MigrationError) => thrown);
    expect(error).toMatchObject({ code: 'locked', scope: 'migration' });
    expect(await whatIsLive(target)).toBe('old');
    await lease.useFence(fence => swapSite(target, fence));
    expect(await whatIsLive(target)).toBe('new');
  });

  it('nor does a process that was stopped meanwhile, or broken by its id', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using child = await startHolder(target);
    child.kill('SIGSTOP');
    await target.setRow(EXPIRED);
    const { lockId } = (await readRow(target))!;
    await breakLease({ ...target.options, lockId });
    expect(await target.stagedTables()).toEqual(['wp_4_posts']);
    child.kill('SIGCONT');
    expect(await child.swap()).toBe('locked');
    expect(await whatIsLive(target)).toBe('old');
  });

  it('taking waits for a swap that has its locks but for one', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using stale = await target.take({ intervals: SILENT });
    await using reader = await readSlowly(target, `${target.staging}.wp_4_posts`);
    const ends: string[] = [];
    const swapping = stale.useFence(fence => swapSite(target, fence)).then(() => ends.push('swapped'));
    await expect.poll(() => countWaiting(target), PATIENCE).toBe(1);
    await target.setRow(EXPIRED);
    const taking = target.take().finally(() => ends.push('taken'));
    await expect.poll(() => countWaiting(target), PATIENCE).toBe(2);
    await reader.execute('COMMIT');
    await using _lease = await taking;
    await swapping;
    expect(ends).toEqual(['swapped', 'taken']);
    expect(await whatIsLive(target)).toBe('new');
  });

  it('a swap that waited for its locks until another had the lease moves nothing', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using stale = await target.take({ intervals: SILENT });
    await using reader = await readSlowly(target, `${target.database}.wp_4_posts`);
    const swapping = stale
      .useFence(fence => swapSite(target, fence))
      .catch((thrown: MigrationError) => thrown);
    await expect.poll(() => countWaiting(target), PATIENCE).toBe(1);
    await target.setRow(EXPIRED);
    await using _lease = await target.take();
    await reader.execute('COMMIT');
    expect(await swapping).toMatchObject({ code: 'locked' });
    expect(await whatIsLive(target)).toBe('old');
  });

  it('tables that make way go with the fence, and stay without it', async () => {
    await using target = await createTarget();
    await fillSite(target);
    const previous = `${target.database}_previous`;
    const kept = async (): Promise<unknown[]> => target.server.query(`SHOW TABLES FROM ${previous}`);
    await target.server.query(`CREATE TABLE ${previous}.wp_4_posts AS SELECT 'older' AS age`);
    await using connection = await connectTarget(target.options.address);
    const discard = (fence: TableName): Promise<void> =>
      discardTables(connection, { database: previous, tables: ['wp_4_posts'], fence });

    await using stale = await target.take({ intervals: SILENT });
    await target.setRow(EXPIRED);
    await using lease = await target.take();
    await expect(stale.useFence(discard)).rejects.toMatchObject({ code: 'locked' });
    expect(await kept()).toHaveLength(1);
    await target.server.query(`CREATE TABLE ${previous}.wfuwp_fence_1_0_0123abcd_7 (i INT)`);
    await lease.useFence(discard);
    expect(await kept()).toEqual([]);
  });

  it('a swap that fails for another reason says so', async () => {
    await using target = await createTarget();
    await fillSite(target);
    await using lease = await target.take();
    await target.server.query(`DROP TABLE ${target.staging}.wp_4_posts`);
    await expect(lease.useFence(fence => swapSite(target, fence))).rejects.toMatchObject({ code: 'schema' });
    expect(await whatIsLive(target)).toBe('old');
  });
});

describe('breaking a lease', () => {
  it('refuses a living one and says how long to wait', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    await expect(breakLease({ ...target.options, lockId: lease.lockId })).rejects.toMatchObject({
      code: 'locked',
      hint: expect.stringMatching(/expires in [^,]+, and can be broken then/),
    });
    await target.refusal();
  });

  it('refuses another id and shows the real one', async () => {
    await using target = await createTarget();
    await using lease = await target.take();
    await target.setRow(EXPIRED);
    await expect(breakLease({ ...target.options, lockId: 'wrong' })).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(lease.lockId),
    });
  });

  it('refuses where nothing was ever held', async () => {
    await using target = await createTarget();
    await expect(breakLease({ ...target.options, lockId: 'x' })).rejects.toMatchObject({ code: 'locked' });
  });

  it.each(['expired', 'process_dead'])('breaks a dead one: %s', async how => {
    await using target = await createTarget();
    await using lease = await target.take({ intervals: SILENT });
    if (how === 'expired') await target.setRow(EXPIRED);
    const isProcessAlive = how === 'expired' ? () => true : isDead;
    await breakLease({ ...target.options, lockId: lease.lockId, isProcessAlive });
    expect(await target.stagedTables()).toEqual([]);
    expect(await readRow(target)).toMatchObject({ lockId: lease.lockId, released: true });
    await using next = await target.take();
    expect(next.fencing).toBe(2);
  });
});

/** A transaction of somebody else's that keeps a table from being renamed. */
async function readSlowly(target: Target, table: string) {
  const reader = await connectTarget(target.options.address);
  await reader.execute('START TRANSACTION');
  await reader.query(`SELECT * FROM ${table}`);
  return reader;
}

/** Statements that wait for a metadata lock. */
async function countWaiting({ server, options }: Target): Promise<number> {
  const rows = await server.query(
    `SELECT id FROM information_schema.processlist WHERE user = '${options.address.user}' AND state LIKE 'Waiting for table metadata lock'`,
  );
  return rows.length;
}

describe('unlocking a target', () => {
  it('shows the holder, and breaks it by its id', async () => {
    await using target = await createTarget();
    const request = { ...target.options };
    expect(await unlockTarget({ ...request, lockId: null })).toMatchObject({
      condition: 'free',
      holder: null,
    });
    await using lease = await target.take({ intervals: SILENT });
    const { lockId } = lease;
    expect(await unlockTarget({ ...request, lockId: null })).toMatchObject({
      condition: 'living',
      broken: false,
      holder: { lockId, pid: process.pid, migrationId: 'env-migrate-1' },
    });
    await expect(unlockTarget({ ...request, lockId })).rejects.toMatchObject({ code: 'locked' });
    await target.setRow(EXPIRED);
    expect(await unlockTarget({ ...request, lockId: null })).toMatchObject({ condition: 'expired' });
    expect(await unlockTarget({ ...request, lockId })).toMatchObject({ broken: true, holder: { lockId } });
    expect(await unlockTarget({ ...request, lockId: null })).toMatchObject({ condition: 'free' });
  });
});

async function readRow(target: Target) {
  await using connection = await connectTarget(target.options.address);
  return await readLease(connection, target.database);
}

function lockName(database: string): string {
  return `wfuwp:${createHash('sha256').update(database).digest('hex').slice(0, 40)}`;
}

async function lockHolder(target: Target): Promise<number> {
  const [row] = await target.server.query<{ id: number }>(
    `SELECT IS_USED_LOCK('${lockName(target.database)}') AS id`,
  );
  return Number(row!.id);
}

async function fillSite({ server, database, staging }: Target): Promise<void> {
  await server.query(
    `CREATE DATABASE IF NOT EXISTS ${staging}; CREATE DATABASE ${database}_previous;
     CREATE TABLE ${database}.wp_4_posts AS SELECT 'old' AS age; CREATE TABLE ${staging}.wp_4_posts AS SELECT 'new' AS age`,
  );
}

async function swapSite({ options, database, staging }: Target, fence: TableName): Promise<void> {
  await using connection = await connectTarget(options.address);
  await swapTables(connection, {
    live: database,
    staging,
    previous: `${database}_previous`,
    incoming: ['wp_4_posts'],
    outgoing: ['wp_4_posts'],
    fence,
  });
}

async function whatIsLive({ server, database }: Target): Promise<string | undefined> {
  const [row] = await server.query<{ age: string }>(`SELECT age FROM ${database}.wp_4_posts`);
  return row?.age;
}

const SOURCES = new URL('../../../src/mysql/', import.meta.url).href;

/** Another process with a lease, which on a line of input tries to swap and prints `swapped` or the error's
 *  code. */
async function startHolder(target: Target, intervals = SILENT) {
  const { database, staging } = target;
  const script = `
    import { once } from 'node:events';
    const { takeLease } = await import('${SOURCES}lease.ts');
    const { connectTarget } = await import('${SOURCES}client.ts');
    const { swapTables } = await import('${SOURCES}swap-tables.ts');
    const options = JSON.parse(process.env.OPTIONS);
    const lease = await takeLease({ ...options, holder: { ...options.holder, pid: process.pid } });
    const target = await connectTarget(options.address);
    console.log('holding');
    await once(process.stdin, 'data');
    const tables = ['wp_4_posts'];
    console.log(await lease.useFence(fence => swapTables(target, {
      live: '${database}', staging: '${staging}', previous: '${database}_previous', incoming: tables, outgoing: tables, fence,
    })).then(() => 'swapped', error => error.code));
    process.exit();`;
  const child = execa(process.execPath, ['--input-type=module', '--eval', script], {
    env: { OPTIONS: JSON.stringify({ ...target.options, intervals }) },
    stdin: 'pipe',
    reject: false,
  });
  const lines = child.iterable()[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'holding') throw new Error((await child).stderr);
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: child.then(() => {}),
    async swap(): Promise<unknown> {
      child.stdin.write('\n');
      return (await lines.next()).value;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
