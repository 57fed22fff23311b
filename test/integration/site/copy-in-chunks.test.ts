// A table that is copied range by range, by the site's own connections and by others: the same as one that is copied as
// a whole, whatever happens to the others.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Slots } from '../../../src/executors/slots.ts';
import { type CopyResult, copyTable } from '../../../src/mysql/copy-table.ts';
import { chooseBoundaries, cutRest, filterRange, findRangeKey, type RangeKey } from '../../../src/mysql/key-ranges.ts';
import { readChecksums } from '../../../src/mysql/read-checksums.ts';
import type { Column } from '../../../src/mysql/read-columns.ts';
import { buildWhere } from '../../../src/mysql/row-filter.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { type ChunkedCopy, type CopiedRange, copyInChunks } from '../../../src/site/copy-in-chunks.ts';
import { IdleConnections } from '../../../src/site/idle-connections.ts';
import { type FurtherPair, SiteConnections } from '../../../src/site/site-connections.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const ROWS = 6_000;
const servers = useServers();
const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'staging.example.edu' }]);
const address = (side: 'source' | 'target') => ({
  label: side,
  socketPath: servers[side].socketPath,
  user: 'root',
  password: '',
});

let copying: Copying;
let columns: readonly Column[];
let key: RangeKey;
let idle: IdleConnections;
let connections: SiteConnections;
/** Of the site, by the one it has itself. */
let slots: Slots;
/** Of all further pairs there were. */
let threads: { source: number; target: number }[];
let stop: AbortController;

beforeAll(async () => {
  copying = await Copying.start(servers);
});
afterAll(() => copying[Symbol.asyncDispose]());

beforeEach(async () => {
  await copying.fill(
    'CREATE OR REPLACE TABLE posts (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, url TEXT, short VARCHAR(20), KEY (short))',
    `INSERT INTO posts SELECT seq * 3, CONCAT('https://prod.example.edu/', seq, REPEAT('x', 200)), IF(seq % 2000 = 0, 'prod.example.edu/abc', seq)
     FROM seq_1_to_${ROWS}`,
    'ANALYZE TABLE posts',
  );
  await copying.target.execute('DROP TABLE IF EXISTS posts, whole');
  await servers.target.query(
    `CREATE TABLE ${copying.database}.posts (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, url TEXT, short VARCHAR(20), KEY (short))`,
  );
  columns = await copying.readColumns('posts');
  key = (await findRangeKey(copying.source, posts(), columns))!;
  idle = new IdleConnections();
  connections = new SiteConnections(
    { source: address('source'), target: address('target') },
    { lockWaitMs: 20_000, proveTarget: async () => {} },
    idle,
  );
  slots = new Slots(4);
  slots.tryTake();
  threads = [];
  stop = new AbortController();
});
afterEach(async () => {
  await connections[Symbol.asyncDispose]();
  await idle[Symbol.asyncDispose]();
  // Whatever happened: no slot is kept, and no connection stays.
  await expect.poll(() => slots.inUse).toBe(1);
  for (const side of ['source', 'target'] as const) {
    const ids = threads.map(thread => thread[side]);
    await expect
      .poll(() =>
        servers[side].query('SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (?)', [[0, ...ids]]),
      )
      .toEqual([]);
  }
});

const posts = () => ({ database: copying.database, name: 'posts' });

/** Beside it, what is needed and how it went. */
interface Log {
  readonly own: CopiedRange[];
  readonly further: CopiedRange[];
  readonly copied: CopiedRange[];
}

async function split(
  changes: {
    beforePair?: () => Promise<void>;
    onPair?: (pair: FurtherPair) => void;
    onTick?: (isOwn: boolean) => void;
    beforeOwn?: () => Promise<void>;
  } = {},
): Promise<{ result: CopyResult; log: Log }> {
  const own = { source: await connections.source(), target: await connections.target() };
  await own.source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const boundaries = await chooseBoundaries(own.source, posts(), key, 8);
  const log: Log = { own: [], further: [], copied: [] };
  const copy: ChunkedCopy['copy'] = async (pair, range, { besideOthers, signal }) => {
    const isOwn = pair.source === own.source;
    if (isOwn) await changes.beforeOwn?.();
    const rowFilter = filterRange(key, range);
    const result = await copyTable({
      ...pair,
      sourceTable: posts(),
      stagingTable: posts(),
      columns,
      rewriter,
      method: besideOthers ? 'insert_and_load' : 'load_data',
      maxAllowedPacket: 16 * 1024 * 1024,
      signal,
      ...(rowFilter ? { rowFilter } : {}),
      onProgress: () => changes.onTick?.(isOwn),
    });
    log[isOwn ? 'own' : 'further'].push({ range, result });
    return result;
  };
  const result = await copyInChunks({
    own,
    proven: [],
    ranges: cutRest([], boundaries),
    help: {
      spareSlots: slots,
      openPair: async () => {
        await changes.beforePair?.();
        const pair = await connections.openPair();
        threads.push({ source: pair.source.threadId, target: pair.target.threadId });
        changes.onPair?.(pair);
        return pair;
      },
    },
    copy,
    isTrue: async ({ range, result: copied }) => {
      const rowFilter = filterRange(key, range);
      const [now] = await readChecksums(own.source, [{ table: posts(), columns, rowFilter }]);
      return now!.rows === copied.rows && now!.checksum === copied.sourceChecksum;
    },
    remove: async range => {
      await own.target.execute(
        `DELETE FROM ${copying.database}.posts ${buildWhere(own.target, filterRange(key, range))}`,
      );
    },
    onCopied: copied => log.copied.push(copied),
    signal: stop.signal,
  });
  return { result, log };
}

/** What one copy of the whole table makes of it. */
async function copyWhole(): Promise<CopyResult> {
  await servers.target.query(`CREATE TABLE ${copying.database}.whole LIKE ${copying.database}.posts`);
  return copyTable({
    source: copying.source,
    target: copying.target,
    sourceTable: posts(),
    stagingTable: { database: copying.database, name: 'whole' },
    columns,
    rewriter,
    method: 'load_data',
    maxAllowedPacket: 16 * 1024 * 1024,
    signal: stop.signal,
  });
}

async function readContent(table: string): Promise<unknown> {
  const [row] = await servers.target.query<{ Checksum: unknown }>(
    `CHECKSUM TABLE ${copying.database}.${table}`,
  );
  return row!.Checksum;
}

/** Until others have begun, so that they take part however slow the machine is. */
const waitForOthers = async (): Promise<void> => {
  for (let i = 0; i < 500 && threads.length === 0; i++) await sleep(10);
  await sleep(50);
};

it('comes to the same as a table that is copied as a whole', async () => {
  const whole = await copyWhole();
  const { result, log } = await split({ beforeOwn: waitForOthers });
  expect(result).toEqual(whole);
  expect(result.left).toMatchObject([{ column: 'short', reason: 'too_long', values: 3 }]);
  expect(await readContent('posts')).toBe(await readContent('whole'));
  expect(log.copied.length).toBeGreaterThan(5);
  expect(log.own.length).toBeGreaterThan(0);
  expect(log.further.length).toBeGreaterThan(0);
  expect(threads.length).toBeLessThanOrEqual(3);
});

it('goes alone when no slot is to spare', async () => {
  slots.limit = 1;
  const { result, log } = await split();
  expect(result.rows).toBe(ROWS);
  expect(log.further).toEqual([]);
  expect(threads).toEqual([]);
});

it("has the site's own snapshot also where others read what was written later", async () => {
  const whole = await copyWhole();
  const write = async (): Promise<void> => {
    await copying.fill(
      `UPDATE posts SET url = CONCAT('later ', url) WHERE id % 2 = 0`,
      'DELETE FROM posts WHERE id % 31 = 0',
      `INSERT INTO posts SELECT seq * 3 + 1, 'new', 'new' FROM seq_1_to_6000 WHERE seq % 7 = 0`,
      `INSERT INTO posts (url) VALUES ('at the end')`,
    );
  };
  let written: Promise<void> | null = null;
  const { result, log } = await split({
    beforePair: () => (written ??= write()),
    beforeOwn: waitForOthers,
  });
  expect(log.further.length).toBeGreaterThan(0);
  expect(result).toEqual(whole);
  expect(await readContent('posts')).toBe(await readContent('whole'));
});

it.each(['source', 'target'] as const)('goes on when the others lose their %s', async side => {
  const whole = await copyWhole();
  let killed = 0;
  const { result } = await split({
    beforeOwn: waitForOthers,
    onPair: pair => {
      killed++;
      setImmediate(() => pair[side].destroy());
    },
  });
  expect(killed).toBeGreaterThan(0);
  expect(result).toEqual(whole);
  expect(await readContent('posts')).toBe(await readContent('whole'));
});

it('goes on alone when no further connection is to be had', async () => {
  const { result } = await split({
    beforePair: () => Promise.reject(new Error('Too many connections')),
  });
  expect(result.rows).toBe(ROWS);
});

it('lets the others go when somebody else wants their slots', async () => {
  const { log } = await split({
    beforeOwn: waitForOthers,
    onTick: isOwn => {
      if (!isOwn) slots.limit = 1;
    },
  });
  // Each ends the range that it has begun.
  expect(log.further.length).toBeLessThanOrEqual(3);
});

it('ends all of it when it is told to stop', async () => {
  const reason = new Error('deadline');
  const copy = split({
    beforeOwn: waitForOthers,
    onTick: isOwn => {
      if (!isOwn) stop.abort(reason);
    },
  });
  await expect(copy).rejects.toBe(reason);
  expect(slots.inUse).toBe(1);
  await connections.discard();
});

it("fails with what befalls the site's own connection, and leaves nothing behind", async () => {
  const copy = split({
    beforeOwn: async () => {
      await waitForOthers();
      (await connections.source()).destroy();
    },
  });
  await expect(copy).rejects.toMatchObject({ code: 'connection' });
  expect(slots.inUse).toBe(1);
});

it('drops the others with its own', async () => {
  const own = await connections.target();
  const pair = await connections.openPair();
  threads.push({ source: pair.source.threadId, target: pair.target.threadId });
  const running = expect(pair.target.query('SELECT SLEEP(60)')).rejects.toThrow();
  await connections.discard();
  await running;
  await expect(own.query('SELECT 1')).rejects.toThrow();
});
