// What the target looks like afterwards: what came, what stayed, what is kept.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEnvironments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';

const NETWORK = { sites: 4, scale: 0.03 };
const LIVE = { sites: 6, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

describe('the swap', () => {
  it('keeps what was live, table by table, in the previous database', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, previous } = pair.target;
    await server.query(`CREATE TABLE ${database}.wp_3_only_here AS SELECT 1 AS id`);
    const before = await checksumTables(server, database);
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);

    const kept = await checksumTables(server, previous);
    for (const [table, checksum] of kept) expect([table, checksum]).toEqual([table, before.get(table)]);
    // All tables of a numbered site make way, also those that the new site doesn't have.
    expect([...kept.keys()]).toContain('wp_3_only_here');
    expect(await checksumTables(server, database, { like: 'wp\\_3\\_only\\_here' })).toEqual(new Map());
    // Sites 6 and 7 exist only on the target; users stay.
    for (const table of ['wp_6_posts', 'wp_7_options', 'wp_users', 'wp_usermeta']) {
      expect([...kept.keys()]).not.toContain(table);
      expect((await checksumTables(server, database)).get(table)).toBe(before.get(table));
    }
  });

  it('with --skip-backup keeps nothing', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes', '--skip-backup')).exitCode).toBe(0);
    expect(await checksumTables(pair.target.server, pair.target.previous)).toEqual(new Map());
  });

  it('a second migration replaces what the first one kept, and changes nothing else', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database, previous } = pair.target;
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    const first = await checksumTables(server, database);
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    expect(await checksumTables(server, database)).toEqual(first);
    for (const [table, checksum] of await checksumTables(server, previous))
      expect(checksum).toBe(first.get(table) ?? checksum);
  });
});

describe('network tables', () => {
  it('with --include-sites only those sites and their rows change', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database } = pair.target;
    await pair.source.server.query(
      `INSERT INTO ${pair.source.database}.wp_blogmeta VALUES (1, 3, 'k', 'https://prod.example.edu/site0002/'), (2, 4, 'k', 'not chosen')`,
    );
    await server.query(
      `INSERT INTO ${database}.wp_blogmeta VALUES (1, 5, 'k', 'stays, with a key that clashes'), (7, 3, 'k', 'goes')`,
    );
    const before = await checksumTables(server, database);
    const rowsBefore = await server.query(
      `SELECT * FROM ${database}.wp_blogs WHERE blog_id <> 3 ORDER BY blog_id`,
    );

    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes', '--include-sites', '3')).exitCode).toBe(0);

    const after = await checksumTables(server, database);
    const changed = [...after]
      .filter(([table, checksum]) => before.get(table) !== checksum)
      .map(([table]) => table);
    expect(changed.filter(table => !table.startsWith('wp_3_')).sort()).toEqual(['wp_blogmeta', 'wp_blogs']);
    expect(
      await server.query(`SELECT * FROM ${database}.wp_blogs WHERE blog_id <> 3 ORDER BY blog_id`),
    ).toEqual(rowsBefore);
    const [blog] = await server.query<{ domain: string }>(
      `SELECT domain FROM ${database}.wp_blogs WHERE blog_id = 3`,
    );
    expect(blog?.domain).toBe('stg.example.edu');
    const meta = await server.query(
      `SELECT blog_id, meta_value FROM ${database}.wp_blogmeta ORDER BY blog_id`,
    );
    expect(meta).toEqual([
      { blog_id: 3, meta_value: 'https://stg.example.edu/site0002/' },
      { blog_id: 5, meta_value: 'stays, with a key that clashes' },
    ]);
  });

  it('migrated whole, rows of sites that only the target has stay', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { server, database } = pair.target;
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes', '--network-only')).exitCode).toBe(0);
    const blogs = await server.query<{ blog_id: number; domain: string }>(
      `SELECT blog_id, domain FROM ${database}.wp_blogs ORDER BY blog_id`,
    );
    expect(blogs.map(blog => Number(blog.blog_id))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(blogs.map(blog => blog.domain))).toEqual(new Set(['stg.example.edu']));
  });
});

describe('another table prefix at the target (H23)', () => {
  it('gives every table its name there', async () => {
    await using pair = await createEnvironments(NETWORK);
    await pair.configure(config => {
      config.environments.stg.tablePrefix = 'stg9_';
    });
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    const tables = [...(await checksumTables(pair.target.server, pair.target.database)).keys()];
    expect(tables).toContain('stg9_posts');
    expect(tables).toContain('stg9_5_options');
    expect(tables).toContain('stg9_blogs');
    expect(tables.every(table => table.startsWith('stg9_'))).toBe(true);
    const { server, database } = pair.target;
    const roles = async (table: string): Promise<unknown[]> =>
      server.query(`SELECT option_name FROM ${database}.${table} WHERE option_name LIKE '%user_roles%'`);
    expect(await roles('stg9_options')).toEqual([{ option_name: 'stg9_user_roles' }]);
    expect(await roles('stg9_5_options')).toEqual([{ option_name: 'stg9_5_user_roles' }]);
  });
});

describe('the run directory', () => {
  it('has all its files, a correlation id in every line, and no secret anywhere', async () => {
    await using pair = await createEnvironments(NETWORK);
    const { stdout, exitCode } = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json');
    expect(exitCode).toBe(0);
    const { migrationId } = JSON.parse(stdout) as { migrationId: string };
    const read = (name: string): Promise<string> =>
      readFile(join(pair.cwd, 'logs', migrationId, name), 'utf8');

    const journal = (await read('migration-journal.jsonl'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(journal.map(line => line.seq)).toEqual(journal.map((_line, index) => index + 1));
    for (const line of journal)
      expect(line.correlationId).toMatch(new RegExp(`^${migrationId.slice(-6)}(/\\d+)?$`));
    expect(JSON.parse(await read('migration-state.json'))).toMatchObject({
      migrationId,
      status: 'completed',
      lastSeq: journal.length,
    });
    expect(JSON.parse(await read('migration-summary.json'))).toMatchObject({ status: 'completed' });
    expect(JSON.parse(await read('migration-plan.json')).digest).toBe(
      JSON.parse(await read('migration-config.json')).planDigest,
    );
    expect(await read('migration-progress.log')).toMatch(/site 3 .*completed/);
    for (const name of [
      'migration-journal.jsonl',
      'migration-state.json',
      'migration-config.json',
      'migration-plan.json',
      'migration-progress.log',
    ]) {
      for (const secret of Object.values(pair.env)) expect(await read(name)).not.toContain(secret);
    }
  });
});
