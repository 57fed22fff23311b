import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DatabaseConnection, endQuery } from '../../../src/mysql/client.ts';
import { copyTable, type LoadMethod } from '../../../src/mysql/copy-table.ts';
import { readChecksums } from '../../../src/mysql/read-checksums.ts';
import { blankKeys } from '../../../src/policy/blank-keys.ts';
import { compileTreatment } from '../../../src/policy/compile-treatment.ts';
import { createSkipRows } from '../../../src/policy/skip-rows.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const servers = useServers();
const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'staging.example.edu' }]);

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(servers);
});
afterAll(() => copying[Symbol.asyncDispose]());

function runs(
  server: { query: <T>(sql: string, values?: unknown[]) => Promise<T[]> },
  connection: DatabaseConnection,
) {
  return server
    .query('SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ?', [connection.threadId])
    .then(rows => rows.length > 0);
}

describe.each<LoadMethod>(['load_data', 'insert', 'bulk'])('copyTable by %s', method => {
  const name = (table: string): string => `${table}_${method}`;

  it('rewrites on the way, and says what it changed and what it left', async () => {
    const table = name('rewritten');
    const url = 'https://prod.example.edu/';
    await copying.fill(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, text TEXT, short VARCHAR(20), raw VARBINARY(60), skipped TEXT)`,
      `INSERT INTO ${table} VALUES (1, 's:25:"${url}";', 'prod.example.edu/ab', '${url}', '${url}'),
        (2, 's:99:"${url}";', NULL, NULL, NULL), (3, 'nothing here', '', '', '')`,
    );
    const skipColumns = new Set(['skipped']);
    const result = await copying.copy(table, { method, rewriter, skipColumns });
    expect(result).toMatchObject({ rows: 3, changedByColumn: { text: 1 } });
    expect(result.left).toEqual([
      { column: 'raw', reason: 'binary', values: 1, keys: ['id=1'] },
      { column: 'skipped', reason: 'skipped_column', values: 1, keys: ['id=1'] },
      { column: 'short', reason: 'too_long', values: 1, keys: ['id=1'] },
      { column: 'text', reason: 'broken_serialized', values: 1, keys: ['id=2'] },
    ]);
    const rows = await copying.target.query(`SELECT * FROM ${table}`);
    expect(rows[0]).toEqual({
      id: 1,
      text: 's:28:"https://staging.example.edu/";',
      short: 'prod.example.edu/ab',
      raw: Buffer.from(url),
      skipped: url,
    });
    expect(rows[1]).toMatchObject({ text: `s:99:"${url}";` });
    expect(result.sourceChecksum).not.toBe(result.checksum);
    await copying.verify(table, result);
  });

  it('leaves rows at the source and changes values by rules, before it rewrites', async () => {
    const table = name('treated');
    const url = 'https://prod.example.edu/';
    await copying.fill(
      `CREATE TABLE ${table} (option_id INT AUTO_INCREMENT PRIMARY KEY, option_name VARCHAR(191), option_value LONGTEXT)`,
      `INSERT INTO ${table} VALUES (1, '_transient_a', '${url}'), (2, 'api_key', '${url}'),
        (3, 'theme', 'a:2:{i:0;s:25:"${url}";s:5:"token";s:3:"abc";}'), (4, 'home', '${url}'), (9, '_transient_z', NULL)`,
    );
    const rules = [createSkipRows('skip_rows', ['options.option_name=_transient_*']), blankKeys];
    const columns = await copying.readColumns(table);
    const treatment = compileTreatment(rules, { name: 'options', columns });
    const result = await copying.copy(table, { method, rewriter, treatment });
    expect(result).toMatchObject({
      ...{ rows: 3, sourceRows: 5, changedByColumn: { option_value: 2 } },
      treated: [
        { rule: 'skip_rows', rows: 2, values: 0 },
        { rule: 'blank_keys', rows: 0, values: 2 },
      ],
    });
    expect(await copying.target.query(`SELECT option_id AS id, option_value AS v FROM ${table}`)).toEqual([
      { id: 2, v: '' },
      { id: 3, v: 'a:2:{i:0;s:28:"https://staging.example.edu/";s:5:"token";s:0:"";}' },
      { id: 4, v: 'https://staging.example.edu/' },
    ]);
    await copying.verify(table, result);
    const [source] = await readChecksums(copying.source, [
      { table: { database: copying.database, name: table }, columns },
    ]);
    expect(source).toEqual({ rows: 5, checksum: result.sourceChecksum });
    // The number of the last row is never given again.
    await copying.target.query(`INSERT INTO ${table} (option_name) VALUES ('new')`);
    expect(await copying.target.query(`SELECT MAX(option_id) AS id FROM ${table}`)).toEqual([{ id: 10 }]);
  });

  it.each([
    ['a composite key', 'PRIMARY KEY (object_id, slug)', ['slug=über, object_id=1', 'slug=b, object_id=2']],
    ['no key', 'KEY (slug)', ['row 1 (no primary key)', 'row 3 (no primary key)']],
  ])('names the rows that it left in a table with %s', async (what, key, keys) => {
    const table = name(what.replaceAll(' ', '_'));
    const url = 'https://prod.example.edu/';
    await copying.fill(
      `CREATE TABLE ${table} (slug VARCHAR(20), object_id INT, guid VARCHAR(191), picture BLOB,
        wide VARCHAR(90) CHARACTER SET utf16, kind ENUM('a', '${url}'), ${key}) CHARACTER SET utf8mb4`,
      `INSERT INTO ${table} VALUES ('über', 1, CONCAT('${url}', REPEAT('ü', 191 - 25)), '${url}', '${url}', '${url}'),
        ('xx', 1, 'none', 'prod.example.edu.evil.com', 'prod.example.edu.evil.com', 'a'),
        ('b', 2, CONCAT('${url}', REPEAT('ü', 191 - 27)), UPPER('${url}'), UPPER('${url}'), '${url}'),
        ('c', 3, CONCAT('${url}', REPEAT('ü', 191 - 28)), NULL, NULL, NULL)`,
    );
    const result = await copying.copy(table, { method, rewriter });
    // Three characters more than the source's host: the last of the texts just fits.
    expect(result.changedByColumn).toEqual({ guid: 1 });
    const counts = (reason: string, column: string) => ({ column, reason, values: 2, keys });
    expect(result.left).toEqual([
      counts('binary', 'picture'),
      counts('charset', 'wide'),
      counts('too_long', 'guid'),
      counts('enum', 'kind'),
    ]);
    await copying.verify(table, result);
  });

  it('takes only the rows of a filter', async () => {
    const table = name('filtered');
    await copying.fill(
      `CREATE TABLE ${table} (blog_id INT, domain TEXT)`,
      `INSERT INTO ${table} VALUES (1, 'a?'), (2, 'b'), (3, 'c'), (4, 'a?')`,
    );
    const rowFilter = { sql: 'blog_id IN (?) AND domain = ?', values: [[2, 3, 4], 'a?'] };
    const result = await copying.copy(table, { method, rowFilter });
    expect(await copying.target.query(`SELECT blog_id FROM ${table}`)).toEqual([{ blog_id: 4 }]);
    await copying.verify(table, result);
  });

  it('tells how far it is', async () => {
    const table = name('progress');
    await copying.fill(`CREATE TABLE ${table} AS SELECT seq, REPEAT('x', 100) AS v FROM seq_1_to_3000`);
    const ticks: number[] = [];
    const result = await copying.copy(table, { method, onProgress: rows => ticks.push(rows) });
    expect(ticks.length).toBeGreaterThan(3);
    expect(ticks.at(-1)).toBe(result.rows);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
  });

  it('stops as soon as it is told to, and leaves nothing running once its connections are ended', async () => {
    const table = name('aborted');
    await copying.fill(`CREATE TABLE ${table} AS SELECT seq, REPEAT('x', 1000) AS v FROM seq_1_to_50000`);
    await using victim = await Copying.start(servers);
    const { source, target } = victim;
    const stop = new AbortController();
    const reason = new Error('deadline');
    const abortedAt = Promise.withResolvers<number>();
    const onProgress = (): void => {
      if (stop.signal.aborted) return;
      stop.abort(reason);
      abortedAt.resolve(performance.now());
    };
    await expect(
      copying.copy(table, { method, source, target, signal: stop.signal, onProgress }),
    ).rejects.toBe(reason);
    expect(performance.now() - (await abortedAt.promise)).toBeLessThan(500);
    source.destroy();
    target.destroy();
    for (const [server, connection] of [
      [servers.source, source],
      [servers.target, target],
    ] as const) {
      const address = { label: 'server', socketPath: server.socketPath, user: 'root', password: '' };
      await endQuery(address, connection.threadId);
      await expect.poll(() => runs(server, connection)).toBe(false);
    }
  });

  it('does not begin once it is told to stop', async () => {
    await copying.fill(`CREATE TABLE ${name('never')} (id INT)`);
    await expect(copying.copy(name('never'), { method, signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });

  it.each(['source', 'target'] as const)('fails when its connection to the %s is killed', async side => {
    const table = name(`killed_${side}`);
    await copying.fill(`CREATE TABLE ${table} AS SELECT seq, REPEAT('x', 1000) AS v FROM seq_1_to_50000`);
    await using victim = await Copying.start(servers);
    const { source, target } = victim;
    let kill = (): void => {
      void servers[side].query(`KILL ${victim[side].threadId}`);
      kill = () => {};
    };
    const copy = copying.copy(table, { method, source, target, onProgress: () => kill() });
    await expect(copy).rejects.toMatchObject({ code: 'connection' });
  });

  it('names what is missing', async () => {
    await using victim = await Copying.start(servers);
    const { source, target } = victim;
    const gone = { database: copying.database, name: 'gone' };
    await copying.fill(`CREATE TABLE ${name('there')} AS SELECT 1 AS id`);
    await expect(
      copying.copy(name('there'), { method, source, target, stagingTable: gone }),
    ).rejects.toMatchObject({ code: 'schema', message: expect.stringContaining('gone') });
  });
});

describe('several copies at a time', () => {
  it.each<LoadMethod>(['load_data', 'insert', 'bulk'])('by %s never wait for each other', async method => {
    // Few rows and large ones: each fills chunks and sockets many times over, so that every reader is paused often.
    await copying.fill(
      `CREATE TABLE busy_${method} AS SELECT seq, REPEAT(CHAR(64 + seq), seq * 60000) AS v FROM seq_1_to_20`,
    );
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        await using other = await Copying.start(servers);
        const stagingTable = { database: other.database, name: 'busy' };
        await servers.target.query(`CREATE TABLE ${other.database}.busy (seq INT, v LONGTEXT)`);
        for (let round = 0; round < 3; round++) {
          await other.target.execute('TRUNCATE TABLE busy');
          const result = await copyTable({
            source: other.source,
            target: other.target,
            stagingTable,
            method,
            sourceTable: { database: copying.database, name: `busy_${method}` },
            columns: await copying.readColumns(`busy_${method}`),
            rewriter,
            maxAllowedPacket: 16 * 1024 * 1024,
            signal: AbortSignal.timeout(60_000),
          });
          expect(result.rows).toBe(20);
        }
      }),
    );
  });
});

describe('a row above the target packet size', () => {
  beforeAll(() =>
    copying.fill(
      'CREATE TABLE big_row (id INT PRIMARY KEY, v LONGTEXT)',
      `INSERT INTO big_row VALUES (1, 'small'), (2, REPEAT('x', 3000000))`,
    ),
  );
  afterEach(() => copying.target.execute('DROP TABLE big_row'));
  const small = { maxAllowedPacket: 1024 * 1024 };

  it.each<LoadMethod>(['insert', 'bulk'])('is named as too large by %s', async method => {
    await using victim = await Copying.start(servers);
    await expect(
      copying.copy('big_row', { ...small, method, source: victim.source, target: victim.target }),
    ).rejects.toMatchObject({ code: 'packet_too_large', details: { maxAllowedPacket: 1024 * 1024 } });
    // Its transaction holds the table until it is gone.
    victim.target.destroy();
  });

  it.each<LoadMethod>(['load_data', 'insert_and_load', 'bulk_and_load'])('passes by %s', async method => {
    await copying.verify('big_row', await copying.copy('big_row', { ...small, method }));
  });
});
