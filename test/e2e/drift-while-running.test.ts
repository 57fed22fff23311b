// H43: the source doesn't stand still while it is migrated. One run that is held at its first site, while everything that
// may happen to a site happens to the others.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { addTable, killAt, lockTable, ofType, readLines, waitForHeldQuery } from '../support/runs.ts';
import type { Outcome } from '../support/wfuwp.ts';

const NETWORK = { sites: 8, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

let pair: Environments;
let id: string;
let outcome: Outcome;
let summary: Summary;
let before: Map<string, string>;

const atSource = (sql: string): Promise<Record<string, unknown>[]> =>
  pair.source.server.query(`USE ${pair.source.database}; ${sql}`);
const atTarget = (sql: string): Promise<Record<string, unknown>[]> =>
  pair.target.server.query(`USE ${pair.target.database}; ${sql}`);

async function dropTables(query: typeof atSource, database: string, siteId: number): Promise<void> {
  const tables = await query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = '${database}' AND TABLE_NAME LIKE 'wp\\_${siteId}\\_%'`,
  );
  await query(`DROP TABLE ${tables.map(({ name }) => name).join(', ')}`);
}

const createSite = (siteId: number): Promise<unknown> =>
  atSource(
    `CREATE TABLE wp_${siteId}_posts LIKE wp_2_posts; CREATE TABLE wp_${siteId}_options LIKE wp_2_options;
     INSERT INTO wp_blogs SELECT ${siteId}, site_id, domain, '/new${siteId}/', registered, last_updated, public, archived,
       mature, spam, deleted, lang_id FROM wp_blogs WHERE blog_id = 2`,
  );

beforeAll(async () => {
  pair = await createEnvironments({ ...NETWORK, live: LIVE });
  const { source, target } = pair;
  await addTable(pair, 'wp_2_big');
  // To the target, sites 3 and 4 are new.
  for (const siteId of [3, 4]) {
    await dropTables(atTarget, target.database, siteId);
    await atTarget(`DELETE FROM wp_blogs WHERE blog_id = ${siteId}`);
  }
  before = await checksumTables(target.server, target.database);

  id = await killAt(pair, 'after migration.started', 1, 'env-migrate', 'prod', 'stg', '--yes');
  await createSite(20);
  // Meta of a site that was deleted long ago.
  await atSource(`INSERT INTO wp_blogmeta VALUES (91, 20, 'k', 'new'), (92, 4711, 'k', 'old')`);

  const held = await lockTable(source.server, `${source.database}.wp_2_big`);
  const running = pair.start('env-migrate', '--resume', id, '--yes', '--concurrency', '1', '--json');
  await waitForHeldQuery(source.server, source.database, 'wp_2_big');
  // As WordPress does it: its tables, then its row. Of site 4 the tables stay, of site 5 the target has some.
  await dropTables(atSource, source.database, 3);
  await atSource('DELETE FROM wp_blogs WHERE blog_id IN (3, 4, 5)');
  await createSite(21);
  await atSource(
    `UPDATE wp_blogs SET archived = 1 WHERE blog_id = 6; UPDATE wp_blogs SET path = '/moved/' WHERE blog_id = 7;
     CREATE TABLE wp_8_plugin (id INT PRIMARY KEY, url TEXT) CHARACTER SET utf8mb4;
     INSERT INTO wp_8_plugin VALUES (1, 'https://prod.example.edu/x');
     CREATE TABLE wp_8_orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED NOT NULL,
       FOREIGN KEY (user_id) REFERENCES wp_users (ID));
     CREATE VIEW wp_8_seen AS SELECT ID FROM wp_8_posts;
     DROP TABLE wp_8_redirects;
     ALTER TABLE wp_8_posts ADD COLUMN extra TEXT; UPDATE wp_8_posts SET extra = 'https://prod.example.edu/extra';
     DROP TABLE wp_9_options;
     CREATE TABLE wp_main_plugin (id INT PRIMARY KEY)`,
  );
  // And at the target somebody works as well.
  await atTarget(
    `CREATE TABLE wp_8_made (id INT PRIMARY KEY); CREATE TABLE wp_77_posts LIKE wp_9_posts;
     INSERT INTO wp_blogs SELECT 77, site_id, domain, '/made/', registered, last_updated, public, archived, mature, spam,
       deleted, lang_id FROM wp_blogs WHERE blog_id = 2`,
  );
  await held[Symbol.asyncDispose]();
  const { exitCode, stdout, stderr } = await running;
  outcome = { exitCode, stdout, stderr };
  summary = JSON.parse(outcome.stdout) as Summary;
});
afterAll(() => pair[Symbol.asyncDispose]());

const driftOf = (siteId: number): string[] =>
  summary.drift.filter(drift => drift.siteId === siteId).map(drift => `${drift.kind}: ${drift.message}`);

describe('H43 while a run goes on', () => {
  it('only the site that lost what WordPress needs fails; deleted ones are skipped', () => {
    expect(outcome.exitCode, outcome.stderr).toBe(3);
    expect(summary.sites).toMatchObject({ total: 9, completed: 5, skipped: 3, failed: 1, unchanged: 0 });
    expect(summary.unchanged).toEqual([]);
    expect(summary.failures).toMatchObject([
      {
        code: 'schema',
        siteIds: [9],
        example: { message: expect.stringContaining('wp_9_options is gone from the source') },
      },
    ]);
  });

  it('a deleted site leaves no dead row: marked deleted where the target has no tables of it', async () => {
    for (const siteId of [3, 4]) {
      expect(driftOf(siteId)).toEqual([
        expect.stringMatching(/^site_deleted: .*its row in wp_blogs is marked deleted there/),
      ]);
    }
    expect(driftOf(5)).toEqual([expect.stringMatching(/^site_deleted: .*stays as it is/)]);
    expect(await atTarget('SELECT blog_id AS id, deleted FROM wp_blogs WHERE blog_id IN (3, 4, 5)')).toEqual([
      { id: 3, deleted: 1 },
      { id: 4, deleted: 1 },
      { id: 5, deleted: 0 },
    ]);
    const live = await checksumTables(pair.target.server, pair.target.database);
    expect([...live.keys()].filter(name => /^wp_[34]_/.test(name))).toEqual([]);
    expect(live.get('wp_5_posts')).toBe(before.get('wp_5_posts'));
  });

  it('a site that was created meanwhile is told and not half there', async () => {
    for (const siteId of [20, 21])
      expect(driftOf(siteId)).toEqual([expect.stringMatching(/^site_created: .*--include-sites 2/)]);
    expect(await atTarget('SELECT blog_id FROM wp_blogs WHERE blog_id IN (20, 21)')).toEqual([]);
    expect(await atTarget('SELECT blog_id FROM wp_blogmeta WHERE meta_id > 90')).toEqual([{ blog_id: 4711 }]);
  });

  it('a site that was archived or moved is as the network tables were copied, and told', async () => {
    expect(driftOf(6)).toEqual([expect.stringMatching(/^site_changed: it has become archived/)]);
    expect(driftOf(7)).toEqual([expect.stringMatching(/^site_changed: .* to prod\.example\.edu\/moved\//)]);
    const rows = await atTarget('SELECT archived, path FROM wp_blogs WHERE blog_id IN (6, 7)');
    expect(rows).toMatchObject([{ archived: 0 }, { path: expect.not.stringContaining('moved') }]);
  });

  it('tables that came, went or were altered are as they were at the turn of their site', async () => {
    expect(driftOf(8)).toHaveLength(1);
    for (const said of [
      'wp_8_redirects gone from the source',
      'wp_8_plugin new at the source, and copied with it',
      'wp_8_orders new at the source, and not copied: a foreign key leads out of the site, to wp_users',
      'wp_8_seen new at the source, and not copied: it is a view',
    ])
      expect(driftOf(8)[0]).toContain(said);
    expect(driftOf(1)).toEqual([expect.stringContaining('wp_main_plugin new at the source, and not copied')]);
    expect(await atTarget('SELECT url FROM wp_8_plugin')).toEqual([{ url: 'https://stg.example.edu/x' }]);
    expect(await atTarget('SELECT DISTINCT extra FROM wp_8_posts')).toEqual([
      { extra: 'https://stg.example.edu/extra' },
    ]);
    const live = await checksumTables(pair.target.server, pair.target.database, { like: 'wp\\_8\\_%' });
    const gone = ['wp_8_redirects', 'wp_8_orders', 'wp_8_seen', 'wp_8_made'];
    expect([...live.keys()].filter(name => gone.includes(name))).toEqual([]);
  });

  it('what was made at the target stays, or is kept with what the site was before', async () => {
    expect(await atTarget('SELECT path FROM wp_blogs WHERE blog_id = 77')).toEqual([{ path: '/made/' }]);
    expect((await checksumTables(pair.target.server, pair.target.database)).has('wp_77_posts')).toBe(true);
    expect((await checksumTables(pair.target.server, pair.target.previous)).has('wp_8_made')).toBe(true);
  });

  it('it is in the journal before the deed, in the text, and a resume is not confused by it', async () => {
    const lines = await readLines(join(pair.cwd, 'logs', id));
    const found = ofType(lines, 'drift.found');
    expect(found.every(line => line.level === 'warn')).toBe(true);
    const of3 = lines.filter(line => 'siteId' in line && line.siteId === 3).map(line => line.type);
    expect(of3.indexOf('drift.found')).toBeLessThan(of3.indexOf('site.skipped'));
    const log = await pair.run('env-migrate', 'log', id, '--level', 'warn');
    expect(log.stdout).toContain('CHANGED AT THE SOURCE: deleted at the source before its turn');

    // Else the plan of a resume would refuse its foreign key.
    await atSource('DROP TABLE wp_8_orders');
    await atSource(
      'CREATE TABLE wp_9_options LIKE wp_2_options; INSERT INTO wp_9_options SELECT * FROM wp_2_options',
    );
    const again = await pair.run('env-migrate', '--resume', id, '--yes', '--retry-failed');
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stdout + again.stderr).toContain('The source has changed since the plan was made:');
    expect(again.stdout + again.stderr).toContain('6 of 9 sites migrated (3 skipped)');
  });

  it('and it is taken back as a whole', async () => {
    const back = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(back.exitCode, back.stderr).toBe(0);
    const after = await checksumTables(pair.target.server, pair.target.database);
    for (const name of ['wp_77_posts', 'wp_8_made']) after.delete(name);
    // The row of site 77 came after the network tables were swapped, and went with them.
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
  });
});
